"""From a trained network and a sample to predictions, and on to Table 1: `evaluate`, and `classify` without files."""

import contextlib
import datetime
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import data_tools
from data_tools.dataset import is_dataset
from data_tools.errors import BadOption, UserError
from data_tools.event import plane_name
from data_tools.location import name_of
from data_tools.particles import TOTAL
from data_tools.progress import bar
from lartpc_zoo.errors import RunDiffers
from lartpc_zoo.evaluation import figures, metrics, scores, tables
from lartpc_zoo.evaluation.predictions import (
    FORMATS,
    check_format,
    prediction_table,
    score_column,
    write_predictions,
)
from lartpc_zoo.models.spec import parse
from lartpc_zoo.same_data import check_same
from lartpc_zoo.trained import open_trained
from lartpc_zoo.training.feed import TEST_B, batches_of
from lartpc_zoo.training.run_directory import check_output

_WHOLE_FILE = "input"
"""What the sample is called that files of LArCV become, if it is not named."""


class SharedSources(UserWarning):
    """A data set was made from files that a network was trained on."""


def classify(files, network, source=None):
    """Scores of every event of LArCV files: a DataFrame with `prediction`, a class, and score_CLASS, which add up to 1.

    files: a path, pattern or URL, or a list of them; they need no truth, and are converted as the training's data were.
    Or a Dataset or its directory, all samples of it. network: the name of a pretrained network, the path of a card, or
    a run or its directory. source: place of weights, as for load_pretrained. Rows are in the order of the files'
    entries. Columns before the scores: file (its name), entry, run, subrun, event, prediction.
    Raises as `evaluate`.
    """
    trained = open_trained(network, source)
    with _opened(files, trained, None) as data:
        check_same(trained.trained_on, data, files, trained.name)
        data.verify()
        model = trained.load_model()
        tables = [predict(model, data, sample, trained.batch_size) for sample in data.samples]
    names = [name_of(source["path"]) for source in data.manifest["sources"]]
    table = pd.concat(tables, ignore_index=True)
    table["file"] = table["source"].map(dict(enumerate(names)))
    table = table.sort_values(["file", "source", "entry"], ignore_index=True)
    columns = [score_column(name) for name in data.classes]
    called = table["prediction"].map(dict(enumerate(data.classes)))
    return table[["file", "entry", "run", "subrun", "event"]].assign(prediction=called, **table[columns])


def evaluate(run, data, sample=None, output=None, format="csv.gz", source=None):
    """Score a sample with a trained network; writes predictions, Table 1 and the confusion matrix.

    run: a Run or its directory, the name of a pretrained network, or the path of a card. data: a Dataset, its
    directory, its file of hits, or LArCV files (a path or pattern, or a list of them), which are converted as the
    training's data were, into a place that does not last. sample: default testB; of LArCV files it names all events
    (default 'input'). output: default RUN/evaluations/SAMPLE-FINGERPRINT, or evaluations/NAME-SAMPLE-FINGERPRINT.
    format: of the predictions, 'csv.gz', 'parquet' or 'root' (a TTree 'predictions' with branches run, subrun, event).
    source: place of weights, as for load_pretrained.
    Of a sample without truth only the predictions can be written. The scoring is logged in a run's results.json.
    Returns (Table 1 as Markdown, or how many events were called what, Path of the output).
    Raises NotARun, CorruptRun, NoWeights, CorruptWeights, BadCard, DataDiffers, RunDiffers (where the output is a run),
    MissingExtra or a data_tools error.
    """
    if format not in FORMATS:
        raise BadOption(f"Format {format!r} of predictions: expected one of {', '.join(FORMATS)}.")
    check_format(format)
    run = open_trained(run, source)
    given = data
    with _opened(given, run, sample) as data:
        sample = sample or (TEST_B if TEST_B in data.samples or _WHOLE_FILE not in data.samples else _WHOLE_FILE)
        where = data.directory if isinstance(given, data_tools.Dataset) else given
        check_same(run.trained_on, data, where, run.name)
        data.verify([sample])
        output = Path(output or run.evaluations / f"{sample}-{data.fingerprint[:12]}")
        _begin_output(output, sample)
        _warn_of_shared_sources(run, data, where)
        model = run.load_model()
        run.log_scoring(scoring := begun_scoring(data, sample))
        predictions = predict(model, data, sample, run.batch_size)
        write_predictions(output / f"predictions_{sample}.{format}", predictions, format)
        if not data.labelled(sample):
            run.log_scoring(ended_scoring(scoring), instead_of=scoring)
            return _count_predictions(predictions, data.classes), output
        measured = measure(output, predictions, data, sample, run.network)
    run.log_scoring(ended_scoring(scoring, measured), instead_of=scoring)
    return (output / "table1.md").read_text(encoding="utf-8"), output


def _begin_output(output, sample):
    """Make the directory of a scoring. Raises RunDiffers where it is a run, a data set, or of another sample."""
    check_output(output)
    names = [path.name for path in output.glob("predictions_*")]
    if others := [name for name in names if name.split(".")[0] != f"predictions_{sample}"]:
        raise RunDiffers(f"{output} holds {others[0]}, of another sample than {sample}. Choose another output.")
    output.mkdir(parents=True, exist_ok=True)


def predict(model, data, sample, batch_size):
    """Score a sample once: the table of predictions of evaluation.predictions."""
    events = data.events(sample)
    with bar(f"Scoring {sample}", len(events)) as advance:
        batches = batches_of(data)(sample, batch_size, pad=True)
        logits = scores.logits_of(model, batches, len(events), advance)
    return prediction_table(events, logits, data.classes)


def measure(output, predictions, data, sample, network):
    """Everything that follows from the predictions of a sample with truth: writes Table 1 and the confusion matrix to
    `output`, returns {table1_caption, accuracies, confusion_matrix}."""
    matrix = metrics.confusion_matrix(predictions["label"], predictions["prediction"], len(data.classes))
    accuracies = metrics.class_accuracies(matrix, data.classes)
    planes = [plane_name(plane) for plane in data.planes]
    seen = parse(network).planes
    caption = tables.table1_caption(
        sample,
        len(predictions),
        [planes[seen]] if isinstance(seen, int) else planes,
        data.image_shape,
        data.fingerprint,
    )
    tables.print_table1(tables.table1({network: accuracies}), caption).write(output)
    (output / "figures").mkdir(exist_ok=True)
    figures.confusion_figure(output / "figures", matrix, data.classes, title=f"{network}, {sample}")
    return {"table1_caption": caption, "accuracies": accuracies, "confusion_matrix": matrix.tolist()}


def begun_scoring(data, sample):
    """The record of a scoring for results.json, before it begins."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "sample": sample,
        "data_fingerprint": data.fingerprint,
        "events": data.size(sample),
        "complete": False,
        "accuracy": None,
    }


def ended_scoring(scoring, measured=None):
    """The record of a scoring that has ended; no accuracy where there is no truth."""
    accuracy = measured and measured["accuracies"][TOTAL]["accuracy"]
    return {**scoring, "complete": True, "accuracy": accuracy}


def source_hashes(data):
    """sha256 of the files that a data set was made from."""
    return [source["sha256"] for source in data.manifest["sources"]]


@contextlib.contextmanager
def _opened(data, run, sample):
    """Context with the Dataset: of a directory or a file of hits, or converted from LArCV files for as long as it
    lasts."""
    if isinstance(data, data_tools.Dataset):
        yield data
    elif isinstance(data, str | Path) and is_dataset(data):
        yield data_tools.open_dataset(data)
    else:
        trained_on = run.trained_on
        adc, crop = trained_on["adc"], trained_on["adc"]["crop"]
        options = {
            "down_sample": adc["down_sample"],
            "threshold": adc["threshold"],
            "crop": crop and "x".join(map(str, crop)),
            "classes": [f"{name}={','.join(map(str, codes))}" for name, codes in trained_on["classes"]],
        }
        with tempfile.TemporaryDirectory() as directory:
            try:
                converted = data_tools.convert(data, Path(directory) / "data", [sample or _WHOLE_FILE], **options)
            except UserError as error:
                if " --" not in str(error):
                    raise
                advice = "Options belong to lartpc-convert: convert the files with it and give --data DIR."
                raise type(error)(f"{error} {advice}") from error
            yield converted


def _warn_of_shared_sources(run, data, where):
    """Events of the training may stand again in another data set that was made from the same files."""
    before = run.trained_on
    shared = set(before["sources"]) & set(source_hashes(data))
    if shared and data.fingerprint != before["fingerprint"]:
        warnings.warn(
            f"{where} has events from {len(shared)} of the files that {run.name} was trained on: some of them may "
            "be those of the training, and the accuracy too high.",
            SharedSources,
            stacklevel=3,
        )


def _count_predictions(predictions, classes):
    """How many events without truth were called what, as text."""
    counts = np.bincount(predictions["prediction"], minlength=len(classes))
    called = ", ".join(f"{count:,} {name}" for name, count in zip(classes, counts))
    return f"{len(predictions):,} events without truth, called: {called}."
