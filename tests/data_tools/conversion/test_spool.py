from dataclasses import replace

import numpy as np
import pytest

from data_tools.conversion import spool
from data_tools.conversion.entries import Entries, entries_of
from data_tools.defects import Policies
from data_tools.particles import FIVE_PARTICLES
from data_tools.readers import open_file
from data_tools.tfrecords.schema import decode
from data_tools.truth import TRUTH_COLUMNS

POLICIES = Policies({"unknown-pdg": "skip", "bad-pixels": "zero"})


@pytest.fixture
def part(larcv2_unknown_pdg, tmp_path):
    """Entries 4 to 16 of larcv2_unknown_pdg as a piece of work."""
    reader = open_file(larcv2_unknown_pdg)
    truth = entries_of(reader, FIVE_PARTICLES, POLICIES)[4:16]
    file = spool.InputFile(larcv2_unknown_pdg, "0" * 64, reader.trees)
    return spool.Part(
        directory=tmp_path,
        file=file,
        number=3,
        span=(4, 16),
        truth=truth,
        settings=spool.Settings(),
        policies=dict(POLICIES),
    )


def test_a_part_has_the_records_and_the_table_of_its_events(part):
    told = []
    spool.make_part(part, told.append)
    assert sum(told) == 12
    table, left_out = spool.read_tables([part])
    assert table["entry"].tolist() == (4 + np.flatnonzero(~part.truth.without_class)).tolist()
    assert left_out == {3: {}}
    assert set(TRUTH_COLUMNS) <= set(table) and set(spool.selectable((0, 1, 2))) <= set(table)
    records = list(spool.read_records([part], table, [1, 0]))
    for record, position in zip(records, [1, 0]):
        event, label, source = decode(record, (256, 256, 3))
        assert (event.entry, label, source) == (table["entry"][position], table["label"][position], 3)
        assert event.truth.pdg == table["pdg"][position]
        assert table["momentum"][position] == pytest.approx(np.linalg.norm(event.truth.momentum))
        assert len(event.index) == table["hits"][position]


def test_a_part_that_is_there_is_not_made_again(part):
    spool.make_part(part)
    made = part.stem.with_suffix(".npz").stat().st_mtime_ns
    spool.make_part(replace(part, file=replace(part.file, path="elsewhere")))
    assert part.stem.with_suffix(".npz").stat().st_mtime_ns == made


def test_other_work_has_another_name(part):
    others = [
        replace(part, file=replace(part.file, sha256="1" * 64)),
        replace(part, span=(4, 15), truth=part.truth[:11]),
        replace(part, number=2),
        replace(part, settings=spool.Settings(threshold=1.0)),
        replace(part, policies={**POLICIES, "empty": "skip"}),
        replace(part, truth=Entries(part.truth.pdg, part.truth.labels, np.zeros(12, np.int64))),
    ]
    assert len({other.stem for other in [part, *others]}) == 7


def test_flags_are_counted_by_their_names():
    names = list(spool.DEFECTS)
    flags = np.array([1 << names.index("empty"), 1 << names.index("empty") | 1 << names.index("cut-hits"), 0])
    assert spool.count_flags(flags) == {"empty": 2, "cut-hits": 1}


def test_ranges_cover_all_entries(monkeypatch):
    monkeypatch.setattr(spool, "ENTRIES_PER_PART", 7)
    assert spool.ranges(15) == [(0, 7), (7, 14), (14, 15)]
    assert spool.ranges(0) == []
