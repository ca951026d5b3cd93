import shutil
import sys

import pytest
from distributed import LocalCluster

from data_tools import workers
from data_tools.errors import BadOption
from data_tools.locks import locked
from lartpc_zoo.errors import BadInput, RunDiffers, StudyIncomplete
from lartpc_zoo.training import jobs
from lartpc_zoo.training.jobs import run_study
from lartpc_zoo.training.run import open_run
from lartpc_zoo.training.study import load_study


def test_a_network_that_cannot_take_the_images_ends_the_study_before_it_begins(study_file, small_data, tmp_path):
    study = load_study(study_file(networks=["plainresnet10b_wd16", "resnet14b_wd4_p5"]))
    with pytest.raises(BadInput, match="looks at plane 5"):
        run_study(study, small_data.directory, tmp_path / "out")
    with pytest.raises(BadOption, match="Job 7: the study has 1 trainings, 0 to 0"):
        run_study(load_study(study_file()), small_data.directory, tmp_path / "out", job=7)
    assert not (tmp_path / "out").exists()


def test_a_training_that_fails_takes_no_other_with_it(study_file, small_data, tmp_path, monkeypatch):
    begun = []

    def command(job, data, directory, devices):
        begun.append(job.seed)
        return [sys.executable, "-c", f"raise SystemExit({job.seed == 1:d})"]

    monkeypatch.setattr(jobs, "_command", command)
    with pytest.raises(StudyIncomplete, match="1 of 2 trainings did not end: plainresnet10b_wd16-tiny-seed1"):
        run_study(load_study(study_file(seeds=[1, 2])), small_data.directory, tmp_path / "out")
    assert begun == [1, 2]


def test_a_finished_run_of_something_else_is_not_taken_for_the_studys(study_file, small_data, finished_run, tmp_path):
    shutil.copytree(finished_run.directory, tmp_path / "out" / "plainresnet10b_wd16-tiny-seed1")
    with pytest.raises(RunDiffers, match="network was plainresnet10b_wd16_fc8_p2, now plainresnet10b_wd16"):
        run_study(load_study(study_file()), small_data.directory, tmp_path / "out")


@pytest.fixture
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


@pytest.mark.slow
def test_the_workers_of_a_dask_cluster_train_a_study_and_go_on_with_it(study_file, small_data, tmp_path, cluster):
    study = load_study(study_file(networks=["plainresnet10b_wd32"], seeds=[1, 2]))
    expected = run_study(study, small_data.directory, tmp_path / "here", job=0)
    runs = run_study(study, small_data.directory, tmp_path / "out", dask=cluster)
    assert [open_run(run).config.seed for run in runs] == [1, 2]
    assert open_run(runs[0]).results.accuracies == open_run(expected[0]).results.accuracies
    before = (runs[0] / "results.json").read_bytes()
    assert run_study(study, small_data.directory, tmp_path / "out", dask=cluster) == runs
    assert (runs[0] / "results.json").read_bytes() == before
    assert "testA" in runs[0].with_name(f"{runs[0].name}.log").read_text()


@pytest.mark.slow
def test_a_training_that_fails_on_a_worker_takes_no_other_with_it(study_file, small_data, tmp_path, cluster):
    study = load_study(study_file(networks=["plainresnet10b_wd32"], seeds=[1, 2]))
    busy = tmp_path / "out" / "plainresnet10b_wd32-tiny-seed1"
    with (
        locked(busy, BadOption("no")),
        pytest.raises(StudyIncomplete, match=r"1 of 2 trainings did not end: .*seed1\. .*RUN\.log"),
    ):
        run_study(study, small_data.directory, tmp_path / "out", dask=cluster)
    assert open_run(tmp_path / "out" / "plainresnet10b_wd32-tiny-seed2").results
    assert "another process" in busy.with_name(f"{busy.name}.log").read_text()


def test_a_scheduler_that_does_not_answer(study_file, small_data, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_DASK_ANSWERS_WITHIN", 1)
    with pytest.raises(BadOption, match="no scheduler answers there"):
        run_study(load_study(study_file()), small_data.directory, tmp_path / "out", dask="tcp://127.0.0.1:9")
