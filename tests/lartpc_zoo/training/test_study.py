import pytest

import zoo_configs
from lartpc_zoo.errors import (
    BadRecipe,
    BadStudy,
    UnknownNetwork,
    UnknownRecipe,
    UnknownStudy,
)
from lartpc_zoo.models.catalogue import list_models, network_info
from lartpc_zoo.models.comparing import axis_between
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.training.study import Study, load_study

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
