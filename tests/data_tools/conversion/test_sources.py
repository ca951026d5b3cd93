import pytest

from data_tools.conversion.sources import expand_inputs
from data_tools.errors import InputNotFound


def test_inputs_are_files_directories_and_patterns(larcv2_256):
    folder = larcv2_256.parent
    assert expand_inputs(folder) == sorted([*folder.glob("*.root"), *folder.glob("*.h5")])
    assert expand_inputs([str(folder / "*_256.root")]) == [larcv2_256]
    # A pattern that matches a directory too
    assert expand_inputs(folder.parent / "data*" / "larcv2_256*.root") == [larcv2_256]
    with pytest.raises(InputNotFound, match=r"nothing\*: no such file"):
        expand_inputs([folder / "nothing*"])
