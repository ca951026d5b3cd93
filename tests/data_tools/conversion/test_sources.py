import pytest

from data_tools.conversion.sources import expand_inputs
from data_tools.errors import DuplicateInput, InputNotFound


def test_inputs_are_files_directories_and_patterns(larcv2_256):
    folder = larcv2_256.parent
    assert expand_inputs(folder) == sorted([*folder.glob("*.root"), *folder.glob("*.h5")])
    assert expand_inputs([str(folder / "*_256.root")]) == [larcv2_256]
    # A pattern that matches a directory too
    assert expand_inputs(folder.parent / "data*" / "larcv2_256*.root") == [larcv2_256]
    with pytest.raises(InputNotFound, match=r"nothing\*: no such file"):
        expand_inputs([folder / "nothing*"])


def test_a_directory_without_a_file_to_read(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputNotFound, match=r"a directory without a LArCV file \(\.root, \.h5 or \.hdf5\)"):
        expand_inputs(tmp_path)


def test_a_file_that_is_given_twice(larcv2_256, monkeypatch):
    monkeypatch.chdir(larcv2_256.parent)
    for inputs in ([larcv2_256, larcv2_256], [larcv2_256.parent, larcv2_256.name]):
        with pytest.raises(DuplicateInput, match=r"larcv2_256\.root is given twice"):
            expand_inputs(inputs)
