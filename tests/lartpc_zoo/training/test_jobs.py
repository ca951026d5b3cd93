import shutil
import sys

import pytest

from data_tools.errors import BadOption
from lartpc_zoo.errors import BadInput, RunDiffers, StudyIncomplete
from lartpc_zoo.training import jobs
from lartpc_zoo.training.jobs import run_study
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
