import json
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from click.testing import CliRunner

from lartpc_zoo import load_pretrained
from lartpc_zoo.cli.main import main
from lartpc_zoo.errors import BadExport
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.pretrained import exporting
from lartpc_zoo.zoo import export

NETWORKS = ["resnet14b_wd16_towers", "plainresnet10b_wd16_p2", "vgg16c_wd16", "alexnet_wd16_fc8_t40", "googlenet_wd8"]
NETWORKS += ["resnet14b_wd16_towers_sub", "vgg16b_wd16_t40_sub"]


@pytest.fixture
def images():
    return np.random.default_rng(7).gamma(0.2, 100.0, (3, 64, 64, 3)).astype(np.float32)


def run_onnx(path, images):
    session = onnxruntime.InferenceSession(path)
    (given,), (found,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, found.name, found.shape) == ("adc", ["batch", 64, 64, 3], "logits", ["batch", 5])
    return session.run(None, {"adc": images})[0]


@pytest.mark.parametrize("name", NETWORKS)
def test_an_onnx_file_computes_what_the_model_does(name, images, tmp_path, monkeypatch):
    models = []
    monkeypatch.setattr(exporting, "create_model", lambda *a, **o: models.append(create_model(*a, **o)) or models[0])
    difference = export(name, tmp_path / "network.onnx", input_shape=(64, 64, 3))
    assert difference < 1e-4
    logits = run_onnx(tmp_path / "network.onnx", images)
    assert np.allclose(logits, models[0](images), rtol=1e-4, atol=1e-4)
    assert [path.name for path in tmp_path.iterdir()] == ["network.onnx"]


def test_the_onnx_file_of_a_run_has_its_weights_and_says_what_it_is(finished_run, small_data, images, tmp_path):
    export(finished_run, tmp_path / "network.onnx")
    logits = run_onnx(tmp_path / "network.onnx", images)
    assert np.allclose(logits, finished_run.load_model()(images), rtol=1e-4, atol=1e-4)
    said = {entry.key: entry.value for entry in onnx.load(tmp_path / "network.onnx").metadata_props}
    assert said["network"] == finished_run.config.network
    assert said["weights"] == finished_run.results.chosen.sha256
    assert json.loads(said["classes"]) == small_data.class_groups.as_list()
    assert said["fingerprint"] == small_data.fingerprint


def test_a_pretrained_network_is_exported_by_its_card(published, images, tmp_path):
    result = CliRunner().invoke(main, ["export", str(published), "--output", str(tmp_path / "small.onnx")])
    assert result.exit_code == 0
    assert "random" not in result.stdout
    logits = run_onnx(tmp_path / "small.onnx", images)
    assert np.allclose(logits, load_pretrained(published)(images), rtol=1e-4, atol=1e-4)


def test_a_saved_model_of_a_submanifold_network_computes_what_the_model_does(tmp_path):
    difference = export("resnet14b_wd16_towers_sub", tmp_path / "saved", "saved_model", input_shape=(64, 64, 3))
    assert difference < 1e-4


def test_a_saved_model_computes_what_the_model_does(finished_run, images, tmp_path):
    export(finished_run.directory, tmp_path / "saved", format="saved_model")
    layer = keras.layers.TFSMLayer(tmp_path / "saved", call_endpoint="serve")
    assert np.allclose(layer(images), finished_run.load_model()(images), rtol=1e-4, atol=1e-4)
    about = json.loads((tmp_path / "saved" / "about.json").read_text())
    assert about["network"] == finished_run.config.network
    assert about["classes"] == [[name, list(codes)] for name, codes in finished_run.trained_on.classes]
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


@pytest.mark.parametrize("format", ["onnx", "saved_model"])
def test_what_does_not_compute_the_same_is_not_written(format, tmp_path, monkeypatch):
    real = exporting._checked

    def wrong(model, exported, path):
        return real(model, lambda images: exported(images) + 0.01, path)

    monkeypatch.setattr(exporting, "_checked", wrong)
    with pytest.raises(BadExport, match="its logits differ from the model's by up to 0.01"):
        export("plainresnet10b_wd16", tmp_path / "out", format, (64, 64, 3))
    assert list(tmp_path.iterdir()) == []


def test_a_training_in_bfloat16_is_exported_in_float32(finished_run, tmp_path, monkeypatch):
    recipe = replace(finished_run.config.recipe, dtype="mixed_bfloat16")
    monkeypatch.setattr(finished_run, "config", replace(finished_run.config, recipe=recipe))
    export(finished_run, tmp_path / "network.onnx")
    nodes = onnx.load(tmp_path / "network.onnx").graph.node
    casts = {attribute.i for node in nodes if node.op_type == "Cast" for attribute in node.attribute}
    assert onnx.TensorProto.BFLOAT16 not in casts


def test_what_cannot_be_exported(finished_run, tmp_path, monkeypatch):
    with pytest.raises(BadExport, match="expected one of onnx, saved_model"):
        export("resnet14b", tmp_path / "out", "torch")
    monkeypatch.setattr(exporting, "_LARGEST_ONNX_MB", 0.01)
    with pytest.raises(BadExport, match="MB of weights, an ONNX file holds .* or the format saved_model"):
        export(finished_run, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "there").write_text("mine")
    with pytest.raises(BadExport, match="there exists"):
        export(finished_run, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"


@pytest.mark.parametrize("package", ["tf2onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_its_extra(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BadExport, match=rf"needs {package}: pip install 'lartpc-zoo\[onnx\]'"):
        export("plainresnet10b_wd16", tmp_path / "out", input_shape=(64, 64, 3))


def test_another_backend_says_what_to_do(tmp_path):
    code = f"import lartpc_zoo; lartpc_zoo.export('resnet14b', {str(tmp_path / 'out')!r}, input_shape=(64, 64, 3))"
    result = subprocess.run(
        [sys.executable, "-c", f"import os; os.environ['KERAS_BACKEND'] = 'jax'\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "set KERAS_BACKEND=tensorflow" in result.stderr


def test_the_command_line(tmp_path):
    command = ["export", "plainresnet10b_wd16", "--input-shape", "64,64,3", "--classes", "3"]
    result = CliRunner().invoke(main, [*command, "--output", str(tmp_path / "network.onnx")])
    assert result.exit_code == 0, result.output
    assert "logits differ from the model's by" in result.stdout
    assert "Its weights are random" in result.stdout
    (output,) = onnxruntime.InferenceSession(tmp_path / "network.onnx").get_outputs()
    assert output.shape == ["batch", 3]
