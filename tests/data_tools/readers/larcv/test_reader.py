import h5py
import numpy as np
import pytest
import uproot

from data_tools.defects import Policies
from data_tools.errors import (
    BadEntry,
    BadOption,
    CorruptFile,
    NotLArCV,
    ProducerNotFound,
    ShapeMismatch,
    TruthMismatch,
)
from data_tools.event import LeftOut
from data_tools.readers import open_file


def read(path, **on):
    """(events by entry, {entry: defect} of those left out) of a file read with these policies."""
    policies = Policies({name.replace("_", "-"): policy for name, policy in on.items()})
    found = list(open_file(path, policies=policies).events())
    events = {event.entry: event for event in found if not isinstance(event, LeftOut)}
    return events, {left.entry: left.defect for left in found if isinstance(left, LeftOut)}


def assert_is(event, truth, entry):
    """The event is exactly the content of an entry: image, numbers, and the particle that is the primary."""
    assert np.array_equal(event.image(), truth.image(entry))
    assert np.all(np.diff(event.index) > 0)
    fields, particle = truth.fields, truth.primary(entry)
    for name in ("run", "subrun", "event"):
        assert getattr(event, name) == fields[name][entry]
    assert event.truth.pdg == fields["pdg"][particle]
    assert event.truth.momentum == tuple(fields[name][particle] for name in ("px", "py", "pz"))
    assert event.truth.vertex == pytest.approx([fields[name][particle] for name in "xyz"], abs=1e-6)


# Every file with (name of its content, first entry of it).
SAME_CONTENT = {
    "larcv2_256.root": ("larcv2_256", 0),
    "larcv2_row_order.root": ("larcv2_row_order", 0),
    "larcv2_unsplit.root": ("larcv2_256", 0),
    "larcv2_sparse.root": ("larcv2_256", 0),
    "larcv2_sparse_unsplit_10.root": ("larcv2_256", 0),
    "larcv2_lz4_5.root": ("larcv2_256", 0),
    "larcv2_lzma_5.root": ("larcv2_256", 0),
    "larcv2_zstd_5.root": ("larcv2_256", 0),
    "larcv2_accum.root": ("larcv2_accum", 0),
    "larcv2_multi_particle.root": ("larcv2_multi_particle", 0),
    "larcv2_unknown_pdg.root": ("larcv2_unknown_pdg", 0),
    "larcv1_10.root": ("larcv1_10", 0),
    "larcv1_unsplit_3.root": ("larcv1_10", 3),
    "larcv3_256.h5": ("larcv3_256", 0),
}


@pytest.mark.parametrize("name", SAME_CONTENT)
def test_every_generation_gives_the_content_of_the_file_bit_for_bit(name, fixture_file, truth_of):
    content, first = SAME_CONTENT[name]
    truth, reader = truth_of(content), open_file(fixture_file(name))
    assert reader.shape == (truth.rows, truth.cols, 3)
    assert reader.planes == (0, 1, 2)
    assert reader.labelled
    events = list(reader.events())
    assert [event.entry for event in events] == list(range(reader.entries))
    assert first + reader.entries <= truth.entries
    for event in events:
        assert_is(event, truth, first + event.entry)


def test_what_a_file_says_of_itself(larcv2_256, fixture_file):
    reader = open_file(larcv2_256)
    assert reader.trees == ("image2d_data_tree", "particle_mctruth_tree")
    assert reader.pixel_cm == (0.5, 0.5)
    assert open_file(fixture_file("larcv1_10.root")).trees == (
        "image2d_tpc_hires_crop_tree",
        "partroi_tpc_hires_crop_tree",
    )
    assert open_file(fixture_file("larcv1_10.root")).pixel_cm is None  # wires and ticks, not cm


@pytest.mark.parametrize("name", ["larcv2_256.root", "larcv3_256.h5"])
def test_lar_cv_2_and_3_have_mev_per_c_but_gev(name, fixture_file, truth_of):
    fields, truth = truth_of(name.partition(".")[0]).fields, open_file(fixture_file(name)).truth()
    momentum = np.stack([fields["px"], fields["py"], fields["pz"]], axis=1)
    assert np.array_equal(truth["momentum"], momentum)
    assert np.array_equal(truth["energy_init"], 1000 * fields["energy_init"])
    # E^2 = p^2 + m^2 holds in MeV only if both are in MeV.
    mass = {11: 0.511, 22: 0.0, 13: 105.66, 211: 139.57, 2212: 938.27}
    masses = np.array([mass[abs(pdg)] for pdg in truth["pdg"]])
    assert np.allclose(truth["energy_init"], np.hypot(np.linalg.norm(momentum, axis=1), masses), rtol=1e-3)


def test_lar_cv_1_has_mev(fixture_file, truth_of):
    content, truth = truth_of("larcv1_10"), open_file(fixture_file("larcv1_10.root")).truth()
    primaries = [content.primary(entry) for entry in range(content.entries)]
    assert np.array_equal(truth["energy_init"], content.fields["energy_init"][primaries])
    assert np.array_equal(truth["energy_deposit"], content.fields["energy_deposit"][primaries])


@pytest.mark.parametrize("name", ["larcv2_256.root", "larcv2_unsplit.root", "larcv3_256.h5"])
def test_a_range_of_entries_is_that_part_of_all(name, fixture_file):
    reader = open_file(fixture_file(name))
    whole = [(event.index.tobytes(), event.truth) for event in reader.events()]
    part = list(reader.events(7, 11))
    assert [event.entry for event in part] == [7, 8, 9, 10]
    assert [(event.index.tobytes(), event.truth) for event in part] == whole[7:11]
    wanted = [event.entry for event in reader.events(7, 11, wanted=[True, False, False, True])]
    assert wanted == [7, 10]


def test_sparse_lar_cv_3(fixture_file, truth_of, larcv3_sparse):
    truth = truth_of("larcv3_256")
    events = {event.entry: event for event in open_file(larcv3_sparse).events()}
    assert len(events) == truth.entries
    for entry, event in events.items():
        assert_is(event, truth, entry)


def test_planes_without_a_meta_are_not_there_in_lar_cv_3(larcv3_sparse):
    with h5py.File(larcv3_sparse, "r+") as file:
        metas = file["Data/sparse2d_data_group/image_meta"][:]
        metas["valid"][4] = 0  # entry 1, plane 1
        file["Data/sparse2d_data_group/image_meta"][:] = metas
    with pytest.raises(BadEntry, match=r"entry 1: planes \[0, 2\], expected \[0, 1, 2\]"):
        read(larcv3_sparse)


def test_accumulated_images(fixture_file, truth_of):
    more = np.flatnonzero(truth_of("larcv2_accum").fields["n_images"] > 3).tolist()
    events, _ = read(fixture_file("larcv2_accum.root"))
    assert [entry for entry, event in events.items() if event.flags == ("accumulated",)] == more != []
    events, left_out = read(fixture_file("larcv2_accum.root"), accumulated="skip")
    assert left_out == dict.fromkeys(more, "accumulated")
    assert len(events) + len(left_out) == 40
    with pytest.raises(BadEntry, match=rf"accum\.root, entry {more[0]}: \d+ images of 3 planes.*on=.*accumulated"):
        read(fixture_file("larcv2_accum.root"), accumulated="stop")


def test_a_missing_plane(fixture_file, truth_of):
    path, truth = fixture_file("larcv2_missing_plane.root"), truth_of("larcv2_missing_plane")
    lacking = np.flatnonzero((truth.fields["own"] < 0).any(axis=1)).tolist()
    with pytest.raises(
        BadEntry, match=rf"entry {lacking[0]}: planes \[1, 2\], expected \[0, 1, 2\]. .*on=.*missing-plane"
    ):
        read(path)
    events, left_out = read(path, missing_plane="skip")
    assert left_out == dict.fromkeys(lacking, "missing-plane")
    filled, _ = read(path, missing_plane="empty")
    assert [entry for entry, event in filled.items() if event.flags] == lacking != []
    for entry in range(truth.entries):
        assert_is(filled[entry], truth, entry)
        assert entry in left_out or np.array_equal(events[entry].index, filled[entry].index)


def test_pixels_that_are_nan_or_infinite(fixture_file, truth_of):
    path, truth = fixture_file("larcv2_nan.root"), truth_of("larcv2_nan")
    bad = [entry for entry in range(truth.entries) if not np.isfinite(truth.image(entry)).all()]
    with pytest.raises(BadEntry, match=rf"entry {bad[0]}, plane \d: \d+ pixels are NaN or infinite.*on=.*bad-pixels"):
        read(path)
    assert read(path, bad_pixels="skip")[1] == dict.fromkeys(bad, "bad-pixels")
    events, _ = read(path, bad_pixels="zero")
    assert [entry for entry, event in events.items() if event.flags] == bad != []
    for entry, event in events.items():
        image = truth.image(entry)
        assert np.array_equal(event.image(), np.where(np.isfinite(image), image, 0))


def test_the_primary_of_several_particles(fixture_file, truth_of):
    path, truth = fixture_file("larcv2_multi_particle.root"), truth_of("larcv2_multi_particle")
    several = np.flatnonzero(truth.fields["n_part"] > 1).tolist()
    assert not np.any(truth.fields["primary"] == 0)
    events, _ = read(path)
    assert [entry for entry, event in events.items() if event.flags == ("several-particles",)] == several
    assert read(path, several_particles="skip")[1] == dict.fromkeys(several, "several-particles")
    with pytest.raises(BadEntry, match=r"entry 0.*: \d particles, expected one. .*on=.*several-particles"):
        read(path, several_particles="stop")


def test_a_neutrino_before_the_particle(fixture_file):
    path = fixture_file("larcv1_10.root")
    events, _ = read(path)
    assert [entry for entry, event in events.items() if "neutrino" in event.flags] == [4]
    assert events[4].truth.pdg == 2212
    assert read(path, neutrino="skip")[1] == {4: "neutrino"}
    with pytest.raises(BadEntry, match=r"larcv1_10\.root, entry 4.*neutrino.*on=.*neutrino"):
        read(path, neutrino="stop")


def test_trees_of_different_lengths(fixture_file, truth_of):
    path, truth = fixture_file("larcv2_mismatch.root"), truth_of("larcv2_mismatch")
    with pytest.raises(TruthMismatch, match="30 entries of images but 27 of particles.*on=.*mismatch.*match"):
        read(path)
    events, left_out = read(path, mismatch="match")
    assert len(events) == 27 and set(left_out.values()) == {"mismatch"} and len(left_out) == 3
    for entry, event in events.items():
        assert np.array_equal(event.image(), truth.image(entry))
        (partner,) = np.flatnonzero(truth.fields["event"] == event.event)
        assert event.truth.pdg == truth.fields["pdg"][truth.primary(partner)]


def test_truth_of_other_events_is_never_taken(larcv3_copy):
    with h5py.File(larcv3_copy, "r+") as file:
        # One particle less in entry 5: all that follow would be off by one.
        extents = file["Data/particle_mctruth_group/extents"][:]
        extents["N"][5] = 0
        file["Data/particle_mctruth_group/extents"][:] = extents
    with pytest.raises(BadEntry, match=r"entry 5.*: 0 particles, expected one primary.*on=.*no-primary.*skip"):
        read(larcv3_copy)
    events, left_out = read(larcv3_copy, no_primary="skip")
    assert left_out == {5: "no-primary"} and len(events) == 19


def flip(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 0xFF
    path.write_bytes(content)


def test_a_damaged_basket_costs_exactly_its_entries(basket_of_entry, larcv2_copy, truth_of):
    position, size = basket_of_entry(6)
    flip(larcv2_copy, position + size // 2)
    with pytest.raises(CorruptFile, match=r"copy\.root, entry 6 cannot be read: .*on=.*corrupt.*skip"):
        read(larcv2_copy)
    events, left_out = read(larcv2_copy, corrupt="skip")
    assert left_out == {6: "corrupt"}
    for entry, event in events.items():
        assert_is(event, truth_of("larcv2_256"), entry)


def test_no_flipped_byte_ever_gives_a_wrong_image(fixture_file, tmp_path, truth_of):
    truth, rng = truth_of("larcv2_256"), np.random.default_rng(1)
    content = fixture_file("larcv2_lz4_5.root").read_bytes()
    damaged = 0
    for position in rng.integers(400, len(content), 40):
        changed = bytearray(content)
        changed[position] ^= 1 << int(rng.integers(8))
        (tmp_path / "flipped.root").write_bytes(changed)
        try:
            events, left_out = read(tmp_path / "flipped.root", corrupt="skip")
        except (CorruptFile, NotLArCV, ProducerNotFound):
            damaged += 1
            continue
        damaged += bool(left_out)
        for entry, event in events.items():
            assert np.array_equal(event.image(), truth.image(entry))
    assert damaged > 20


def test_codes_that_cannot_be_read_do_not_turn_a_file_into_detector_data(larcv3_copy):
    with h5py.File(larcv3_copy, "r") as file:
        chunk = file["Data/particle_mctruth_group/particles"].id.get_chunk_info(0)
    flip(larcv3_copy, chunk.byte_offset + chunk.size // 2)
    assert open_file(larcv3_copy, policies=Policies({"corrupt": "skip"})).labelled
    events, left_out = read(larcv3_copy, corrupt="skip")
    assert events == {} and set(left_out.values()) == {"corrupt"} and len(left_out) == 20


@pytest.mark.parametrize("name", ["larcv1_detector_3.root", "larcv2_images_only_5.root"])
def test_files_without_truth_have_images_all_the_same(name, fixture_file, truth_of):
    reader = open_file(fixture_file(name))
    assert not reader.labelled
    truth = truth_of("larcv1_10" if name.startswith("larcv1") else "larcv2_256")
    for event in reader.events():
        assert np.array_equal(event.image(), truth.image(event.entry))
        assert event.truth.pdg == 0


def test_a_named_truth_that_is_not_there(fixture_file):
    with pytest.raises(ProducerNotFound, match="no particle or partroi in the file, which has image2d_data"):
        open_file(fixture_file("larcv2_images_only_5.root"), particle_producer="mctruth")


@pytest.mark.parametrize("kind", ["image", "particle"])
def test_no_such_producer_lists_those_that_are_there(kind, larcv2_256):
    there = {"image": "image2d_data", "particle": "particle_mctruth"}[kind]
    with pytest.raises(ProducerNotFound, match=f'0 products fit {kind}_producer="wire". In the file: {there}'):
        open_file(larcv2_256, **{f"{kind}_producer": "wire"})
    assert open_file(larcv2_256, **{f"{kind}_producer": there}).entries == 40
    assert open_file(larcv2_256, **{f"{kind}_producer": there.partition("_")[2]}).entries == 40


def test_several_products_to_read_are_not_guessed_among(larcv3_both):
    with pytest.raises(ProducerNotFound, match="image2d_data, sparse2d_data. Name one as image_producer"):
        open_file(larcv3_both)
    dense, sparse = (open_file(larcv3_both, f"{product}_data") for product in ("image2d", "sparse2d"))
    for one, two in zip(dense.events(), sparse.events()):
        assert np.array_equal(one.index, two.index) and np.array_equal(one.value, two.value)


def test_images_of_another_shape(larcv3_copy):
    with h5py.File(larcv3_copy, "r+") as file:
        metas = file["Data/image2d_data_group/image_meta"][:]
        metas["number_of_voxels"][9:12] = (128, 512)  # entry 3
        file["Data/image2d_data_group/image_meta"][:] = metas
    with pytest.raises(ShapeMismatch, match=r"copy\.h5, entry 3, plane 0: image of 128 x 512, expected 256 x 256"):
        read(larcv3_copy)


def test_policies_that_there_are_not():
    with pytest.raises(BadOption, match="no defect 'corupt'.*Did you mean corrupt"):
        Policies({"corupt": "skip"})
    with pytest.raises(BadOption, match='on=."corrupt": "ignore".: expected one of stop, skip'):
        Policies({"corrupt": "ignore"})


def test_a_plane_that_is_missing_behind_accumulated_images_is_not_taken_from_them(larcv3_copy, truth_of):
    with h5py.File(larcv3_copy, "r+") as file:
        group = file["Data/image2d_data_group"]
        # Entry 1 gets the three images of entry 0, then its own U and Y.
        rows = [0, 1, 2, *[0, 1, 2, 3, 5], *range(6, 60)]
        for name in ("image_extents", "image_meta"):
            content = group[name][:][rows]
            del group[name]
            group[name] = content
        extents = group["extents"][:]
        extents["N"][1] = 5
        extents["first"][2:] += 2
        group["extents"][:] = extents
    with pytest.raises(BadEntry, match=r"entry 1: planes \[0, 2\], expected \[0, 1, 2\]"):
        read(larcv3_copy)
    events, _ = read(larcv3_copy, missing_plane="empty")
    assert events[1].flags == ("accumulated", "missing-plane")
    image = events[1].image()
    assert not image[..., 1].any()
    assert np.array_equal(image[..., [0, 2]], truth_of("larcv3_256").image(1)[..., [0, 2]])


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int32])
def test_pixels_of_another_kind_of_number(dtype, larcv3_copy, truth_of):
    with h5py.File(larcv3_copy, "r+") as file:
        pixels = file["Data/image2d_data_group/images"][:].astype(dtype)
        del file["Data/image2d_data_group/images"]
        file["Data/image2d_data_group/images"] = pixels
    events, _ = read(larcv3_copy)
    for entry, event in events.items():
        assert np.array_equal(event.image(), truth_of("larcv3_256").image(entry).astype(dtype).astype(np.float32))


@pytest.mark.parametrize("shape", [(40_000, 40_000), (0, 0)])
def test_more_pixels_than_an_index_can_count_or_none(shape, larcv3_sparse):
    with h5py.File(larcv3_sparse, "r+") as file:
        metas = file["Data/sparse2d_data_group/image_meta"][:]
        metas["number_of_voxels"] = shape
        file["Data/sparse2d_data_group/image_meta"][:] = metas
    with pytest.raises(ShapeMismatch, match=f"images of {shape[0]} x {shape[1]} x 3 pixels"):
        open_file(larcv3_sparse)


def test_numbers_that_repeat_match_by_position_where_they_are_equal(larcv3_copy):
    with h5py.File(larcv3_copy, "r+") as file:
        ids = file["Events/event_id"][:]
        ids["event"] = 1
        file["Events/event_id"][:] = ids
    events, left_out = read(larcv3_copy, mismatch="match")
    assert len(events) == 20
    assert left_out == {}


def test_a_damaged_basket_is_no_mismatch(fixture_file, tmp_path):
    path = tmp_path / "unsplit.root"
    path.write_bytes(fixture_file("larcv2_unsplit.root").read_bytes())
    branch = uproot.open(path)["image2d_data_tree"]["image2d_data_branch"]
    number = int(np.searchsorted(branch.entry_offsets, 6, side="right")) - 1
    touched = dict.fromkeys(range(*branch.entry_offsets[number : number + 2]), "corrupt")
    flip(path, int(branch.member("fBasketSeek")[number]) + int(branch.member("fBasketBytes")[number]) // 2)
    with pytest.raises(CorruptFile, match=f"entry {min(touched)} cannot be read"):
        read(path, mismatch="match")
    assert read(path, mismatch="match", corrupt="skip")[1] == touched


def test_damaged_numbers_of_the_truth_are_not_passed_over(larcv2_copy):
    tree = uproot.open(larcv2_copy)["particle_mctruth_tree"]
    branch = tree["_event"]
    position, size = int(branch.member("fBasketSeek")[0]), int(branch.member("fBasketBytes")[0])
    flip(larcv2_copy, position + size - 5)
    with pytest.raises(CorruptFile, match="entry 0 of the truth cannot be read"):
        read(larcv2_copy)
    assert set(read(larcv2_copy, corrupt="skip")[1].values()) == {"corrupt"}


def test_planes_that_the_first_entries_lack(larcv3_sparse, monkeypatch):
    with h5py.File(larcv3_sparse, "r+") as file:
        metas = file["Data/sparse2d_data_group/image_meta"][:]
        metas["valid"][1 : 3 * 10 : 3] = 0  # plane 1 of the first ten entries
        file["Data/sparse2d_data_group/image_meta"][:] = metas
    monkeypatch.setattr("data_tools.readers.larcv.reader._ENTRIES_AT_ONCE", 5)
    assert read(larcv3_sparse, missing_plane="skip")[1] == dict.fromkeys(range(10), "missing-plane")


def test_numbers_that_lar_cv_left_unset(larcv3_copy):
    with h5py.File(larcv3_copy, "r+") as file:
        ids = file["Events/event_id"][:]
        ids["subrun"] = -1  # 2**64 - 1 where the type is unsigned
        file["Events/event_id"][:] = ids
    assert {event.subrun for event in read(larcv3_copy)[0].values()} == {-1}


def test_fewer_numbers_of_events_than_entries(larcv3_copy):
    with h5py.File(larcv3_copy, "r+") as file:
        ids = file["Events/event_id"][:7]
        del file["Events/event_id"]
        file["Events/event_id"] = ids
    with pytest.raises(CorruptFile, match="20 entries but 7 numbers of events"):
        open_file(larcv3_copy)
