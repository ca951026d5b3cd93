import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import uproot

import data_tools
from data_tools.conversion import convert
from data_tools.errors import BadOption, UnknownEffects
from lartpc_zoo.errors import CorruptRun, RunDiffers
from lartpc_zoo.evaluation import evaluate as scoring_module
from lartpc_zoo.evaluation.opening import SharedSources
from lartpc_zoo.models.scoring import begin_scoring
from lartpc_zoo.training.run import open_run
from lartpc_zoo.zoo import classify, evaluate


def test_another_data_set_of_the_same_files_is_warned_of(finished_run, larcv2_256, tmp_path):
    other = convert(larcv2_256, tmp_path / "other", ["testB"], down_sample=4)
    run_copy = shutil.copytree(finished_run.directory, tmp_path / "run")
    with pytest.warns(SharedSources, match="has events from 1 of the files .* the accuracy too high"):
        result = evaluate(run_copy, other)
    assert len(pd.read_csv(result.directory / "predictions_testB.csv.gz")) == 40  # warned of, and scored all the same


def test_the_output_of_a_scoring_is_not_a_run(finished_run, small_data):
    with pytest.raises(RunDiffers, match="whose files would be lost"):
        evaluate(finished_run, small_data, "train", finished_run.directory)


def test_evaluate_scores_any_sample_and_logs_it(finished_run, small_data, tmp_path):
    run_copy = shutil.copytree(finished_run.directory, tmp_path / "run")
    result = evaluate(run_copy, small_data, "testA")
    output = result.directory
    assert output.parent == run_copy / "evaluations"
    assert len(pd.read_csv(output / "predictions_testA.csv.gz")) == 10
    assert "testA, 10 events" in result.table1_markdown()
    assert result.table1_markdown() == (output / "table1.md").read_text()
    assert (output / "figures" / "confusion_matrix.png").is_file()
    assert [scoring.sample for scoring in open_run(run_copy).scorings] == ["testB", "testA"]


def test_evaluate_on_test_b_gives_the_predictions_of_the_run(finished_run, small_data, tmp_path):
    run_copy = shutil.copytree(finished_run.directory, tmp_path / "run")
    result = evaluate(run_copy, small_data, "testB", tmp_path / "elsewhere")
    again = pd.read_csv(result.directory / "predictions_testB.csv.gz")
    pd.testing.assert_frame_equal(again, finished_run.predictions, atol=1e-5)


def test_damaged_weights_are_not_used(finished_run, small_data, tmp_path):
    run_copy = shutil.copytree(finished_run.directory, tmp_path / "run")
    weights = run_copy / finished_run.results.chosen.weights
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(CorruptRun, match="missing or damaged"):
        evaluate(run_copy, data_tools.open_dataset(small_data.directory))


def test_events_without_truth_are_scored_but_not_measured(finished_run, fixture_file, tmp_path):
    data = convert(fixture_file("larcv2_images_only_5.root"), tmp_path / "data", ["detector"], down_sample=4)
    run_copy = shutil.copytree(finished_run.directory, tmp_path / "run")
    result = evaluate(run_copy, data, "detector")
    output = result.directory
    assert result.table1 is None
    assert sum(result.counts().values()) == 5
    with pytest.raises(ValueError, match="no truth, so there is no Table 1"):
        result.table1_markdown()
    assert [path.name for path in output.iterdir()] == ["predictions_detector.csv.gz"]
    predictions = pd.read_csv(output / "predictions_detector.csv.gz")
    assert len(predictions) == 5
    assert set(predictions["label"]) == {-1}
    assert np.allclose(predictions.filter(like="score_").sum(axis=1), 1)
    scoring = open_run(run_copy).scorings[-1]
    assert (scoring.sample, scoring.events, scoring.accuracy) == ("detector", 5, None)


@pytest.fixture
def run_copy(finished_run, tmp_path):
    """Directory of a copy of the finished run, which a scoring may log in."""
    return shutil.copytree(finished_run.directory, tmp_path / "run")


@pytest.mark.filterwarnings("ignore::lartpc_zoo.evaluation.opening.SharedSources")
@pytest.mark.parametrize("format_", ["csv.gz", "parquet", "root"])
def test_larcv_files_are_scored_as_if_they_had_been_converted(format_, run_copy, larcv2_256, tmp_path):
    data = convert(larcv2_256, tmp_path / "data", ["input"], down_sample=4)
    expected = evaluate(run_copy, data, "input", tmp_path / "expected").directory
    result = evaluate(run_copy, str(larcv2_256), output=tmp_path / "output", format=format_)
    assert "Accuracy in % on input, 40 events" in result.table1_markdown()
    path = result.directory / f"predictions_input.{format_}"
    read = {"csv.gz": pd.read_csv, "parquet": pd.read_parquet, "root": read_root}[format_]
    predictions = read(path)
    pd.testing.assert_frame_equal(
        predictions, pd.read_csv(expected / "predictions_input.csv.gz"), check_dtype=False, atol=1e-5
    )


def read_root(path):
    with uproot.open(path) as file:
        return pd.DataFrame(file["predictions"].arrays(library="np"))


def test_effects_of_a_detector_have_results_of_their_own_and_are_on_record(run_copy, small_data):
    clean = evaluate(run_copy, small_data, "testA")
    noisy = evaluate(run_copy, small_data, "testA", effect="noise:0.5")
    assert noisy.directory.name == f"{clean.directory.name}-noise-0.5"
    assert not clean.predictions["score_muon"].equals(noisy.predictions["score_muon"])
    assert [one.effect for one in open_run(run_copy).scorings] == [None, None, "noise:0.5"]
    with pytest.raises(UnknownEffects, match="Did you mean noise"):
        evaluate(run_copy, small_data, "testA", effect="nois")


def test_a_larcv_file_without_truth(run_copy, fixture_file):
    output = evaluate(run_copy, fixture_file("larcv2_images_only_5.root"), "detector").directory
    assert (output / "predictions_detector.csv.gz").is_file()
    result = evaluate(run_copy, fixture_file("larcv2_images_only_5.root"))
    assert len(result.predictions) == 5
    assert (result.directory / "predictions_input.csv.gz").is_file()
    scoring = open_run(run_copy).scorings[-1]
    assert (scoring.sample, scoring.complete, scoring.accuracy) == ("input", True, None)


def test_a_format_that_is_not_there(finished_run, small_data):
    with pytest.raises(BadOption, match=r"Format 'xlsx' of predictions: expected one of csv\.gz, parquet, root"):
        evaluate(finished_run, small_data, format="xlsx")


def test_a_scoring_is_on_record_before_it_begins(run_copy, small_data, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(scoring_module, "predictions", interrupted)
    with pytest.raises(KeyboardInterrupt):
        evaluate(run_copy, small_data, "testB")
    assert [one.complete for one in open_run(run_copy).scorings] == [True, False]


def test_a_pretrained_network_is_evaluated_like_a_run(published, finished_run, small_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = evaluate(published, small_data, "testB")
    output = result.directory
    assert output == Path("evaluations") / "small" / f"testB-{small_data.fingerprint[:12]}"
    again = pd.read_csv(output / "predictions_testB.csv.gz")
    pd.testing.assert_frame_equal(again, finished_run.predictions, atol=1e-5)
    assert "testB, 10 events" in result.table1_markdown()


@pytest.mark.filterwarnings("ignore::lartpc_zoo.evaluation.opening.SharedSources")
def test_classify_scores_files_with_truth_or_without(published, finished_run, larcv2_256, fixture_file):
    table = classify(larcv2_256, published)
    classes = ["electron", "gamma", "muon", "pion", "proton"]
    columns = ["file", "entry", "run", "subrun", "event", "prediction"]
    assert list(table) == [*columns, *(f"score_{name}" for name in classes)]
    assert table["entry"].tolist() == list(range(40))
    assert set(table["file"]) == {"larcv2_256.root"}
    scores = table.filter(like="score_")
    assert np.allclose(scores.sum(axis=1), 1)
    assert table["prediction"].tolist() == [classes[label] for label in scores.to_numpy().argmax(axis=1)]
    pd.testing.assert_frame_equal(classify(str(larcv2_256), finished_run), table, atol=1e-5)
    without_truth = classify(fixture_file("larcv2_images_only_5.root"), published)
    assert np.isfinite(without_truth.filter(like="score_")).all(axis=None)


@pytest.mark.filterwarnings("ignore::lartpc_zoo.evaluation.opening.SharedSources")
def test_classify_averages_the_scores_of_all_networks(published, run_copy, small_data, monkeypatch):
    other = open_run(run_copy)
    changed = other.load_model()
    changed.get_layer("logits").bias.assign([3.0, 0.0, -3.0, 0.0, 0.0])
    monkeypatch.setattr(other, "load_model", lambda: changed)
    one, two, both = (classify(small_data, networks) for networks in (published, other, [published, other]))
    scores = [name for name in one if name.startswith("score_")]
    assert np.abs(one[scores] - two[scores]).to_numpy().max() > 0.1
    np.testing.assert_allclose(both[scores], (one[scores] + two[scores]) / 2, atol=1e-6)
    assert (both["prediction"] == both[scores].idxmax(axis=1).str.removeprefix("score_")).all()
    with pytest.raises(BadOption, match="No network to score with"):
        classify(small_data, [])


def test_scorings_of_two_processes_are_both_on_record(run_copy, small_data):
    one, other = open_run(run_copy), open_run(run_copy)
    first, second = (begin_scoring(small_data.fingerprint, sample, 9, "images") for sample in ("testA", "train"))
    one.log_scoring(first)
    other.log_scoring(second)
    one.log_scoring(first.ended(0.5))
    other.log_scoring(second.ended(0.5))
    found = [(scoring.sample, scoring.complete) for scoring in open_run(run_copy).scorings]
    assert found == [("testB", True), ("testA", True), ("train", True)]


def test_scores_of_two_samples_do_not_mix_and_an_output_that_cannot_be_costs_no_scoring(run_copy, small_data, tmp_path):
    evaluate(run_copy, small_data, "testA", tmp_path / "scored")
    with pytest.raises(RunDiffers, match=r"holds predictions_testA\.csv\.gz, of another sample than testB"):
        evaluate(run_copy, small_data, "testB", tmp_path / "scored")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        evaluate(run_copy, small_data, "testB", tmp_path / "file" / "scored")
    assert [one.sample for one in open_run(run_copy).scorings] == ["testB", "testA"]
