import shutil
import sys

import pytest

import zoo_configs
from data_tools.errors import BadOption
from lartpc_zoo.errors import (
    BadInput,
    BadRecipe,
    BadStudy,
    RunDiffers,
    StudyIncomplete,
    UnknownNetwork,
    UnknownRecipe,
    UnknownStudy,
)
from lartpc_zoo.models.axes import axis_between
from lartpc_zoo.models.catalogue import list_models, network_info
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.training import study as studies
from lartpc_zoo.training.study import Study, load_study, run_study

AXES = {
    "depth": "depth",
    "width": "width",
    "blocks": "plain or bottleneck blocks",
    "head": "fully connected head",
    "stem": "stride of the stem",
    "sparsification": "input sparsification",
    "planes": "planes",
}


def test_every_study_of_the_package_can_be_loaded():
    assert {"table1", "sixteen", *AXES} == set(zoo_configs.names("study"))
    for name in zoo_configs.names("study"):
        assert load_study(name).jobs


def test_the_papers_studies_hold_its_networks():
    networks = [name for name in list_models() if name not in ("alexnet", "googlenet")]
    assert sorted(load_study("sixteen").networks) == sorted(f"{name}_p2" for name in networks)
    in_table1 = [name for name in networks if network_info(name).table1]
    assert sorted(load_study("table1").networks) == sorted(f"{name}_p2" for name in in_table1)


@pytest.mark.parametrize("name", AXES)
def test_a_study_of_one_axis_changes_nothing_else(name):
    specs = [parse_network(network) for network in load_study(name).networks]
    for spec in specs[1:]:
        assert axis_between(specs[0], spec) == AXES[name]


def test_jobs_are_all_combinations_seed_after_seed():
    jobs = Study(("a", "b"), ("paper", "x/own.yaml"), (1, 2)).jobs
    assert [job.directory for job in jobs[:4]] == ["a-paper-seed1", "b-paper-seed1", "a-own-seed1", "b-own-seed1"]
    assert len({job.directory for job in jobs}) == 8
    assert {job.seed for job in jobs[4:]} == {2}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"networks": ["resnet15b"]}, UnknownNetwork, "resnet15b"),
        ({"recipes": ["no.yaml"]}, UnknownRecipe, "no.yaml"),
        ({"networks": []}, BadStudy, "networks: expected one or more"),
        ({"seeds": ["one"]}, BadStudy, r"seeds\.0: expected a whole number, got 'one'"),
        ({"seeds": [-1]}, BadStudy, "expected whole numbers from 0 to 4294967295"),
        ({"seeds": [1, 1]}, BadStudy, "names one twice"),
        ({"margin": 3}, BadStudy, "unknown field 'margin'; fields: networks, recipes, seeds"),
    ],
)
def test_a_study_that_cannot_be_names_what_is_wrong(changes, error, message, study_file):
    with pytest.raises(error, match=message):
        load_study(study_file(**changes))


def test_files_that_are_no_study(tmp_path, study_file):
    with pytest.raises(UnknownStudy, match="there are blocks, depth, .* Did you mean depth"):
        load_study("dept")
    (tmp_path / "broken.yaml").write_text("a: [")
    with pytest.raises(BadStudy, match="not YAML"):
        load_study(tmp_path / "broken.yaml")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tiny.yaml").write_text((tmp_path / "tiny.yaml").read_text())
    with pytest.raises(BadStudy, match="have one name twice"):
        load_study(study_file(recipes=["tiny.yaml", "other/tiny.yaml"]))
    (tmp_path / "tiny.yaml").write_text("batch_size: 20")
    with pytest.raises(BadRecipe, match=r"tiny\.yaml: missing"):
        load_study(study_file())


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

    monkeypatch.setattr(studies, "_command", command)
    with pytest.raises(StudyIncomplete, match="1 of 2 trainings did not end: plainresnet10b_wd16-tiny-seed1"):
        run_study(load_study(study_file(seeds=[1, 2])), small_data.directory, tmp_path / "out")
    assert begun == [1, 2]


def test_a_finished_run_of_something_else_is_not_taken_for_the_studys(study_file, small_data, finished_run, tmp_path):
    shutil.copytree(finished_run.directory, tmp_path / "out" / "plainresnet10b_wd16-tiny-seed1")
    with pytest.raises(RunDiffers, match="network was plainresnet10b_wd16_fc8_p2, now plainresnet10b_wd16"):
        run_study(load_study(study_file()), small_data.directory, tmp_path / "out")
