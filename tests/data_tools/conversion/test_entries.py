import numpy as np
import pytest

from data_tools.conversion import entries as module
from data_tools.conversion.entries import Entries, Fate, entries_of
from data_tools.defects import Policies
from data_tools.errors import BadEntry, UnknownPDG
from data_tools.particles import FIVE_PARTICLES, parse_classes
from data_tools.readers import open_file

# Of larcv2_unknown_pdg, which has every code twice.
CODES = [11, 321, 13, 0, 2212, 22, 211, -11, -13, -211]
LABELS = [0, -1, 2, -1, 4, 1, 3, -1, -1, 3]
SKIP = Policies({"unknown-pdg": "skip"})


def test_labels_and_fates_follow_from_the_codes(larcv2_unknown_pdg):
    entries = entries_of(open_file(larcv2_unknown_pdg), FIVE_PARTICLES, SKIP)
    assert len(entries) == 20
    assert entries.pdg.tolist() == 2 * CODES
    assert entries.labels.tolist() == 2 * LABELS
    assert entries.without_class.tolist() == 2 * [label < 0 for label in LABELS]
    assert entries.kept.tolist() == 2 * [label >= 0 for label in LABELS]


def test_codes_of_no_class_are_counted_where_the_policy_is_to_stop(larcv2_unknown_pdg):
    counted = r"-13 \(2 events\), -11 \(2 events\), 0 \(2 events\), 321 \(2 events\)\."
    with pytest.raises(UnknownPDG, match=rf"larcv2_unknown_pdg\.root: PDG codes of no class: {counted}"):
        entries_of(open_file(larcv2_unknown_pdg), FIVE_PARTICLES, Policies())


def test_classes_that_have_every_code_leave_nothing_out(larcv2_unknown_pdg):
    classes = parse_classes(["one=11,321,13,0,2212", "two=22,211,-11,-13,-211"])
    entries = entries_of(open_file(larcv2_unknown_pdg), classes, Policies())
    assert entries.kept.all()
    assert entries.labels.tolist() == 2 * [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_the_pieces_in_which_truth_is_read_change_nothing(larcv2_unknown_pdg, monkeypatch):
    reader = open_file(larcv2_unknown_pdg)
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    assert entries_of(reader, FIVE_PARTICLES, SKIP).labels.tolist() == 2 * LABELS


@pytest.mark.parametrize("at_once", [2_000, 3])
def test_defects_of_the_truth_leave_out_their_entries_and_no_others(at_once, fixture_file, monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    policies = Policies({"mismatch": "match"})
    reader = open_file(fixture_file("larcv2_mismatch.root"), policies=policies)
    entries = entries_of(reader, FIVE_PARTICLES, policies)
    left_out = sorted(reader.truth().left_out)
    assert np.flatnonzero(entries.fates == Fate.LEFT_OUT).tolist() == left_out
    assert (len(left_out), len(entries)) == (3, 30)
    assert (entries.labels[left_out] == -1).all()
    assert (entries.labels[entries.kept] >= 0).all()


def test_a_defect_whose_policy_is_to_stop_stops(fixture_file):
    policies = Policies({"several-particles": "stop"})
    reader = open_file(fixture_file("larcv2_multi_particle.root"), policies=policies)
    with pytest.raises(BadEntry, match="entry 0 of the truth: 2 particles, expected one"):
        entries_of(reader, FIVE_PARTICLES, policies)


def test_entries_without_truth_are_kept_without_a_class(fixture_file):
    entries = entries_of(open_file(fixture_file("larcv2_images_only_5.root")), FIVE_PARTICLES, Policies())
    assert entries.kept.tolist() == [True] * 5
    assert entries.labels.tolist() == [-1] * 5
    assert entries.pdg.tolist() == [0] * 5


def test_a_part_of_the_entries_is_cut_out_of_every_column():
    whole = Entries(np.arange(5), np.arange(5) + 10, np.array([0, 1, 2, 1, 0]))
    for where in (slice(1, 4), np.array([False, True, True, True, False])):
        part = whole[where]
        assert (part.pdg.tolist(), part.labels.tolist()) == ([1, 2, 3], [11, 12, 13])
        assert part.without_class.tolist() == [True, False, True]
        assert part.kept.tolist() == [False, False, False]
