import shutil

import pytest
import yaml

import zoo_configs
from data_tools.conversion import convert
from lartpc_zoo.errors import BadExport, BadInput, DataDiffers, NotARun, NoWeights, UnknownNetwork
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.pretrained.loading import open_pretrained
from lartpc_zoo.zoo import classify, create_model, evaluate, export, list_models, open_trained, score

PRETRAINED = "resnet14b_wd4"
CARD = zoo_configs.directory("pretrained") / f"{PRETRAINED}.card.yaml"


def test_the_networks_of_the_study_are_listed_in_natural_order():
    assert list_models("resnet29*") == ["resnet29b", "resnet29b_w2", "resnet29b_w4"]
    assert list_models("no*") == []


def test_pretrained_networks_are_those_whose_cards_have_weights():
    cards = CARD.parent.glob("*.card.yaml")
    published = {path.name.partition(".")[0] for path in cards if yaml.safe_load(path.read_text())["weights"]}
    assert list_models(pretrained=True) == sorted(published)
    assert list_models("vgg*", pretrained=True) == ["vgg16b_wd4"]


def test_a_model_is_created_by_name_or_specification():
    for name in ("plainresnet10b_wd16", parse_network("plainresnet10b_wd16")):
        model = create_model(name, (64, 48, 3), num_classes=2)
        assert (model.input_shape, model.output_shape) == ((None, 64, 48, 3), (None, 2))


def test_a_model_on_a_pretrained_backbone_has_the_input_of_its_card():
    model = create_model(PRETRAINED, num_classes=3, weights="pretrained")
    assert (model.input_shape, model.output_shape) == ((None, 144, 144, 3), (None, 3))


def test_a_model_needs_an_input_shape_or_a_backbone():
    with pytest.raises(BadInput, match=r"resnet14b: an input_shape \(rows, cols, planes\) is needed"):
        create_model("resnet14b")
    with pytest.raises(UnknownNetwork, match="resnet15b"):
        create_model("resnet15b", (64, 64, 3))
    with pytest.raises(NoWeights, match="No pretrained network 'resnet50b_w4'"):
        create_model("resnet50b_w4", weights="pretrained")


def test_a_trained_network_is_opened_by_name_or_card_and_one_that_is_open_stays_as_it_is(tmp_path):
    by_name = open_trained(PRETRAINED)
    assert (by_name.name, by_name.network) == (PRETRAINED, PRETRAINED)
    assert open_trained(by_name) is by_name
    assert open_trained(shutil.copy(CARD, tmp_path)).weights_sha256 == by_name.weights_sha256


def test_what_is_neither_a_run_nor_a_pretrained_network(small_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for use in (open_trained, lambda what: evaluate(what, small_data), lambda what: classify(small_data, what)):
        with pytest.raises(NotARun, match="No pretrained network 'resnet50b_w4'.*`train` trains it"):
            use("resnet50b_w4")
        for name in ("nonsense", "runs/mine"):
            with pytest.raises(NotARun, match=f"{name}: no such directory, .* No pretrained network '{name}'"):
                use(name)
        with pytest.raises(NotARun, match=r"no config\.yaml"):
            use(tmp_path)


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("resnet14b", BadExport, "resnet14b: random weights need an input_shape"),
        ("resnet15b", UnknownNetwork, "No network 'resnet15b'"),
        ("runs/mine", BadExport, "runs/mine: no such directory; expected that of a finished run"),
    ],
)
def test_what_names_nothing_that_can_be_exported(what, error, message, tmp_path):
    with pytest.raises(error, match=message):
        export(what, tmp_path / "out.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"input_shape": (144, 144, 3)}, {"num_classes": 5}])
def test_a_trained_network_is_exported_as_it_is(options, tmp_path):
    for what in (CARD, open_pretrained(PRETRAINED)):
        with pytest.raises(BadExport, match=f"{PRETRAINED} is trained and has its own input shape and classes"):
            export(what, tmp_path / "out.onnx", **options)


def test_a_place_that_is_taken_is_refused_before_a_network_is_looked_for(tmp_path):
    (tmp_path / "there.onnx").write_text("mine")
    with pytest.raises(BadExport, match=r"there\.onnx exists"):
        export("nonsense", tmp_path / "there.onnx")
    assert (tmp_path / "there.onnx").read_text() == "mine"


def test_a_trained_network_does_not_score_images_of_another_kind(finished_run, small_data, larcv2_256, tmp_path):
    assert score(finished_run, small_data, "testA").shape == (10, 5)
    other = convert(larcv2_256, tmp_path / "data", ["testA"], down_sample=4, threshold=50.0)
    assert other.image_shape == small_data.image_shape
    with pytest.raises(DataDiffers, match="adc .* was trained on"):
        score(finished_run, other, "testA")
