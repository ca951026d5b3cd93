"""Scores of every event as a table, without files."""

from collections.abc import Sequence

import pandas as pd

from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.evaluation.measure import predict
from lartpc_zoo.evaluation.opening import Data, checked, is_dataset, opened
from lartpc_zoo.metrics.predictions import FILE, PREDICTION, averaged, score_column
from lartpc_zoo.models.execution import executed
from lartpc_zoo.models.trained import TrainedNetwork


def classify(data: Data, networks: Sequence[TrainedNetwork]) -> pd.DataFrame:
    """Scores of every event of LArCV files or of a data set, means over the networks; see `lartpc_zoo.classify`."""
    with opened(data, networks[0]) as dataset:
        for network in networks[1:]:
            checked(dataset, data, network)
        dataset.verify()
        table = averaged([_scores(network, dataset) for network in networks], dataset.classes)
        paths = [source.path for source in dataset.manifest.sources]
    table = in_input_order(table, data, paths)
    called = table[PREDICTION].map(dict(enumerate(dataset.classes)))
    scores = table[[score_column(name) for name in dataset.classes]]
    return table[[FILE, "entry", "run", "subrun", "event"]].assign(**{PREDICTION: called}, **scores)


def _scores(network: TrainedNetwork, data: Dataset) -> pd.DataFrame:
    """Predictions of all samples."""
    ran = executed(network.load_model())
    tables = [predict(ran, data, sample, network.batch_size) for sample in data.samples]
    return pd.concat(tables, ignore_index=True)


def in_input_order(table: pd.DataFrame, data: Data, paths: list[str]) -> pd.DataFrame:
    """The table in the order of the inputs, which sources do not have: they are ordered by their hash.

    Args:
        table: of predictions, with `source` and `entry`.
        data: what was scored, as the user gave it.
        paths: of the sources.
    """
    if is_dataset(data):
        places = dict(enumerate(range(len(paths))))
    else:
        from data_tools.conversion.sources import expand_inputs  # the readers need uproot, which may not be there

        given = [str(path) for path in expand_inputs(data)]  # type: ignore[arg-type]  # no data set, as just asked
        places = {number: given.index(path) for number, path in enumerate(paths)}
    order = table["source"].map(places)
    return table.assign(_place=order).sort_values(["_place", "entry"], ignore_index=True).drop(columns="_place")
