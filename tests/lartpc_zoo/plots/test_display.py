import matplotlib.image
import pytest

from data_tools.errors import BadOption
from lartpc_zoo.plots.display import draw


@pytest.mark.parametrize("ending", ["png", "pdf"])
@pytest.mark.parametrize(
    "what",
    [{"event": 3}, {"event": 3, "cells": True}, {"species": True}, {"contact_sheet": "muon"}],
    ids=["event", "cells", "species", "sheet"],
)
def test_figures_of_files_and_data_sets(what, ending, larcv2_256, small_data, tmp_path):
    for path in (larcv2_256, small_data.directory):
        output = draw(path, **what, output=tmp_path / f"figure.{ending}")
        if ending == "png":
            assert matplotlib.image.imread(output).std() > 0.05
        else:
            assert output.read_bytes().startswith(b"%PDF")


def test_a_name_is_found_for_the_figure(larcv2_256, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert draw(larcv2_256, event=3).name == "larcv2_256-event-3.png"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"contact_sheet": "muno"}, "contact_sheet muno: the classes are .* Did you mean muon"),
        ({"species": True, "plane": 5}, "plane 5: .* has the planes 0, 1, 2"),
        ({"event": 1, "output": "figure.jpg"}, "output figure.jpg: expected a name that ends in .png or .pdf"),
    ],
)
def test_what_cannot_be_drawn(options, message, larcv2_256):
    with pytest.raises(BadOption, match=message):
        draw(larcv2_256, **options)


def test_events_of_no_class_have_no_species(fixture_file):
    with pytest.raises(BadOption, match="no event of the classes electron"):
        draw(fixture_file("larcv1_detector_3.root"), species=True)
