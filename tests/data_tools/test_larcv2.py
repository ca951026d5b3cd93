import numpy as np
import pytest

from data_tools.errors import BadEntry, CorruptFile, InputNotFound, NotLArCV, ProducerNotFound, TruthMismatch
from data_tools.larcv import open_file


@pytest.mark.parametrize("name", ["larcv2_256", "larcv2_row_order"])
def test_images_and_truth_are_those_of_the_file_bit_for_bit(name, request, truth_of):
    path = request.getfixturevalue(name)
    truth, reader = truth_of(path), open_file(path)
    assert reader.shape == (truth.rows, truth.cols, 3)
    assert reader.planes == (0, 1, 2)
    assert reader.trees == ("image2d_data_tree", "particle_mctruth_tree")
    events = list(reader.events())
    assert [event.entry for event in events] == list(range(truth.entries))
    for event in events:
        assert np.array_equal(event.image(), truth.image(event.entry))
        assert np.all(np.diff(event.index) > 0)
        assert event.truth.pdg == truth.fields["pdg"][event.entry]
        for name in ("run", "subrun", "event"):
            assert getattr(event, name) == truth.fields[name][event.entry]


def test_units_are_mev_and_mev_per_c(larcv2_256, truth_of):
    fields, reader = truth_of(larcv2_256).fields, open_file(larcv2_256)
    momentum = np.stack([fields["px"], fields["py"], fields["pz"]], axis=1)
    assert np.array_equal(reader.truth["momentum"], momentum)
    assert np.array_equal(reader.truth["energy_init"], 1000 * fields["energy_init"])
    # E^2 = p^2 + m^2 holds in MeV only if both are in MeV.
    mass = {11: 0.511, 22: 0.0, 13: 105.66, 211: 139.57, 2212: 938.27}
    masses = np.array([mass[abs(pdg)] for pdg in reader.truth["pdg"]])
    assert np.allclose(reader.truth["energy_init"], np.hypot(np.linalg.norm(momentum, axis=1), masses), rtol=1e-3)


def test_a_range_of_entries_is_that_part_of_all(larcv2_256):
    reader = open_file(larcv2_256)
    whole, part = list(reader.events()), list(reader.events(7, 11))
    assert [event.entry for event in part] == [7, 8, 9, 10]
    for event in part:
        assert np.array_equal(event.index, whole[event.entry].index)
        assert event.truth == whole[event.entry].truth


def test_missing_file(tmp_path):
    with pytest.raises(InputNotFound, match=r"nowhere\.root: no such file"):
        open_file(tmp_path / "nowhere.root")


def test_not_a_root_file(tmp_path):
    (tmp_path / "text.root").write_text("hello there")
    with pytest.raises(NotLArCV, match=r"text\.root is not a ROOT file: it starts with b'hell'"):
        open_file(tmp_path / "text.root")


@pytest.mark.parametrize("kind", ["image", "particle"])
def test_no_such_producer_lists_those_that_are_there(kind, larcv2_256):
    there = {"image": "data", "particle": "mctruth"}[kind]
    with pytest.raises(ProducerNotFound, match=f"'wire'. Producers in the file: {there} .--{kind}-producer"):
        open_file(larcv2_256, **{f"{kind}_producer": "wire"})


def test_a_truncated_file_does_not_open(larcv2_256, tmp_path):
    content = larcv2_256.read_bytes()
    (tmp_path / "cut.root").write_bytes(content[: len(content) * 6 // 10])
    with pytest.raises(CorruptFile, match=r"cut\.root: .*truncated"):
        open_file(tmp_path / "cut.root")


def test_a_flipped_byte_stops_at_its_entry_and_the_entries_before_are_right(shared_file, larcv2_256, truth_of):
    events = open_file(shared_file("larcv/larcv2_bitflip.root")).events()
    truth = truth_of(larcv2_256)
    with pytest.raises(CorruptFile, match=r"larcv2_bitflip\.root: entries 6 to 6 cannot be read"):
        for number, event in enumerate(events):
            assert np.array_equal(event.image(), truth.image(number))
    assert number == 5


def test_accumulated_images_give_the_last_of_each_plane(shared_file, truth_of):
    path = shared_file("larcv/larcv2_accum.root")
    truth, reader = truth_of(path), open_file(path)
    events = list(reader.events())
    assert all(np.array_equal(event.image(), truth.image(event.entry)) for event in events)
    noticed = [event.entry for event in events if "accumulated" in " ".join(event.noticed)]
    assert noticed == np.flatnonzero(truth.fields["n_images"] > 3).tolist() != []


def test_the_primary_of_several_particles_gives_the_label(shared_file, truth_of):
    path = shared_file("larcv/larcv2_multi_particle.root")
    fields, reader = truth_of(path).fields, open_file(path)
    first = np.concatenate([[0], np.cumsum(fields["n_part"])[:-1]])
    # Of each entry, the particle whose process is 'primary'; it is never the first.
    primary = np.flatnonzero(fields["process"] == "primary")
    assert len(primary) == reader.entries
    assert not np.any(primary == first)
    assert reader.truth["pdg"].tolist() == fields["pdg"][primary].tolist()
    assert reader.truth["momentum"][:, 0].tolist() == fields["px"][primary].tolist()


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("larcv2_mismatch", TruthMismatch, "30 entries of images but 27 of particles"),
        ("larcv2_nan", BadEntry, r"entry \d+, plane \d: \d+ pixels are NaN or infinite"),
        ("larcv2_missing_plane", BadEntry, r"entry 4: planes \[1, 2\], expected \[0, 1, 2\]"),
        ("larcv2_sparse", ProducerNotFound, "no tree image2d_PRODUCER_tree. Trees in the file: sparse2d_data_tree"),
        ("larcv2_unsplit", NotLArCV, "or without splitting"),
    ],
)
def test_what_cannot_be_read_is_said(name, error, message, shared_file):
    with pytest.raises(error, match=message):
        list(open_file(shared_file(f"larcv/{name}.root")).events())
