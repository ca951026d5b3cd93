"""A network for use outside Python: an ONNX file or a TensorFlow SavedModel, checked against the model itself."""

import json
import os
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np

from data_tools.files import written_aside
from lartpc_zoo.errors import BadExport
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.spec import parse
from lartpc_zoo.pretrained.card import SUFFIX as CARD
from lartpc_zoo.pretrained.loading import Pretrained
from lartpc_zoo.runs import Run
from lartpc_zoo.trained import open_trained

ONNX, SAVED_MODEL = "onnx", "saved_model"
FORMATS = (ONNX, SAVED_MODEL)
INPUT, OUTPUT = "adc", "logits"
_CLASSES = 5
_FLOAT32_BYTES = 4
_LARGEST_ONNX_MB = 2000  # protobuf's limit of 2 GiB, less the graph
_EVENTS = 4
_TOLERANCE = 1e-4


def export(what, path, format=ONNX, input_shape=None, num_classes=None):
    """Write a trained network, or one with random weights, as `path`; returns the largest difference of a logit.

    what: a Run or its directory, a Pretrained (open_pretrained) or the path of its card, or the name of a network
    (with `input_shape` (rows, cols, planes) and `num_classes`, 5 if not given; its weights are random). format:
    'onnx', one file, or 'saved_model', a directory; neither may be there. Input 'adc' (batch, rows, cols, planes)
    float32, raw ADC; output 'logits' (batch, classes) float32: softmax makes scores of them. The computation is
    float32. The metadata of an ONNX file (all but texts in JSON), or about.json in a SavedModel, say network and
    weights and, of trained ones, classes, planes, preprocessing and fingerprint of the data.

    What was written is run on random events, by onnxruntime or TensorFlow, before it gets its name. Raises BadExport
    where logits differ by more than 1e-4 (of the largest, if that is above 1), a package is missing, or the weights are
    more than ONNX holds;
    UnknownNetwork, BadInput, NotARun or CorruptRun as elsewhere.
    """
    if format not in FORMATS:
        raise BadExport(f"Format {format!r}: expected one of {', '.join(FORMATS)}.")
    if keras.backend.backend() != "tensorflow":
        raise BadExport(
            f"Keras runs on {keras.backend.backend()}; exporting needs TensorFlow: set KERAS_BACKEND=tensorflow. "
            "The weights are the same."
        )
    path = Path(path)
    if path.exists():
        raise BadExport(f"{path} exists. Choose another output, or remove it.")
    trained = isinstance(what, Run | Pretrained) or Path(str(what)).is_dir() or str(what).endswith(CARD)
    model, about = (_of_trained if trained else _of_name)(what, input_shape, num_classes)
    weights_mb = model.count_params() * _FLOAT32_BYTES / 1e6
    if format == ONNX and weights_mb > _LARGEST_ONNX_MB:
        raise BadExport(
            f"{about['network']} has {weights_mb:,.0f} MB of weights, an ONNX file holds {_LARGEST_ONNX_MB:,} MB. "
            "Smaller images, or the format saved_model."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return (_write_onnx if format == ONNX else _write_saved_model)(model, about, path)


def _of_trained(what, input_shape, num_classes):
    """The model of a trained network in float32, and what is known of it."""
    trained = open_trained(what)
    if (input_shape, num_classes) != (None, None):
        raise BadExport(f"{trained.name} is trained and has its own input shape and classes: leave them out.")
    about = {"network": trained.network, "weights": trained.weights_sha256}
    kept = {key: trained.trained_on[key] for key in ("classes", "planes", "adc", "fingerprint")}
    return trained.load_model(dtype="float32"), about | kept


def _of_name(name, input_shape, num_classes):
    """A model with random weights in float32, and what is known of it."""
    if Path(str(name)).name != str(name):
        raise BadExport(f"{name}: no such directory; expected that of a finished run, or the name of a network.")
    spec = parse(name)
    if input_shape is None:
        raise BadExport(f"{spec}: an input shape (rows, cols, planes) is needed; a finished run has its own.")
    model = create_model(spec, input_shape, num_classes or _CLASSES, dtype="float32")
    return model, {"network": str(spec), "weights": "random"}


def _write_onnx(model, about, path):
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


def _name_output(content):
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


def _write_saved_model(model, about, path):
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".aside-") as aside:
        written = Path(aside) / "model"
        model.export(written, format="tf_saved_model", verbose=False)
        layer = keras.layers.TFSMLayer(written, call_endpoint="serve")
        difference = _checked(model, layer, path)
        (written / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        os.replace(written, path)
    return difference


def _checked(model, exported, path):
    """The largest difference of a logit between the model and what was written. Raises BadExport where it is large."""
    images = _random_events(model.input_shape[1:])
    expected = keras.ops.convert_to_numpy(model(images))
    difference = float(np.abs(np.asarray(exported(images)) - expected).max())
    if not difference <= _TOLERANCE * max(1.0, np.abs(expected).max()):
        raise BadExport(f"{path}: its logits differ from the model's by up to {difference:.2g}; it was not written.")
    return difference


def _random_events(shape):
    """Sparse images like tracks and showers: one pixel in fifty with some 100 ADC."""
    random = np.random.default_rng(0)
    hit = random.random((_EVENTS, *shape)) < 0.02
    return np.where(hit, random.gamma(2.0, 50.0, hit.shape), 0).astype(np.float32)
