import json
import shutil

import numpy as np
import pandas as pd
import pytest

from data_tools.errors import BadOption, UnknownEffects
from lartpc_zoo.errors import BadScores, Unlabelled
from lartpc_zoo.evaluation import robustness as module
from lartpc_zoo.training.run import open_run
from lartpc_zoo.zoo import evaluate, robustness

EFFECTS = ["missing_plane", "threshold"]


@pytest.fixture
def run_copy(finished_run, tmp_path):
    """Directory of a copy of the finished run, which a scoring may log in."""
    return shutil.copytree(finished_run.directory, tmp_path / "run")


def test_every_effect_is_measured_against_the_same_events_without_it(run_copy, published, small_data, tmp_path):
    found = robustness([run_copy, published], small_data, tmp_path / "out", EFFECTS, [1.0, 0.5])
    steps = [("none", 0.0), *((effect, strength) for effect in EFFECTS for strength in (0.5, 1.0))]
    assert [(row.effect, row.strength) for row in found.rows] == steps * 2
    assert {row.sample for row in found.rows} == {"testA"}
    clean, first, *_ = found.rows
    assert (clean.difference, clean.error) == (0, 0)
    expected = evaluate(run_copy, small_data, "testA", tmp_path / "clean").predictions
    assert clean.accuracies["all"] == pytest.approx((expected["prediction"] == expected["label"]).mean())
    under = evaluate(run_copy, small_data, "testA", tmp_path / "under", effect="missing_plane:0.5").predictions
    right, before = (table["prediction"] == table["label"] for table in (under, expected))
    assert first.accuracies["all"] == pytest.approx(right.mean())
    differences = right.astype(float) - before
    assert first.difference == pytest.approx(differences.mean())
    assert first.error == pytest.approx(differences.std() / np.sqrt(10))
    assert [one.effect for one in open_run(run_copy).scorings[1:4]] == [None, "missing_plane:0.5", "missing_plane:1"]


def test_the_table_and_the_figure_are_there(published, small_data, tmp_path):
    found = robustness(published, small_data, tmp_path / "out", EFFECTS, [1.0])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["robustness.json", *(f"robustness.{ending}" for ending in ("csv", "md", "tex", "png", "pdf"))]
    )
    written = pd.read_csv(tmp_path / "out" / "robustness.csv")
    assert written["effect"].tolist() == ["none", *EFFECTS]
    assert written["all"].tolist() == pytest.approx([100 * row.accuracies["all"] for row in found.rows])
    assert "to clean [points]" in found.table.markdown()


def test_it_goes_on_with_what_is_missing(published, small_data, tmp_path, monkeypatch):
    first = robustness(published, small_data, tmp_path / "out", EFFECTS[:1], [1.0])
    scored = []
    original = module._scored
    monkeypatch.setattr(module, "_scored", lambda *arguments: scored.append(arguments[-1].name) or original(*arguments))
    both = robustness(published, small_data, tmp_path / "out", EFFECTS, [1.0])
    assert scored == ["none", "threshold"]
    assert both.rows[:2] == first.rows
    scored.clear()
    assert robustness(published, small_data, tmp_path / "out", EFFECTS, [1.0]).rows == both.rows
    assert scored == []
    assert len(json.loads((tmp_path / "out" / "robustness.json").read_text())["rows"]) == 3
    (tmp_path / "out" / "robustness.json").write_text("{")
    with pytest.raises(BadScores, match="no JSON"):
        robustness(published, small_data, tmp_path / "out", EFFECTS)


@pytest.mark.filterwarnings("ignore::lartpc_zoo.evaluation.opening.SharedSources")
def test_what_cannot_be_measured_is_refused(published, small_data, fixture_file, tmp_path):
    with pytest.raises(UnknownEffects, match="Did you mean noise"):
        robustness(published, small_data, tmp_path / "out", ["nois"])
    with pytest.raises(UnknownEffects, match="No effect 'noise:0.5'"):  # strengths have an option of their own
        robustness(published, small_data, tmp_path / "out", ["noise:0.5"])
    with pytest.raises(BadOption, match="expected one or more above 0, 1 at most"):
        robustness(published, small_data, tmp_path / "out", ["noise"], [0.0])
    with pytest.raises(BadOption, match="expected different names"):
        robustness(published, small_data, tmp_path / "out", ["noise", "noise"])
    with pytest.raises(Unlabelled):
        robustness(published, fixture_file("larcv2_images_only_5.root"), tmp_path / "out", ["noise"])
