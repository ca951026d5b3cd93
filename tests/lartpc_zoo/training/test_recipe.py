import pytest
import yaml

import zoo_configs
from data_tools.record import plain
from lartpc_zoo.errors import BadRecipe, UnknownRecipe
from lartpc_zoo.training.recipe import load_recipe, recipe_from_dict


@pytest.mark.parametrize("name", zoo_configs.names("recipe"))
def test_every_recipe_loads_and_says_what_it_is_for(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    text = (zoo_configs.files(zoo_configs.__name__) / "recipes" / f"{name}.yaml").read_text()
    head = text.split("\n\n")[0]
    for word in ("# For:", "# Takes:", "# Expect:"):
        assert word in head
    fields = plain(recipe)
    del fields["name"]
    again = recipe_from_dict(name, yaml.safe_load(yaml.safe_dump(fields)), "again")
    assert plain(again) == plain(recipe)


def test_the_paper_recipe_is_the_study_solver():
    recipe = load_recipe("paper")
    assert (recipe.batch_size, recipe.l2, recipe.optimizer.class_name) == (20, 5e-4, "RMSprop")
    assert recipe.optimizer.config == {"rho": 0.9, "epsilon": 1e-8}
    assert (recipe.learning_rate.base, recipe.learning_rate.gamma, recipe.learning_rate.power) == (3e-4, 1e-5, 0.75)
    assert recipe.protocol.evaluation_interval == 250
    assert recipe.inputs.threshold == (40, 50, 40)


@pytest.fixture
def edited(tmp_path):
    """Function: the path of the quickstart recipe with some fields replaced."""

    def path(**changes):
        content = {**zoo_configs.load("recipes/quickstart.yaml"), **changes}
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content))
        return tmp_path / "mine.yaml"

    return path


def test_a_file_of_ones_own(edited):
    recipe = load_recipe(edited(batch_size=32))
    assert (recipe.name, recipe.batch_size) == ("mine", 32)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batchsize": 20}, r"mine\.yaml: unknown field 'batchsize'; .*Did you mean batch_size"),
        ({"protocol": {"windowepochs": 5}}, r"protocol: unknown field 'windowepochs'.*window_epochs"),
        ({"batch_size": "20"}, "batch_size: expected a whole number, got '20'"),
        ({"l2": "1e-4"}, "l2: expected a number, got '1e-4'.*YAML needs a point"),
        ({"batch_size": 0}, "expected batch_size >= 1"),
        ({"dtype": "float8"}, "dtype 'float8': expected one of auto, float32"),
        ({"mirror": 1}, "mirror: expected true or false"),
        ({"optimizer": "Adam"}, "optimizer: expected a mapping, got 'Adam'"),
        ({"learning_rate": {}}, "learning_rate: missing base; fields: base, gamma, power"),
        ({"learning_rate": {"base": -1.0}}, "learning_rate: expected base > 0"),
        ({"inputs": {"scale": -1.0}}, "inputs: .*expected a positive number"),
        ({"inputs": {"threshold": "abc"}}, r"inputs\.threshold: expected a number or a list.*, got 'abc'"),
        ({"inputs": {"maximum": [40, None, 40]}}, r"inputs\.maximum\.1: expected a number, got None"),
        ({"optimizer": {"class_name": "AdamW", "config": None}}, r"optimizer\.config: expected a mapping, got None"),
        (
            {"optimizer": {"class_name": "AdamW", "config": {"use_ema": True, "ema_overwrite_frequency": 10}}},
            "ema_overwrite_frequency: averages are evaluated and saved, and never trained on",
        ),
        ({"optimizer": {"class_name": "AdamW", "config": {"learning_rate": 1.0}}}, "a field of its own"),
        ({"protocol": {"maximum_epochs": float("inf")}}, "maximum_epochs: expected a finite number, got inf"),
        ({"protocol": {"maximum_epochs": 0, "minimum_epochs": 0}}, "maximum_epochs > 0"),
        ({"convert": {"samples": "train=20"}}, "samples: expected a list, got 'train=20'"),
        ({"convert": {"samples": ["train"], "threshold": "x"}}, "threshold: expected a number, got 'x'"),
        ({"name": "../../evil"}, "unknown field 'name'"),
    ],
)
def test_what_is_wrong_with_a_recipe(edited, changes, message):
    with pytest.raises(BadRecipe, match=message):
        load_recipe(edited(**changes))


def test_an_unknown_recipe_names_the_near_ones():
    with pytest.raises(UnknownRecipe, match="No recipe 'quikstart': there are .*Did you mean quickstart"):
        load_recipe("quikstart")


@pytest.mark.parametrize("text", ["- a\n- b", "a: [", "!!python/object:os.system {}"])
def test_yaml_that_is_no_recipe(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(BadRecipe, match=r"bad\.yaml"):
        load_recipe(tmp_path / "bad.yaml")
