import hashlib
import os

import numpy as np
import pandas as pd
import pytest

from data_tools.files import (
    check_room,
    directory_written_aside,
    sha256_of_file,
    sha256_of_json,
    write_csv,
    write_json,
    written_aside,
)


def test_a_failed_write_leaves_what_was_there_and_nothing_else(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("before")
    with pytest.raises(RuntimeError), written_aside(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_name_written_aside_keeps_its_ending(tmp_path):
    with written_aside(tmp_path / "a.weights.h5") as aside:
        assert aside.name.endswith(".weights.h5")
        aside.write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.weights.h5"]


def test_a_directory_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "report"
    for name in ("first", "second"):
        with directory_written_aside(path) as aside:
            (aside / name).write_text(name)
    assert [found.name for found in path.iterdir()] == ["second"]
    with pytest.raises(RuntimeError), directory_written_aside(path) as aside:
        (aside / "third").write_text("half")
        raise RuntimeError
    assert [found.name for found in path.iterdir()] == ["second"]
    assert list(tmp_path.iterdir()) == [path]


def test_room_on_a_disk(tmp_path):
    check_room(tmp_path, 1)
    with pytest.raises(OSError, match="No space left on device"):
        check_room(tmp_path, 1 << 60)


def test_hashes(tmp_path):
    (tmp_path / "x").write_bytes(b"abc" * 3_000_000)
    told = []
    assert sha256_of_file(tmp_path / "x", told.append) == hashlib.sha256(b"abc" * 3_000_000).hexdigest()
    assert sum(told) == 9_000_000
    assert sha256_of_json({"a": 1, "b": 2}) == sha256_of_json({"b": 2, "a": 1}) != sha256_of_json({"a": 2, "b": 1})


def test_not_a_number_never_gets_into_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"loss": float("nan")})
    assert not (tmp_path / "x.json").exists()


def test_a_table_has_the_same_bytes_for_the_same_content(tmp_path, monkeypatch):
    frame = pd.DataFrame({"a": [1, 2], "b": [0.1, 1 / 3]})
    contents = []
    for process in (11, 222):
        monkeypatch.setattr(os, "getpid", lambda: process)  # noqa: B023 (used at once)
        write_csv(tmp_path / "x.csv.gz", frame)
        contents.append((tmp_path / "x.csv.gz").read_bytes())
    assert contents[0] == contents[1]
    assert np.allclose(pd.read_csv(tmp_path / "x.csv.gz"), frame)
