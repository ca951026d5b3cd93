import gzip

import numpy as np
import pandas as pd
import pytest

from lartpc_zoo.errors import CorruptRun, DataDiffers
from lartpc_zoo.training.scores_file import read_scores, write_scores

CLASSES = ["muon", "pion"]


def predictions(muon=(0.75, 0.125, 1 / 3)):
    return pd.DataFrame(
        {
            "source": [0, 0, 1],
            "entry": [3, 7, 3],
            "momentum": [123.4567891, 1e-5, 400.0],
            "label": [0, 1, 1],
            "prediction": [int(score < 0.5) for score in muon],
            "score_muon": muon,
            "score_pion": [1 - score for score in muon],
        }
    )


@pytest.fixture
def paths(tmp_path):
    """Where scores and events are written."""
    return tmp_path / "scores.npz", tmp_path / "events.csv.gz"


def write(table, paths):
    write_scores(paths[0], table, CLASSES, paths[1])


def test_what_is_written_is_read_with_scores_to_three_digits(paths):
    write(predictions(), paths)
    table = read_scores(*paths)
    assert list(table) == list(predictions())
    assert table["prediction"].tolist() == [0, 1, 1]
    assert table["score_muon"].tolist() == [0.75, 0.125, pytest.approx(1 / 3, rel=5e-4)]
    assert table["score_pion"].tolist() == [0.25, 0.875, pytest.approx(2 / 3, rel=5e-4)]
    assert table["momentum"].tolist() == [123.457, 1e-5, 400.0]
    assert table[["source", "entry", "label"]].equals(predictions()[["source", "entry", "label"]])


def test_a_second_run_shares_the_events_whatever_order_it_has_them_in(paths, tmp_path):
    write(predictions(), paths)
    before = paths[1].read_bytes()
    second = tmp_path / "second.npz"
    write_scores(second, predictions((0.25, 0.5, 0.0)).iloc[[2, 0, 1]], CLASSES, paths[1])
    assert paths[1].read_bytes() == before
    table = read_scores(second, paths[1])
    assert table["entry"].tolist() == [3, 7, 3]
    assert table["score_muon"].tolist() == [0.25, 0.5, 0.0]
    assert table["prediction"].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "other",
    [
        predictions().iloc[:2],
        predictions().assign(entry=[3, 7, 4]),
        predictions().assign(label=[0, 1, 0]),
        predictions().assign(momentum=[123.4567891, 1e-5, 401.0]),
    ],
    ids=["fewer", "another entry", "another label", "another momentum"],
)
def test_other_events_than_those_on_file_are_refused(other, paths, tmp_path):
    write(predictions(), paths)
    with pytest.raises(DataDiffers, match=r"events\.csv\.gz is of other events .*another directory"):
        write_scores(tmp_path / "second.npz", other, CLASSES, paths[1])
    assert not (tmp_path / "second.npz").exists()


def test_damaged_events_on_file_are_named(paths, tmp_path):
    write(predictions(), paths)
    whole = paths[1].read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"no gzip", whole[:20] + b"\xff" * 8 + whole[28:]):
        paths[1].write_bytes(damaged)
        with pytest.raises(CorruptRun, match=r"events\.csv\.gz is damaged"):
            write_scores(tmp_path / "second.npz", predictions(), CLASSES, paths[1])
    assert not (tmp_path / "second.npz").exists()


def test_scores_that_were_cut_off_are_named(paths):
    write(predictions(), paths)
    whole = paths[0].read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"no archive"):
        paths[0].write_bytes(content)
        with pytest.raises(CorruptRun, match=r"scores\.npz is damaged .*restore it"):
            read_scores(*paths)


def test_whatever_byte_of_the_scores_is_damaged_no_other_scores_are_read(paths):
    write(predictions(), paths)
    before, whole = read_scores(*paths), paths[0].read_bytes()
    refused = 0
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        paths[0].write_bytes(damaged)
        try:
            assert read_scores(*paths).equals(before)
        except CorruptRun:
            refused += 1
    assert refused > len(whole) // 2


def test_scores_without_what_they_must_hold_are_damaged(paths):
    write(predictions(), paths)
    np.savez(paths[0], classes=np.array(CLASSES))
    with pytest.raises(CorruptRun, match=r"scores\.npz is damaged"):
        read_scores(*paths)


def test_events_that_the_scores_are_not_of_are_refused(paths):
    write(predictions(), paths)
    text = gzip.decompress(paths[1].read_bytes()).replace(b"400", b"401")
    paths[1].write_bytes(gzip.compress(text))
    with pytest.raises(CorruptRun, match=r"events\.csv\.gz: missing, or not the events of"):
        read_scores(*paths)
    paths[1].unlink()
    with pytest.raises(CorruptRun, match=r"events\.csv\.gz: missing, or not the events of"):
        read_scores(*paths)
