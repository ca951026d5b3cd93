"""A network for use outside Python: an ONNX file or a TensorFlow SavedModel, checked against the model itself."""

import json
import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data_tools.files import written_aside
from data_tools.record import plain
from lartpc_zoo.backend.which import backend_name, is_tensorflow
from lartpc_zoo.errors import BadExport
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.spec import NetworkSpec, parse_network
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.pretrained.formats import FORMATS, ONNX

INPUT, OUTPUT = "adc", "logits"
_FLOAT32_BYTES = 4
_LARGEST_ONNX_MB = 2000  # protobuf's limit of 2 GiB, less the graph
_EVENTS = 4
_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Exportable:
    """What can be exported: a model, and what is known of it for the metadata."""

    model: keras.Model
    about: dict[str, Any]


def export(what: Exportable, path: str | Path, format: str = ONNX) -> float:
    """Write a network as `path`; returns the largest difference of a logit. See `lartpc_zoo.export`."""
    path = Path(path)
    check_target(path, format)
    weights_mb = what.model.count_params() * _FLOAT32_BYTES / 1e6
    if format == ONNX and weights_mb > _LARGEST_ONNX_MB:
        raise BadExport(
            f"{what.about['network']} has {weights_mb:,.0f} MB of weights, an ONNX file holds {_LARGEST_ONNX_MB:,} MB. "
            "Smaller images, or the format saved_model."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return (_write_onnx if format == ONNX else _write_saved_model)(what.model, what.about, path)


def check_target(path: Path, format: str) -> None:
    """Raise BadExport where nothing can be written in this format or to this path."""
    if format not in FORMATS:
        raise BadExport(f"Format {format!r}: expected one of {', '.join(FORMATS)}.")
    if not is_tensorflow():
        raise BadExport(
            f"Keras runs on {backend_name()}; exporting needs TensorFlow: set KERAS_BACKEND=tensorflow. "
            "The weights are the same."
        )
    if path.exists():
        raise BadExport(f"{path} exists. Choose another output, or remove it.")


def of_trained(network: TrainedNetwork) -> Exportable:
    """A trained network in float32."""
    data = network.trained_on
    kept = {
        "classes": [[name, list(codes)] for name, codes in data.classes],
        "planes": list(data.planes),
        "adc": plain(data.adc),
        "fingerprint": data.fingerprint,
    }
    about = {"network": network.network, "weights": network.weights_sha256, **kept}
    return Exportable(network.load_model(dtype="float32"), about)


def of_name(name: str | NetworkSpec, input_shape: tuple[int, int, int], num_classes: int) -> Exportable:
    """A network with random weights in float32."""
    spec = parse_network(name)
    return Exportable(
        create_model(spec, input_shape, num_classes, dtype="float32"), {"network": str(spec), "weights": "random"}
    )


def _write_onnx(model: keras.Model, about: dict[str, Any], path: Path) -> float:
    try:
        import onnx
        import onnxruntime
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise BadExport(f"Exporting to ONNX needs {error.name}: pip install 'lartpc-zoo[onnx]'.") from error
    model(np.zeros((1, *model.input_shape[1:]), np.float32))  # Keras exports only what has been called
    with written_aside(path) as aside:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*np.object", category=FutureWarning)  # tf2onnx 1.17 on NumPy 2
            model.export(aside, format="onnx", verbose=False)
        content = onnx.load(aside)
        _name_output(content)
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in about.items()}
        onnx.helper.set_model_props(content, texts)
        onnx.checker.check_model(content)
        onnx.save(content, aside)
        session = onnxruntime.InferenceSession(aside, providers=["CPUExecutionProvider"])
        return _checked(model, lambda images: session.run([OUTPUT], {INPUT: images})[0], path)


def _name_output(content: Any) -> None:
    """Call the output 'logits' and the free axis 'batch'; tf2onnx makes up names."""
    (output,) = content.graph.output
    for node in content.graph.node:
        for names in (node.output, node.input):
            for position, name in enumerate(names):
                if name == output.name:
                    names[position] = OUTPUT
    output.name = OUTPUT
    for value in (content.graph.input[0], output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"


def _write_saved_model(model: keras.Model, about: dict[str, Any], path: Path) -> float:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".aside-") as aside:
        written = Path(aside) / "model"
        model.export(written, format="tf_saved_model", verbose=False)
        layer = keras.layers.TFSMLayer(written, call_endpoint="serve")
        difference = _checked(model, layer, path)
        (written / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        os.replace(written, path)
    return difference


def _checked(model: keras.Model, exported: Callable[[np.ndarray], Any], path: Path) -> float:
    """The largest difference of a logit between the model and what was written. Raises BadExport where it is large."""
    images = _random_events(model.input_shape[1:])
    expected = keras.ops.convert_to_numpy(model(images))
    difference = float(np.abs(np.asarray(exported(images)) - expected).max())
    if not difference <= _TOLERANCE * max(1.0, np.abs(expected).max()):
        raise BadExport(f"{path}: its logits differ from the model's by up to {difference:.2g}; it was not written.")
    return difference


def _random_events(shape: tuple[int, ...]) -> np.ndarray:
    """Sparse images like tracks and showers: one pixel in fifty with some 100 ADC."""
    random = np.random.default_rng(0)
    hit = random.random((_EVENTS, *shape)) < 0.02
    return np.where(hit, random.gamma(2.0, 50.0, hit.shape), 0).astype(np.float32)
