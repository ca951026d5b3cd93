import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pytest
import uproot
from distributed import LocalCluster

from data_tools.conversion import convert
from data_tools.errors import BadOption, DuplicateInput, InputNotFound, ProducerNotFound, UnknownSample
from data_tools.locks import locked
from lartpc_zoo.errors import BadScores, DataDiffers, RunBusy, RunDiffers
from lartpc_zoo.scoring import task
from lartpc_zoo.zoo import classify, evaluate, score_files

_KILLED = Path(__file__).with_name("killed_scoring.py")
_KILLS = 24
pytestmark = pytest.mark.filterwarnings("ignore::lartpc_zoo.evaluation.opening.SharedSources")


def contents(directory):
    """{name: bytes} of everything in a directory of scores."""
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def read_root(path):
    with uproot.open(path) as file:
        return pd.DataFrame(file["predictions"].arrays(library="np"))


READ = {"csv.gz": pd.read_csv, "parquet": pd.read_parquet, "root": read_root}


@pytest.mark.parametrize("format_", READ)
def test_every_file_has_an_output_with_the_scores_of_classify(format_, published, files, tmp_path, monkeypatch):
    monkeypatch.setattr(task, "ROWS_AT_ONCE", 7)  # outputs are written in several pieces
    scored = score_files(files, published, tmp_path / "scores", format=format_)
    assert [(one.entries, one.scored, one.left_out) for one in scored.inputs] == [
        (40, 40, {}),
        (20, 20, {}),
        (5, 5, {}),
    ]
    assert (scored.scored, scored.failed, len(scored.made)) == (65, (), 3)
    assert sorted(contents(tmp_path / "scores")) == sorted(
        ["scores.json", *(f"{Path(file).stem}.{format_}" for file in files)]
    )
    for one in scored.inputs:
        found = READ[format_](scored.directory / one.output)
        pd.testing.assert_frame_equal(found, classify(one.path, published), check_dtype=False, atol=1e-6)


def test_the_manifest_says_what_was_done(published, files, tmp_path):
    score_files(files[0], published, tmp_path / "scores")
    written = json.loads((tmp_path / "scores" / "scores.json").read_text())
    assert written["job"]["networks"][0]["network"] == "plainresnet10b_wd16_fc8_p2"
    assert len(written["job"]["networks"][0]["weights_sha256"]) == 64
    (one,) = written["inputs"]
    assert (one["path"], one["output"]) == (files[0], "larcv2_256.csv.gz")
    assert len(one["sha256"]) == 64
    assert one["output_bytes"] == (tmp_path / "scores" / one["output"]).stat().st_size


def test_what_is_complete_is_not_made_again_and_new_files_are_added(published, files, tmp_path):
    first = score_files(files[:2], published, tmp_path / "scores")
    assert len(first.made) == 2
    before = {name: (tmp_path / "scores" / name).stat().st_mtime_ns for name in contents(tmp_path / "scores")}
    again = score_files([Path(files[0]).parent], published, tmp_path / "scores")
    assert again.made == (files[2],)
    assert len(again.manifest.inputs) == 3
    for name in ("larcv2_256.csv.gz", "larcv2_unknown_pdg.csv.gz"):
        assert (tmp_path / "scores" / name).stat().st_mtime_ns == before[name]


def test_a_changed_input_is_scored_anew_and_a_touched_one_is_not(published, files, fixture_file, tmp_path):
    score_files(files, published, tmp_path / "scores")
    os.utime(files[0])
    shutil.copy(fixture_file("larcv2_unsplit.root"), files[1])
    scored = score_files(files, published, tmp_path / "scores")
    assert scored.made == scored.changed == (files[1],)
    assert [one.scored for one in scored.inputs] == [40, 40, 5]


def test_an_output_that_is_gone_or_cut_is_made_again(published, files, tmp_path):
    score_files(files, published, tmp_path / "scores")
    whole = contents(tmp_path / "scores")
    (tmp_path / "scores" / "larcv2_256.csv.gz").unlink()
    (tmp_path / "scores" / "larcv2_unknown_pdg.csv.gz").write_bytes(b"half")
    assert score_files(files, published, tmp_path / "scores").made == (files[0], files[1])
    assert contents(tmp_path / "scores") == whole


def test_damaged_files_are_named_and_do_not_stop_the_others(published, files, tmp_path):
    cut = tmp_path / "files" / "cut.root"
    cut.write_bytes(Path(files[0]).read_bytes()[:200_000])
    nothing = tmp_path / "files" / "empty.root"
    nothing.touch()
    inputs = [cut, files[0], nothing, files[2]]
    scored = score_files(inputs, published, tmp_path / "scores")
    assert [one.scored for one in scored.inputs] == [0, 40, 0, 5]
    assert [Path(one.path).name for one in scored.failed] == ["cut.root", "empty.root"]
    assert "cut.root" in scored.failed[0].failed
    assert not list((tmp_path / "scores").glob("cut*"))
    shutil.copy(files[0], cut)
    again = score_files(inputs, published, tmp_path / "scores")  # what failed is tried again
    assert [Path(one).name for one in again.made] == ["cut.root", "empty.root"]
    assert [one.scored for one in again.inputs] == [40, 40, 0, 5]


def test_policies_are_those_of_the_converter(published, files, fixture_file, tmp_path):
    (tmp_path / "empty.root").touch()
    inputs = [tmp_path / "empty.root", fixture_file("larcv2_nan.root")]
    policies = {"truncated": "skip", "bad-pixels": "zero"}
    scored = score_files([*inputs, files[2]], published, tmp_path / "scores", on=policies)
    assert scored.failed == ()
    assert scored.inputs[0].left_out == {"truncated": 1}
    assert scored.inputs[1].noticed["bad-pixels"] > 0
    assert score_files([*inputs, files[2]], published, tmp_path / "scores", on=policies).made == ()
    stopped = score_files([files[2], inputs[1]], published, tmp_path / "stopped")
    assert "NaN or infinite" in stopped.failed[0].failed


def test_a_file_can_be_left_out_later_and_no_other_policy_can_change(published, files, fixture_file, tmp_path):
    (tmp_path / "empty.root").touch()
    inputs = [files[2], tmp_path / "empty.root", fixture_file("larcv2_nan.root")]
    zeroed = {"bad-pixels": "zero"}
    assert len(score_files(inputs, published, tmp_path / "scores", on=zeroed).failed) == 1
    scored = score_files(inputs, published, tmp_path / "scores", on={**zeroed, "truncated": "skip"})
    assert (scored.failed, len(scored.made)) == ((), 1)
    with pytest.raises(RunDiffers, match=r"policies\.bad-pixels was zero, now None"):
        score_files(inputs, published, tmp_path / "scores", on={"truncated": "skip"})
    with pytest.raises(BadOption, match="events of all particles are scored"):
        score_files(inputs, published, tmp_path / "scores", on={"unknown-pdg": "skip"})


def test_a_file_that_changes_while_it_is_read_has_no_scores(published, files, tmp_path, monkeypatch):
    monkeypatch.setattr(task.Scorer, "tables", lambda self, source: iter([os.utime(source.path), *()][1:]))
    scored = score_files(files[0], published, tmp_path / "scores")
    assert "was changed while it was read" in scored.failed[0].failed
    assert not (tmp_path / "scores" / "larcv2_256.csv.gz").exists()


def test_images_of_another_kind_are_refused_before_anything_is_written(published, fixture_file, tmp_path):
    with pytest.raises(DataDiffers, match="images of 192 x 320 x 3"):
        score_files(fixture_file("larcv2_row_order.root"), published, tmp_path / "scores")
    assert not (tmp_path / "scores").exists()


def test_a_file_of_another_size_among_others_stops_none_of_them_however_often(published, files, fixture_file, tmp_path):
    inputs = [files[0], fixture_file("larcv2_row_order.root"), files[2]]
    scored = score_files(inputs[:2], published, tmp_path / "scores")
    assert [bool(one.failed) for one in scored.inputs] == [False, True]
    scored = score_files(inputs, published, tmp_path / "scores")
    assert [one.scored for one in scored.inputs] == [40, 0, 5]
    assert "images of 192 x 320 x 3" in scored.failed[0].failed


def test_an_option_that_fits_no_file_is_refused_at_once(published, files, tmp_path):
    with pytest.raises(ProducerNotFound):
        score_files(files, published, tmp_path / "scores", image_producer="wrong")
    assert not (tmp_path / "scores").exists()


def test_an_input_is_known_by_where_it_is(published, files, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(files[2], other / "larcv2_256.root")
    monkeypatch.chdir(Path(files[0]).parent)
    score_files("larcv2_256.root", published, tmp_path / "scores")
    assert score_files(files[0], published, tmp_path / "scores").made == ()
    monkeypatch.chdir(other)
    scored = score_files("larcv2_256.root", published, "../scores")
    assert (scored.inputs[0].scored, scored.changed) == (5, ())
    assert [one.scored for one in scored.manifest.inputs] == [40, 5]
    assert len({one.output for one in scored.manifest.inputs}) == 2


def test_images_of_another_size_are_padded_or_cut_where_it_is_asked_for(published, fixture_file, tmp_path):
    path = fixture_file("larcv2_row_order.root")
    scored = score_files(path, published, tmp_path / "scores", fit=True)
    assert (scored.inputs[0].fitted, scored.inputs[0].scored) == ((256, 256), 20)
    found = pd.read_csv(scored.directory / scored.inputs[0].output)
    pd.testing.assert_frame_equal(found, classify(path, published, fit=True), check_dtype=False, atol=1e-6)


def test_shards_of_a_data_set_are_inputs(published, small_data, tmp_path):
    scored = score_files(small_data.directory, published, tmp_path / "scores", sample="testB")
    assert [Path(one.output).name for one in scored.inputs] == [f"testB-0000{n}-of-00003.csv.gz" for n in range(3)]
    found = pd.concat([pd.read_csv(scored.directory / one.output) for one in scored.inputs])
    expected = evaluate(published, small_data, "testB", tmp_path / "evaluated").predictions
    found = found.sort_values("entry", ignore_index=True)
    np.testing.assert_array_equal(found["entry"], expected["entry"])
    scores = [name for name in found if name.startswith("score_")]
    np.testing.assert_allclose(found[scores], expected[scores], atol=1e-6)
    assert score_files([small_data.directory], published, tmp_path / "all").scored == 40
    with pytest.raises(DuplicateInput, match="given twice"):
        score_files([small_data.directory] * 2, published, tmp_path / "twice")
    with pytest.raises(UnknownSample):
        score_files(small_data.directory, published, tmp_path / "other", sample="testC")


def test_a_damaged_shard_is_no_input(published, copy_of_small_data, tmp_path):
    shard = next(copy_of_small_data.glob("testA-00001*"))
    shard.write_bytes(shard.read_bytes()[:-3] + b"abc")
    scored = score_files(copy_of_small_data, published, tmp_path / "scores", sample="testA")
    assert [Path(one.path).name for one in scored.failed] == [shard.name]
    assert "sha256" in scored.failed[0].failed


def test_inputs_are_found_in_lists_and_files_of_one_name_have_outputs_of_their_own(published, files, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(files[1], other / "larcv2_256.root")
    (tmp_path / "list.txt").write_text(f"# those of today\n{files[0]}\n\n{other}/*.root\n")
    scored = score_files(f"@{tmp_path / 'list.txt'}", published, tmp_path / "scores")
    assert [one.scored for one in scored.inputs] == [40, 20]
    assert len({one.output for one in scored.inputs}) == 2
    assert score_files(f"@{tmp_path / 'list.txt'}", published, tmp_path / "scores").made == ()
    with pytest.raises(InputNotFound, match="expected a list"):
        score_files("@missing.txt", published, tmp_path / "scores")
    with pytest.raises(DuplicateInput):
        score_files([files[0], files[0]], published, tmp_path / "scores")


def test_inputs_behind_urls_are_scored_and_known_again(published, files, tmp_path):
    remote = fsspec.filesystem("memory")
    remote.pipe("/production/a.root", Path(files[0]).read_bytes())
    inputs = ["memory://production/a.root", "memory://production/missing.root"]
    scored = score_files(inputs, published, tmp_path / "scores")
    assert [one.scored for one in scored.inputs] == [40, 0]
    assert "missing.root" in scored.failed[0].failed
    assert (scored.inputs[0].sha256, scored.inputs[0].output) == (None, "a.csv.gz")
    assert score_files(inputs[:1], published, tmp_path / "scores").made == ()
    remote.pipe("/production/a.root", Path(files[2]).read_bytes())
    again = score_files(inputs[:1], published, tmp_path / "scores")
    assert (again.changed, again.scored) == (("memory://production/a.root",), 5)


def test_scores_that_were_made_in_another_way_and_other_directories_are_not_touched(published, files, tmp_path):
    score_files(files[2], published, tmp_path / "scores")
    with pytest.raises(RunDiffers, match=r"format was csv\.gz, now root"):
        score_files(files[2], published, tmp_path / "scores", format="root")
    with pytest.raises(RunDiffers, match="is not empty and holds no scores"):
        score_files(files[2], published, Path(files[0]).parent)
    (tmp_path / "scores" / "scores.json").write_text("{")
    with pytest.raises(BadScores, match="no JSON"):
        score_files(files[2], published, tmp_path / "scores")


def test_two_processes_do_not_score_into_one_directory(published, files, tmp_path):
    with locked(tmp_path / "scores", BadOption("no")), pytest.raises(RunBusy, match="another process scores"):
        score_files(files[2], published, tmp_path / "scores")


def test_effects_of_a_detector_are_those_of_a_conversion(published, larcv2_256, tmp_path):
    scored = score_files(larcv2_256, published, tmp_path / "scores", effect="detector:0.5")
    data = convert(larcv2_256, tmp_path / "data", ["input"], effect="detector:0.5", down_sample=4)
    found = pd.read_csv(scored.directory / scored.inputs[0].output)
    pd.testing.assert_frame_equal(found, classify(data, published), check_dtype=False, atol=1e-6)
    pd.testing.assert_frame_equal(
        found, classify(larcv2_256, published, effect="detector:0.5"), check_dtype=False, atol=1e-6
    )
    clean = classify(larcv2_256, published)
    assert not np.allclose(found.filter(like="score_"), clean.filter(like="score_"), atol=1e-3)
    with pytest.raises(RunDiffers, match=r"disturbance\.strength was 0\.5, now 1\.0"):
        score_files(larcv2_256, published, tmp_path / "scores", effect="detector")


def test_scores_of_several_networks_are_averaged(published, finished_run, files, tmp_path):
    both = score_files(files[2], [published, finished_run], tmp_path / "both")
    assert len(both.manifest.job.networks) == 2
    one = score_files(files[2], published, tmp_path / "one")
    found, expected = (pd.read_csv(scored.directory / scored.inputs[0].output) for scored in (both, one))
    pd.testing.assert_frame_equal(found, expected, atol=1e-6)  # the same weights twice


def test_killed_at_any_instant_it_goes_on_to_the_same_bytes(files, tmp_path):
    subprocess.run([sys.executable, _KILLED, Path(files[0]).parent, tmp_path, "1", str(_KILLS)], check=True)
    whole = contents(tmp_path / "whole")
    assert len(whole) == 4
    unfinished = half_written = half_recorded = 0
    for kill in range(_KILLS):
        assert contents(tmp_path / str(kill)) == whole
        left = tmp_path / f"{kill}-left"
        if left.is_dir() and not (left / "scores.json").exists():
            unfinished += 1
            half_written += any(left.glob(".aside-*"))
            half_recorded += any(left.glob(".scoring/.aside-*"))
    assert unfinished > _KILLS // 2
    assert half_written > 0 and half_recorded > 0


@pytest.mark.slow
def test_two_processes_and_dask_give_the_scores_of_one(published, files, tmp_path):
    score_files(files, published, tmp_path / "one")
    whole = contents(tmp_path / "one")
    score_files(files, published, tmp_path / "two", workers=2)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        score_files(files, published, tmp_path / "dask", dask=cluster.scheduler_address)
    for name in ("two", "dask"):
        found = contents(tmp_path / name)
        assert sorted(found) == sorted(whole)
        for file in files:
            one, other = (pd.read_csv(tmp_path / d / f"{Path(file).stem}.csv.gz") for d in ("one", name))
            pd.testing.assert_frame_equal(one, other, atol=1e-6)
