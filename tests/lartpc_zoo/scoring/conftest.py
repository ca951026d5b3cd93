import shutil

import pytest

FILES = ("larcv2_256", "larcv2_unknown_pdg", "larcv2_images_only_5")


@pytest.fixture
def files(fixture_file, tmp_path):
    """Three LArCV files in a directory that a test may change, with 40, 20 and 5 events."""
    directory = tmp_path / "files"
    directory.mkdir()
    return [shutil.copy(fixture_file(f"{name}.root"), directory) for name in FILES]
