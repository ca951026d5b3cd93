"""The public functions that take a network in any form: by name, run, directory or card."""

import fnmatch
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import keras
import numpy as np
import pandas as pd

from data_tools.errors import Argument, BadOption
from data_tools.options import WORKERS
from data_tools.tfrecords.dataset import Dataset, open_dataset
from lartpc_zoo.errors import BadExport, BadInput
from lartpc_zoo.evaluation import classify as classification
from lartpc_zoo.evaluation import evaluate as evaluation
from lartpc_zoo.evaluation import robustness as robust
from lartpc_zoo.evaluation.evaluate import EvaluationResult
from lartpc_zoo.evaluation.opening import Data
from lartpc_zoo.evaluation.robustness import STRENGTHS, Robustness
from lartpc_zoo.metrics.formats import CSV
from lartpc_zoo.metrics.scores import logits_of
from lartpc_zoo.models import catalogue, registry
from lartpc_zoo.models.catalogue import CLASSES
from lartpc_zoo.models.execution import executed
from lartpc_zoo.models.executions import AUTO
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.spec import NetworkSpec, parse_network
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.pretrained import exporting
from lartpc_zoo.pretrained.backbone import open_backbone, take_backbone
from lartpc_zoo.pretrained.card import SUFFIX
from lartpc_zoo.pretrained.catalogue import cards, check_trained
from lartpc_zoo.pretrained.defaults import RECOMMENDED
from lartpc_zoo.pretrained.formats import ONNX
from lartpc_zoo.pretrained.loading import open_pretrained
from lartpc_zoo.scoring import score_files as scoring
from lartpc_zoo.scoring.inputs import Inputs
from lartpc_zoo.scoring.score_files import ScoredFiles
from lartpc_zoo.training.run import open_run

T = TypeVar("T")

BATCH_SIZE = 20
"""Events that are scored at a time where nothing says how many: the batches of the study."""
Trained = TrainedNetwork | str | Path
"""A run or its directory, the name of a pretrained network, or the path of a card."""


def list_models(pattern: str = "*", pretrained: bool = False) -> list[str]:
    """Names of networks, in natural order (w2 before w10).

    Args:
        pattern: a glob that the names match.
        pretrained: the networks with published weights, for `load_pretrained`, instead of the study's.

    Example:
        >>> lartpc_zoo.list_models("plainresnet1*")  # doctest: +SKIP
        ['plainresnet10b', 'plainresnet12b', 'plainresnet18b']
    """
    if not pretrained:
        return catalogue.list_models(pattern)
    names = [card.name for card in cards() if card.weights]
    return sorted(fnmatch.filter(names, pattern), key=catalogue.natural_order)


def create_model(
    name: str | NetworkSpec,
    input_shape: tuple[int, int, int] | None = None,
    num_classes: int = CLASSES,
    inputs: InputSpec | None = None,
    dtype: str | None = None,
    weights: str | None = None,
) -> keras.Model:
    """A new Keras model of the named network, with random weights or on a trained backbone.

    Args:
        name: of the network, as in 'resnet29b_w4', or its NetworkSpec.
        input_shape: (rows, cols, planes) with all planes of the data. The model takes raw ADC (batch, rows, cols,
            planes) float32.
        num_classes: the model gives logits (batch, num_classes) float32.
        inputs: what happens to ADC inside the model (default: scale 1/100 only); `_tN` in the name overrides its
            threshold.
        dtype: Keras dtype policy, as in 'mixed_bfloat16', or 'auto' for that where the machine has it (default: Keras's
            own).
        weights: 'pretrained', the name of a pretrained network, or the path of a card, whose weights the model then has
            in all layers but the last one, which is new: for fine-tuning on other classes. input_shape and inputs are
            then those of the card, if not given.

    Raises:
        UnknownNetwork: no network has this name.
        BadInput: the network cannot take such images, or the weights are of another network.
        NoWeights, CorruptWeights, BadCard: as of `load_pretrained`.

    Warns:
        HeavyNetwork: its first dense layer makes the network heavier than 1 GB. Said before anything is allocated.

    Example:
        >>> model = lartpc_zoo.create_model("resnet14b_wd4", (288, 288, 3))  # doctest: +SKIP
        >>> model.output_shape  # doctest: +SKIP
        (None, 5)
    """
    spec = parse_network(name)
    backbone = None if weights is None else open_backbone(weights, spec)
    if backbone is not None:
        input_shape, inputs = input_shape or backbone.card.input_shape, inputs or backbone.card.inputs
    if input_shape is None:
        raise BadInput(
            f"{spec}: an input_shape (rows, cols, planes) is needed; only a pretrained backbone has its own."
        )
    model = registry.create_model(spec, input_shape, num_classes, inputs, dtype)
    if backbone is not None:
        take_backbone(model, backbone)
    return model


def open_trained(what: Trained, source: str | None = None) -> TrainedNetwork:
    """A trained network, wherever it comes from.

    Args:
        what: a run or its directory, the name of a pretrained network, or the path of a card.
        source: place of a pretrained network's weights, as for `load_pretrained`.

    Raises:
        NotARun: it is none of them.
    """
    if isinstance(what, TrainedNetwork):
        return what
    check_trained(what)
    return open_run(what) if Path(what).is_dir() else open_pretrained(what, source)


def classify(
    data: Data,
    network: Trained | Sequence[Trained] = RECOMMENDED,
    source: str | None = None,
    fit: bool = False,
    effect: str | None = None,
) -> pd.DataFrame:
    """Scores of every event of LArCV files or of a data set.

    Args:
        data: LArCV files (a path, pattern or URL, or a list of them), which need no truth and are read as the
            training's data were converted. Or a data set or its directory, all samples of it.
        network: a run or its directory, the name of a pretrained network, or the path of a card. Or several of them,
            as trainings of one network with different seeds, whose scores are averaged. Without it the pretrained
            network that we recommend.
        source: place of weights, as for `load_pretrained`.
        fit: LArCV images of another size than the network's are padded, or cut to the window around the activity,
            where their pixels are as large as those of the training.
        effect: text NAME[:STRENGTH], effects of a detector on every event: a name in zoo_configs/effects or a file.

    Returns:
        A row per event, in the order of the files and their entries: file (its name), entry, run, subrun, event,
        prediction (name of a class), and score_CLASS for every class, which add up to 1.

    Raises:
        UserError: as `evaluate`.

    Warns:
        SharedSources: the network was trained on events of the same files.

    Example:
        >>> scores = lartpc_zoo.classify("events.root")  # doctest: +SKIP
        >>> scores.prediction.value_counts()  # doctest: +SKIP
        >>> lartpc_zoo.classify("events.root", ["RUN1", "RUN2", "RUN3"])  # doctest: +SKIP
    """
    return classification.classify(data, _open_all(network, source), fit, effect)


def score_files(
    inputs: Inputs,
    network: Trained | Sequence[Trained],
    output: str | Path,
    *,
    format: str = CSV,
    sample: str | None = None,
    source: str | None = None,
    on: Mapping[str, str] | None = None,
    image_producer: str | None = None,
    particle_producer: str | None = None,
    fit: bool = False,
    effect: str | None = None,
    workers: int = WORKERS,
    dask: str | None = None,
) -> ScoredFiles:
    """Score every event of any number of files, in memory that does not grow with them.

    Every input has an output of its own, and what became of it stands in scores.json. Interrupted and called again, it
    goes on with what is missing; an input that was changed since is scored anew. One that cannot be read does not stop
    the others.

    Args:
        inputs: LArCV files, directories, patterns or URLs, '@FILE' with one of these on every line, or data sets.
        network: as for `classify`.
        output: directory, new or of the same scoring.
        format: of the outputs, 'csv.gz', 'parquet' or 'root': file, entry, run, subrun, event, prediction and
            score_CLASS for every class.
        sample: of data sets among the inputs (default: all of them).
        source: place of weights, as for `load_pretrained`.
        on: {defect: policy}, see data_tools.defects; the defaults where nothing is said. Where a policy is 'stop', only
            the input stops.
        image_producer: of the images, as of data_tools.convert.
        particle_producer: of the truth, likewise.
        fit: LArCV images of another size than the network's are padded, or cut to the window around the activity,
            where their pixels are as large as those of the training.
        effect: text NAME[:STRENGTH], effects of a detector on every event: a name in zoo_configs/effects or a file.
        workers: processes on this machine; a script needs `if __name__ == "__main__":` for more than one.
        dask: address of a dask scheduler whose workers score instead.

    Returns:
        What is on record of every input; `failed` are those without scores.

    Raises:
        DataDiffers: the images are of another kind than those of the training.
        RunDiffers: the output holds something else, or scores that were made in another way.
        RunBusy: another process scores into the output.
        UserError: the network cannot be opened, or an option cannot be used.

    Example:
        >>> scored = lartpc_zoo.score_files("production/*.root", "resnet14b_wd4", "SCORES")  # doctest: +SKIP
        >>> scored.scored, scored.failed  # doctest: +SKIP
    """
    if dask is not None:  # workers may have another working directory
        several = [network] if isinstance(network, TrainedNetwork | str | Path) else network
        network, source = [_absolute(one) for one in several], source and _absolute(source)
    return scoring.score_files(
        inputs,
        _open_all(network, source),
        output,
        format=format,
        sample=sample,
        on=on,
        image_producer=image_producer,
        particle_producer=particle_producer,
        fit=fit,
        effect=effect,
        workers=workers,
        dask=dask,
    )


def score(
    model: keras.Model | Trained,
    data: Dataset | str | Path,
    sample: str,
    execution: str = AUTO,
    batch_size: int | None = None,
) -> np.ndarray:
    """Logits of every event of a sample, in stored order.

    Args:
        model: a network of the zoo as a Keras model, a run or its directory, the name of a pretrained network, or the
            path of a card.
        data: a data set or its directory.
        sample: its name.
        execution: 'images'; 'sites', which needs a submanifold network; or 'auto', sites for such a network on a CPU.
        batch_size: events at a time (default: 20, on sites 100 where their images are not too large).

    Returns:
        (events, classes) float32.

    Raises:
        BadInput: the network cannot be run so, or takes images of another shape.
        DataDiffers: a trained network is for other images or classes.
        NotARun, NoWeights, CorruptWeights: the network cannot be opened.
        UserError: of the data layer, where the data cannot be read.

    Example:
        >>> logits = lartpc_zoo.score("RUN", "DATA", "testA")  # doctest: +SKIP
        >>> logits.argmax(axis=1)  # doctest: +SKIP
    """
    dataset = data if isinstance(data, Dataset) else open_dataset(data)
    if isinstance(model, keras.Model):
        network = model
    else:
        trained = open_trained(model)
        trained.check_data(dataset.description, dataset.directory)
        network = trained.load_model()
    ran = executed(network, execution)
    size = ran.scoring_size(BATCH_SIZE) if batch_size is None else batch_size
    batches = ran.batches(dataset)(sample, size, pad=True)
    return logits_of(ran.model, batches, dataset.size(sample))


def evaluate(
    network: Trained,
    data: Data,
    sample: str | None = None,
    output: str | Path | None = None,
    format: str = CSV,
    source: str | None = None,
    fit: bool = False,
    effect: str | None = None,
) -> EvaluationResult:
    """Score a sample with a trained network; writes predictions, Table 1 and the confusion matrix.

    Of a sample without truth only the predictions can be written. The scoring is put on record in a run's
    scorings.jsonl.

    Args:
        network: a run or its directory, the name of a pretrained network, or the path of a card.
        data: a data set or its directory, or LArCV files (a path, pattern or URL, or a list of them), which are
            read as the training's data were converted.
        sample: default 'testB'; of LArCV files it names all events (default 'input').
        output: directory (default: RUN/evaluations/SAMPLE-FINGERPRINT, or evaluations/NAME/SAMPLE-FINGERPRINT).
        format: of the predictions, 'csv.gz', 'parquet' or 'root' (a TTree 'predictions').
        source: place of weights, as for `load_pretrained`.
        fit: LArCV images of another size than the network's are padded, or cut to the window around the activity,
            where their pixels are as large as those of the training.
        effect: text NAME[:STRENGTH], effects of a detector on every event: a name in zoo_configs/effects or a file.

    Returns:
        Table 1, the predictions and the directory.

    Raises:
        NotARun, CorruptRun, NoWeights, CorruptWeights, BadCard: the network cannot be opened.
        DataDiffers: the images are of another kind than those of the training.
        RunDiffers: the output is a run, a data set, or of another sample.
        MissingExtra: the package that writes the format is not installed.
        UserError: of the data layer, where the data cannot be read.

    Warns:
        SharedSources: the network was trained on events of the same files.

    Example:
        >>> result = lartpc_zoo.evaluate("RUN", "DATA", sample="testA")  # doctest: +SKIP
        >>> print(result.table1_markdown())  # doctest: +SKIP
    """
    return evaluation.evaluate(open_trained(network, source), data, sample, output, format, fit, effect)


def robustness(
    network: Trained | Sequence[Trained],
    data: Data,
    output: str | Path,
    effects: Sequence[str] = (),
    strengths: Sequence[float] = STRENGTHS,
    sample: str | None = None,
    source: str | None = None,
) -> Robustness:
    """Measure what effects of a detector do to the accuracy of networks, event by event against the clean sample.

    Writes robustness.csv, md and tex, a figure, and robustness.json, with which the same call goes on after an
    interruption, and to which other networks and effects can be added.

    Args:
        network: a run or its directory, the name of a pretrained network, or the path of a card; or several of them.
        data: a data set or its directory, or LArCV files with truth.
        output: directory.
        effects: names in zoo_configs/effects, or files (default: all of the package).
        strengths: above 0, 1 at most.
        sample: of a data set (default: testA; look at testB once).
        source: place of weights, as for `load_pretrained`.

    Returns:
        The measurements, as a table too.

    Raises:
        UnknownEffects, BadEffects, BadOption: an effect or a strength cannot be used.
        UserError: as `evaluate`.

    Example:
        >>> found = lartpc_zoo.robustness("RUN", "DATA", "ROBUSTNESS", ["noise", "dead_wires"])  # doctest: +SKIP
        >>> print(found.table.markdown())  # doctest: +SKIP
    """
    return robust.robustness(_open_all(network, source), data, output, effects, strengths, sample)


def export(
    what: Trained | NetworkSpec,
    path: str | Path,
    format: str = ONNX,
    input_shape: tuple[int, int, int] | None = None,
    num_classes: int | None = None,
) -> float:
    """Write a network for use outside Python, checked against the model itself.

    What was written is run on random events, by onnxruntime or TensorFlow, before it gets its name. Input 'adc' (batch,
    rows, cols, planes) float32, raw ADC; output 'logits' (batch, classes) float32: softmax makes scores of them. The
    metadata of an ONNX file (all but texts in JSON), or about.json in a SavedModel, say network and weights and, of
    trained ones, classes, planes, preprocessing and fingerprint of the data.

    Args:
        what: a run or its directory, a pretrained network (open_pretrained) or the path of its card; or the name of a
            network, whose weights are then random.
        path: to write, which may not be there.
        format: 'onnx', one file, or 'saved_model', a directory.
        input_shape: (rows, cols, planes), needed with a name and only there.
        num_classes: with a name (default: 5).

    Returns:
        The largest difference of a logit.

    Raises:
        BadExport: logits differ by more than 1e-4 (of the largest, if that is above 1), a package is missing, or the
            weights are more than ONNX holds.
        UserError: the network cannot be opened or built.
    """
    exporting.check_target(Path(path), format)  # before anything is built
    if isinstance(what, TrainedNetwork) or _is_path_of_trained(what):
        network = open_trained(what)  # type: ignore[arg-type]  # a specification is no path
        if (input_shape, num_classes) != (None, None):
            raise BadExport(f"{network.name} is trained and has its own input shape and classes: leave them out.")
        return exporting.export(exporting.of_trained(network), path, format)
    if isinstance(what, str | Path) and Path(what).name != str(what):
        raise BadExport(f"{what}: no such directory; expected that of a finished run, or the name of a network.")
    spec = parse_network(str(what))
    if input_shape is None:
        raise BadExport(
            f"{spec}: random weights need an ",
            Argument("input_shape"),
            " (rows, cols, planes); trained ones (",
            Argument("pretrained"),
            ", a finished run) have their own.",
        )
    return exporting.export(exporting.of_name(spec, input_shape, num_classes or CLASSES), path, format)


def _absolute(what: T) -> T | str:
    """A path that is there as an absolute one, anything else as it is."""
    return str(Path(what).absolute()) if isinstance(what, str | Path) and Path(what).exists() else what


def _open_all(network: Trained | Sequence[Trained], source: str | None) -> list[TrainedNetwork]:
    """One trained network or several, opened. Raises BadOption where there is none."""
    several = [network] if isinstance(network, TrainedNetwork | str | Path) else network
    if not several:
        raise BadOption("No network to score with: expected one or more.")
    return [open_trained(one, source) for one in several]


def _is_path_of_trained(what: object) -> bool:
    return isinstance(what, str | Path) and (Path(what).is_dir() or str(what).endswith(SUFFIX))
