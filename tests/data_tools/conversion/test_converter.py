import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import h5py
import numpy as np
import pytest

from data_tools.conversion import EmptyImages, RepeatedEvents, convert, sources, spool
from data_tools.defects import Policies
from data_tools.description import Adc
from data_tools.errors import (
    BadEntry,
    BadOption,
    CorruptFile,
    DatasetExists,
    DuplicateInput,
    NotADataset,
    ProducerNotFound,
    ShapeMismatch,
    TooFewEvents,
    UnknownPDG,
)
from data_tools.readers.larcv.reader import LarcvReader
from data_tools.tfrecords.dataset import open_dataset
from data_tools.tfrecords.manifest import HitsPerEvent
from data_tools.tfrecords.verification import find_faults

SAMPLES = ["train=20", "testA=10", "testB"]


def shard_bytes(directory):
    return {path.name: path.read_bytes() for path in directory.glob("*.tfrecord")}


def stored_events(data):
    """(row of the event table, image) of every event of all samples."""
    for sample in data.samples:
        table = data.events(sample)
        images = np.concatenate([images for images, _ in data.tf_dataset(sample, 7).as_numpy_iterator()])
        yield from zip(table.itertuples(), images)


@pytest.mark.parametrize("name", ["larcv2_256", "larcv2_row_order"])
def test_converted_events_equal_their_source_bit_for_bit(name, request, tmp_path, truth_of):
    path = request.getfixturevalue(name)
    truth = truth_of(path.stem)
    data = convert(path, tmp_path / "out", ["train=10", "testB"])
    stored = list(stored_events(data))
    assert sorted(event.entry for event, _ in stored) == list(range(truth.entries))
    for event, image in stored:
        assert np.array_equal(image, truth.image(event.entry))
        pdg = truth.fields["pdg"][event.entry]
        assert event.pdg == pdg
        assert event.label == [11, 22, 13, 211, 2212].index(abs(pdg))
        assert event.npx_V == np.count_nonzero(image[..., 1])
        near = {"rel": 1e-5, "abs": 1e-6}
        momentum = np.array([truth.fields[f"p{axis}"][event.entry] for axis in "xyz"])
        assert event.momentum == pytest.approx(np.linalg.norm(momentum), **near)
        assert [event.direction_x, event.direction_y, event.direction_z] == pytest.approx(
            momentum / event.momentum, **near
        )
        for name in ("energy_init", "energy_deposit"):
            assert getattr(event, name) == pytest.approx(1000 * truth.fields[name][event.entry], **near)
        vertex = [truth.fields[axis][event.entry] for axis in "xyz"]
        assert [event.vertex_x, event.vertex_y, event.vertex_z] == pytest.approx(vertex, **near)


def test_the_manifest_tells_what_is_in_the_directory(small_data):
    manifest = small_data.manifest
    assert manifest.image_shape == (64, 64, 3)
    assert manifest.adc == Adc("ADC", down_sample=4, threshold=None, crop=None)
    (source,) = manifest.sources
    assert (source.entries, source.kept, source.not_asked_for, source.rejected) == (40, 40, 0, {})
    for name, events in (("train", 20), ("testA", 10), ("testB", 10)):
        sample = manifest.samples[name]
        assert sample.events == events == sum(shard.events for shard in sample.shards)
        assert set(sample.events_per_class.values()) == {events // 5}
        assert len(sample.shards) == 3
        hits = small_data.events(name).filter(like="npx").sum(axis=1)
        assert sample.hits_per_event == HitsPerEvent(pytest.approx(hits.mean(), abs=0.01), hits.max())


@pytest.mark.filterwarnings("ignore::data_tools.conversion.RepeatedEvents")
def test_neither_paths_nor_the_order_of_inputs_change_a_byte(larcv2_256, larcv2_unknown_pdg, tmp_path):
    other = larcv2_unknown_pdg
    renamed = [shutil.copy(larcv2_256, tmp_path / "z.root"), shutil.copy(other, tmp_path / "a.root")]
    first = convert([larcv2_256, other], tmp_path / "1", SAMPLES, on={"unknown-pdg": "skip"}, seed=3)
    second = convert(renamed, tmp_path / "2", SAMPLES, on={"unknown-pdg": "skip"}, seed=3)
    third = convert(renamed, tmp_path / "3", SAMPLES, on={"unknown-pdg": "skip"}, seed=4)
    assert shard_bytes(first.directory) == shard_bytes(second.directory)
    assert first.fingerprint == second.fingerprint != third.fingerprint


def test_an_interrupted_conversion_is_no_data_set_and_goes_on_to_the_same_bytes(larcv2_256, tmp_path, monkeypatch):
    whole = convert(larcv2_256, tmp_path / "whole", SAMPLES)
    monkeypatch.setattr(spool, "ENTRIES_PER_PART", 10)
    made, real = [], spool.make_part

    def stops_at_the_third(*arguments):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(real(*arguments))

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(spool, "make_part", stops_at_the_third)
        convert(larcv2_256, tmp_path / "cut", SAMPLES)
    with pytest.raises(NotADataset):
        open_dataset(tmp_path / "cut")
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cut").rglob("*.npz")}
    assert len(kept) == 2
    cut = convert(larcv2_256, tmp_path / "cut", SAMPLES)
    assert shard_bytes(cut.directory) == shard_bytes(whole.directory)
    assert [path.name for path in cut.directory.iterdir() if path.name.startswith(".")] == []


def test_what_an_interrupted_conversion_with_other_options_left_does_not_stay(larcv2_256, tmp_path):
    (tmp_path / "out" / ".converting").mkdir(parents=True)
    for name in ("train-00000-of-00099.tfrecord", ".aside-1-train-00001-of-00099.tfrecord", "mine.txt"):
        (tmp_path / "out" / name).write_text("left")
    data = convert(larcv2_256, tmp_path / "out", SAMPLES)
    listed = {shard.file for sample in data.manifest.samples.values() for shard in sample.shards}
    assert {path.name for path in data.directory.iterdir()} == listed | {"manifest.json", "mine.txt"}


def test_a_directory_of_something_else_is_left_alone(larcv2_256, tmp_path):
    (tmp_path / "train-00000-of-00008.tfrecord").write_text("precious")
    with pytest.raises(DatasetExists, match="is not empty and holds no data set"):
        convert(larcv2_256, tmp_path, SAMPLES)
    assert [path.name for path in tmp_path.iterdir()] == ["train-00000-of-00008.tfrecord"]


def test_classes_in_another_order_are_another_data_set(larcv2_256, tmp_path):
    classes = ["shower=11,22", "track=13,211,2212"]
    convert(larcv2_256, tmp_path / "out", ["all"], classes=classes)
    with pytest.raises(DatasetExists, match="classes was"):
        convert(larcv2_256, tmp_path / "out", ["all"], classes=classes[::-1])


def test_another_producer_is_another_data_set(larcv2_256, tmp_path, monkeypatch):
    data = convert(larcv2_256, tmp_path / "out", SAMPLES)
    assert data.sources[0].trees == ("image2d_data_tree", "particle_mctruth_tree")
    real = LarcvReader.__init__

    def other_producer(self, *arguments):
        real(self, *arguments)
        self.trees = ("image2d_wire_tree", self.trees[1])

    monkeypatch.setattr(LarcvReader, "__init__", other_producer)
    with pytest.raises(DatasetExists, match="trees was"):
        convert(larcv2_256, tmp_path / "out", SAMPLES)


def test_more_parts_than_a_process_may_hold_open(larcv2_256, tmp_path, monkeypatch):
    whole = convert(larcv2_256, tmp_path / "whole", SAMPLES)
    monkeypatch.setattr(spool, "ENTRIES_PER_PART", 1)
    monkeypatch.setattr(spool, "_OPEN_PARTS", 2)
    parts = convert(larcv2_256, tmp_path / "parts", SAMPLES)
    assert shard_bytes(parts.directory) == shard_bytes(whole.directory)


def test_the_choice_of_events_is_not_the_first_ones(larcv2_256, tmp_path):
    data = convert(larcv2_256, tmp_path / "out", ["train=20", "rest"])
    per_class = data.events("train").groupby("label")["entry"].apply(sorted)
    first = data.events("train").merge(data.events("rest"), how="outer").groupby("label")["entry"].apply(sorted)
    assert any(chosen != entries[:4] for chosen, entries in zip(per_class, first))


def test_a_finished_data_set_is_opened_again_and_other_options_are_refused(larcv2_256, tmp_path):
    data = convert(larcv2_256, tmp_path / "out", SAMPLES)
    before = (data.directory / "manifest.json").stat().st_mtime_ns
    convert(larcv2_256, tmp_path / "out", SAMPLES)
    assert (data.directory / "manifest.json").stat().st_mtime_ns == before
    with pytest.raises(DatasetExists, match="made in another way: seed was 0, now 5; down_sample was 1, now 2"):
        convert(larcv2_256, tmp_path / "out", SAMPLES, seed=5, down_sample=2)


def test_the_threshold_acts_after_down_sampling(larcv2_256, tmp_path, truth_of):
    data = convert(larcv2_256, tmp_path / "out", ["all"], down_sample=4, threshold=30)
    truth = truth_of("larcv2_256")
    for event, image in stored_events(data):
        coarse = truth.image(event.entry).reshape(64, 4, 64, 4, 3).sum(axis=(1, 3))
        assert np.allclose(image, np.where(coarse >= 30, coarse, 0))


def test_classes_of_ones_own_and_unknown_codes(larcv2_256, tmp_path):
    classes = ["shower=11,22", "track=13"]
    with pytest.raises(UnknownPDG, match=r"211 \(8 events\), 2212 \(8 events\)"):
        convert(larcv2_256, tmp_path / "out", ["train"], classes=classes)
    data = convert(larcv2_256, tmp_path / "out", ["train"], classes=classes, on={"unknown-pdg": "skip"})
    assert data.classes == ("shower", "track")
    assert data.sample("train").events_per_class == {"shower": 16, "track": 8}
    assert data.sources[0].rejected == {"unknown-pdg": 16}


def test_the_same_source_twice(larcv2_256, tmp_path):
    shutil.copy(larcv2_256, tmp_path / "copy.root")
    with pytest.raises(DuplicateInput, match="have the same content"):
        convert([larcv2_256, tmp_path / "copy.root"], tmp_path / "out", ["train"])


def test_an_event_that_is_there_twice_is_refused(larcv2_256, fixture_file, tmp_path):
    # The first five events of larcv2_256 in another compression.
    with pytest.raises(DuplicateInput, match=r"same run, subrun, event and hits: .*, entry 0 and .*, entry 0"):
        convert([larcv2_256, fixture_file("larcv2_zstd_5.root")], tmp_path / "out", ["all"])


def test_repeated_event_numbers_with_other_hits_are_warned_of(larcv2_256, larcv2_unknown_pdg, tmp_path):
    with pytest.warns(RepeatedEvents, match=r"24 events share their \(run, subrun, event\)"):
        data = convert([larcv2_256, larcv2_unknown_pdg], tmp_path / "out", ["all"], on={"unknown-pdg": "skip"})
    assert data.size("all") == 52


def test_unknown_codes_of_a_real_file_are_listed_and_left_out_on_request(larcv2_unknown_pdg, tmp_path, truth_of):
    with pytest.raises(UnknownPDG, match=r"-13 \(2 events\), -11 \(2 events\), 0 \(2 events\), 321 \(2 events\)"):
        convert(larcv2_unknown_pdg, tmp_path / "out", ["all"])
    data = convert(larcv2_unknown_pdg, tmp_path / "out", ["all"], on={"unknown-pdg": "skip"})
    kept = [(event.entry, event.pdg) for event, _ in stored_events(data)]
    pdg = truth_of("larcv2_unknown_pdg").fields["pdg"]
    known = [entry for entry, code in enumerate(pdg) if code in (11, 22, 13, 211, -211, 2212)]
    assert sorted(kept) == [(entry, pdg[entry]) for entry in known]
    assert data.sources[0].rejected == {"unknown-pdg": 8}


def test_images_of_different_shapes(larcv2_256, larcv2_row_order, tmp_path):
    with pytest.raises(ShapeMismatch, match=r"\(192, 320, 3\).*\(256, 256, 3\)|\(256, 256, 3\).*\(192, 320, 3\)"):
        convert([larcv2_256, larcv2_row_order], tmp_path / "out", ["train"])


def test_too_few_events_are_noticed_before_any_pixel_is_read(larcv2_256, tmp_path):
    with pytest.raises(TooFewEvents, match="testA=50 needs 10 events of each class"):
        convert(larcv2_256, tmp_path / "out", ["testA=50"])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options",
    [{"shards": 0}, {"down_sample": 0}, {"down_sample": 7}, {"value_dtype": "int8"}, {"threshold": float("nan")}],
)
def test_options_that_cannot_be(options, larcv2_256, tmp_path):
    with pytest.raises(BadOption):
        convert(larcv2_256, tmp_path / "out", ["train"], **options)
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("name", "on", "noticed", "rejected"),
    [
        ("larcv2_accum", {}, {"accumulated": 9}, {}),
        ("larcv2_accum", {"accumulated": "skip"}, {}, {"accumulated": 9}),
        ("larcv2_missing_plane", {"missing-plane": "empty"}, {"missing-plane": 6}, {}),
        ("larcv2_missing_plane", {"missing-plane": "skip"}, {}, {"missing-plane": 6}),
        ("larcv2_nan", {"bad-pixels": "zero"}, {"bad-pixels": 4}, {}),
        ("larcv2_nan", {"bad-pixels": "skip"}, {}, {"bad-pixels": 4}),
        ("larcv2_multi_particle", {}, {"several-particles": 25}, {}),
        ("larcv2_mismatch", {"mismatch": "match"}, {}, {"mismatch": 3}),
        ("larcv1_10", {}, {"neutrino": 1, "several-particles": 2}, {}),
        ("larcv1_10", {"neutrino": "skip", "several-particles": "skip"}, {}, {"neutrino": 1, "several-particles": 1}),
        ("larcv2_unknown_pdg", {"unknown-pdg": "skip"}, {}, {"unknown-pdg": 8}),
    ],
)
def test_every_defect_is_counted_in_the_manifest(name, on, noticed, rejected, fixture_file, tmp_path):
    data = convert(fixture_file(f"{name}.root"), tmp_path / "out", ["all"], on=on)
    (source,) = data.sources
    assert source.noticed == noticed
    assert source.rejected == rejected
    assert source.entries == source.kept + sum(rejected.values())
    assert data.manifest.made_with.policies == Policies(on)
    assert find_faults(data.directory) == []


def test_empty_events(larcv2_256, tmp_path):
    # No hit reaches this threshold in some events.
    data = convert(larcv2_256, tmp_path / "kept", ["all"], threshold=600)
    empty = data.sources[0].noticed["empty"]
    assert 0 < empty < 40 == data.size("all")
    assert (data.events("all").filter(like="npx").sum(axis=1) == 0).sum() == empty
    data = convert(larcv2_256, tmp_path / "skipped", ["all"], threshold=600, on={"empty": "skip"})
    assert data.sources[0].rejected == {"empty": empty}
    assert data.size("all") == 40 - empty
    with pytest.raises(
        BadEntry, match=r'larcv2_256\.root, entry \d+: no hits .*on=\{"empty": "keep"\} or \{"empty": "skip"\}'
    ):
        convert(larcv2_256, tmp_path / "stopped", ["all"], threshold=600, on={"empty": "stop"})


def test_a_truncated_file_stops_or_is_left_out_whole(larcv2_256, tmp_path):
    content = larcv2_256.read_bytes()
    (tmp_path / "cut.root").write_bytes(content[: len(content) * 6 // 10])
    inputs = [larcv2_256, tmp_path / "cut.root"]
    with pytest.raises(CorruptFile, match=r'cut\.root: .*truncated.*on=\{"truncated": "skip"\}'):
        convert(inputs, tmp_path / "out", ["all"])
    data = convert(inputs, tmp_path / "out", ["all"], on={"truncated": "skip"})
    assert data.size("all") == 40
    (left_out,) = [source for source in data.sources if source.path.endswith("cut.root")]
    assert left_out.noticed == {"truncated": 1} and left_out.entries == 0
    assert find_faults(data.directory) == []


def test_a_corrupt_entry_is_left_out_and_nothing_else(larcv2_copy, basket_of_entry, tmp_path, truth_of):
    position, size = basket_of_entry(6)
    content = bytearray(larcv2_copy.read_bytes())
    content[position + size // 2] ^= 0xFF
    larcv2_copy.write_bytes(content)
    with pytest.raises(CorruptFile, match="entry 6 cannot be read"):
        convert(larcv2_copy, tmp_path / "stopped", ["all"])
    data = convert(larcv2_copy, tmp_path / "out", ["all"], on={"corrupt": "skip"})
    assert data.sources[0].rejected == {"corrupt": 1}
    stored = list(stored_events(data))
    assert sorted(event.entry for event, _ in stored) == [entry for entry in range(40) if entry != 6]
    for event, image in stored:
        assert np.array_equal(image, truth_of("larcv2_256").image(event.entry))


@pytest.mark.parametrize("name", ["larcv1_detector_3.root", "larcv2_images_only_5.root"])
def test_files_without_truth_become_an_unlabelled_sample(name, fixture_file, tmp_path):
    data = convert(fixture_file(name), tmp_path / "out", ["data"])
    assert not data.labelled("data")
    assert set(data.events("data")["label"]) == {-1}
    assert sum(data.sample("data").events_per_class.values()) == 0
    assert not data.sources[0].labelled
    with pytest.raises(TooFewEvents, match="have no truth, so they cannot be taken equally"):
        convert(fixture_file(name), tmp_path / "more", ["train=5"])


def test_events_with_and_without_truth_do_not_mix(fixture_file, tmp_path):
    inputs = [fixture_file("larcv2_256.root"), fixture_file("larcv2_images_only_5.root")]
    with pytest.raises(BadOption, match="Sample all would mix 40 events with truth and 5 without"):
        convert(inputs, tmp_path / "out", ["all"])
    with pytest.raises(DuplicateInput, match="same run, subrun, event and hits"):
        convert(inputs, tmp_path / "out", ["train@*_256.root", "data@*images_only*"])


def test_a_selection_keeps_what_fulfils_it_and_counts_the_rest(larcv2_256, tmp_path):
    everything = convert(larcv2_256, tmp_path / "all", ["all"]).events("all")
    data = convert(larcv2_256, tmp_path / "some", ["all"], select="momentum > 300 and hits_Y >= 100 and pdg != 13")
    expected = everything[(everything.momentum > 300) & (everything.npx_Y >= 100) & (everything.pdg != 13)]
    assert sorted(data.events("all").entry) == sorted(expected.entry)
    assert 0 < len(expected) < 40
    assert data.sources[0].rejected == {"not selected": 40 - len(expected)}
    with pytest.raises(BadOption, match='select="momentun > 3"'):
        convert(larcv2_256, tmp_path / "none", ["all"], select="momentun > 3")
    with pytest.raises(TooFewEvents, match='select="momentum < 0" keeps none of 40 events'):
        convert(larcv2_256, tmp_path / "none", ["all"], select="momentum < 0")


def test_a_crop_cuts_the_window_that_its_offset_tells(larcv2_256, tmp_path, truth_of):
    data = convert(larcv2_256, tmp_path / "out", ["all"], crop="200x180")
    assert data.image_shape == (200, 180, 3)
    assert data.manifest.adc.crop == (200, 180)
    cut = 0
    for event, image in stored_events(data):
        whole = truth_of("larcv2_256").image(event.entry)
        columns = (event.offset_col_U, event.offset_col_V, event.offset_col_Y)
        for plane, col in enumerate(columns):
            piece = whole[event.offset_row : event.offset_row + 200, col : col + 180, plane]
            assert np.array_equal(image[..., plane], piece)
        cut += np.count_nonzero(image) < np.count_nonzero(whole)
    assert data.sources[0].noticed == {"cut-hits": cut}
    assert 0 < cut < 40
    with pytest.raises(BadOption, match='crop="300x80": larger than the images of 256 x 256'):
        convert(larcv2_256, tmp_path / "more", ["all"], crop="300x80")


def test_other_pixels_of_the_same_shape_are_other_images(larcv2_256, fixture_file, tmp_path, monkeypatch):
    real = LarcvReader.__init__

    def coarser(self, path, *arguments):
        real(self, path, *arguments)
        if path.name == "larcv2_mismatch.root":
            self.pixel_cm = (1.0, 0.5)

    monkeypatch.setattr(LarcvReader, "__init__", coarser)
    with pytest.raises(ShapeMismatch, match=r"pixels of \(\d\.\d, 0\.5\) cm"):
        convert([larcv2_256, fixture_file("larcv2_mismatch.root")], tmp_path / "out", ["all"], on={"mismatch": "match"})


def test_the_size_of_a_pixel_grows_with_down_sampling(larcv2_256, fixture_file, tmp_path):
    assert convert(larcv2_256, tmp_path / "cm", ["all"], down_sample=4).pixel_cm == (2.0, 2.0)
    assert convert(fixture_file("larcv1_10.root"), tmp_path / "no", ["all"]).pixel_cm is None


def test_a_full_disk_ends_in_an_error_that_names_the_file(larcv2_256, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        with pytest.raises(OSError, match="No space left on device") as error:
            convert(larcv2_256, disk / "out", ["all"])
        assert str(disk / "out") in error.value.filename
        assert not (disk / "out" / "manifest.json").exists()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_file_that_was_replaced_is_read_anew(larcv3_copy, tmp_path):
    first = convert(larcv3_copy, tmp_path / "first", ["all"])
    with h5py.File(larcv3_copy, "r+") as file:
        particles = file["Data/particle_mctruth_group/particles"][:]
        particles["pdg"] = np.roll(particles["pdg"], 1)
        file["Data/particle_mctruth_group/particles"][:] = particles
    second = convert(larcv3_copy, tmp_path / "second", ["all"])
    for data in (first, second):
        for event, label in data.iterate("all"):
            assert label == [11, 22, 13, 211, 2212].index(abs(event.truth.pdg))
    codes = [{event.entry: event.truth.pdg for event, _ in data.iterate("all")} for data in (first, second)]
    assert all(codes[1][entry] == codes[0][(entry - 1) % 20] for entry in range(20))


def test_a_file_that_changes_during_the_conversion_is_noticed(larcv3_copy, tmp_path, monkeypatch):
    real = spool.make_part

    def change_first(part, advance):
        with h5py.File(larcv3_copy, "r+") as file:
            particles = file["Data/particle_mctruth_group/particles"][:]
            particles["pdg"] = np.roll(particles["pdg"], 1)
            file["Data/particle_mctruth_group/particles"][:] = particles
        real(part, advance)

    monkeypatch.setattr(spool, "make_part", change_first)
    with pytest.raises(CorruptFile, match=r"copy\.h5, entry 0: PDG code \d+, but \d+ when the file was opened"):
        convert(larcv3_copy, tmp_path / "out", ["all"])


def test_names_that_a_pattern_matched_before_are_another_data_set(larcv2_256, fixture_file, tmp_path):
    accumulated = fixture_file("larcv2_accum.root")
    samples, output = ["train@train*", "test@test*"], tmp_path / "out"
    with pytest.warns(RepeatedEvents):
        inputs = [shutil.copy(larcv2_256, tmp_path / "train.root"), shutil.copy(accumulated, tmp_path / "test.root")]
        convert(inputs, output, samples)
    inputs = [shutil.copy(larcv2_256, tmp_path / "test.root"), shutil.copy(accumulated, tmp_path / "train.root")]
    with pytest.raises(DatasetExists, match="taken_from was"):
        convert(inputs, output, samples)


def test_truth_that_is_not_finite(larcv3_copy, tmp_path):
    with h5py.File(larcv3_copy, "r+") as file:
        particles = file["Data/particle_mctruth_group/particles"][:]
        particles["px"][3] = np.nan
        particles["vtx"]["x"][4] = np.finfo(np.float64).max  # what LArCV leaves unset
        file["Data/particle_mctruth_group/particles"][:] = particles
    data = convert(larcv3_copy, tmp_path / "kept", ["all"])
    assert data.sources[0].noticed == {"bad-truth": 2}
    data = convert(larcv3_copy, tmp_path / "skipped", ["all"], on={"bad-truth": "skip"})
    assert data.sources[0].rejected == {"bad-truth": 2}
    with pytest.raises(BadEntry, match="entry 3: the truth has NaN"):
        convert(larcv3_copy, tmp_path / "stopped", ["all"], on={"bad-truth": "stop"})


def test_values_that_are_zero_in_float16(larcv3_copy, tmp_path):
    with h5py.File(larcv3_copy, "r+") as file:
        file["Data/image2d_data_group/images"][:] = file["Data/image2d_data_group/images"][:] * 1e-10
    with pytest.raises(BadEntry, match=r"copy\.h5: Entry \d+: .* ADC would be 0 in float16; use float32"):
        convert(larcv3_copy, tmp_path / "out", ["all"], value_dtype="float16")


def test_options_are_checked_before_the_inputs_are_hashed(tmp_path):
    (tmp_path / "text.root").write_text("hello")
    for options in ({"select": "momentum >"}, {"workers": 0}, {"seed": -1}, {"shards": 100_000}, {"threshold": -1}):
        with pytest.raises(BadOption, match=f"^{next(iter(options))}="):
            convert(tmp_path / "text.root", tmp_path / "out", ["all"], **options)


def test_what_was_left_out_is_said_where_nothing_is_left(fixture_file, tmp_path):
    with pytest.raises(TooFewEvents, match="No event is left to convert: the policies leave out all 25 entries"):
        convert(fixture_file("larcv2_multi_particle.root"), tmp_path / "o", ["all"], on={"several-particles": "skip"})


def test_an_output_that_is_a_file(larcv2_256, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DatasetExists, match="is a file"):
        convert(larcv2_256, tmp_path / "out", ["all"])


def test_images_of_one_pixel_are_warned_of(larcv2_256, tmp_path):
    with pytest.warns(EmptyImages, match="^down_sample=256 leaves images of 1 x 1 pixel"):
        convert(larcv2_256, tmp_path / "summed", ["all"], down_sample=256)
    with pytest.warns(EmptyImages, match='^crop="1x1" leaves'):
        convert(larcv2_256, tmp_path / "cropped", ["all"], crop="1x1")


def test_a_threshold_above_every_pixel_is_warned_of(larcv2_256, tmp_path):
    with pytest.warns(EmptyImages, match="^threshold=100000.0: not one of 40 events has a hit") as warned:
        convert(larcv2_256, tmp_path / "out", ["all"], threshold=1e5)
    assert [Path(warning.filename) for warning in warned] == [Path(__file__)]


def test_what_is_not_in_the_files_is_said_before_they_are_hashed(larcv2_256, tmp_path, monkeypatch):
    def hashed(paths):
        raise AssertionError("hashed")

    monkeypatch.setattr(sources, "hash_all", hashed)
    with pytest.raises(ProducerNotFound, match='0 products fit image_producer="wire"'):
        convert(larcv2_256, tmp_path / "out", ["all"], image_producer="wire")
    with pytest.raises(BadOption, match="down_sample=7 does not divide images of 256 x 256"):
        convert(larcv2_256, tmp_path / "out", ["all"], down_sample=7)
    with pytest.raises(BadOption, match='crop="300x80": larger'):
        convert(larcv2_256, tmp_path / "out", ["all"], crop="300x80")
    assert not (tmp_path / "out").exists()


def test_two_processes_into_one_output(larcv2_256, tmp_path):
    slow = """
        import sys
        from data_tools.conversion import convert, spool

        real = spool.make_part

        def slowly(part, advance):
            print("reading", flush=True)
            sys.stdin.readline()
            real(part, advance)

        spool.make_part = slowly
        convert(sys.argv[1], sys.argv[2], ["all"])
    """
    command = [sys.executable, "-c", textwrap.dedent(slow), larcv2_256, tmp_path / "out"]
    second = [sys.executable, "-c", "from data_tools.cli.convert import main; main()", larcv2_256]
    second += ["--output", tmp_path / "out", "--sample", "all"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "reading\n"
        result = subprocess.run(second, capture_output=True, text=True)
        assert result.returncode == 1
        assert "out: another process writes to this data set. Wait for it, or stop it." in result.stderr
        first.communicate("\n")
    assert first.returncode == 0
    assert open_dataset(tmp_path / "out").size("all") == 40
    assert find_faults(tmp_path / "out") == []
    result = subprocess.run(second, capture_output=True, text=True)
    assert "out holds this data set already; nothing was converted." in result.stdout
