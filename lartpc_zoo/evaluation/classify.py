"""Scores of every event as a table, without files."""

import pandas as pd

from lartpc_zoo.evaluation.measure import predict
from lartpc_zoo.evaluation.opening import Data, is_dataset, opened
from lartpc_zoo.metrics.predictions import FILE, PREDICTION, score_column
from lartpc_zoo.models.execution import executed
from lartpc_zoo.models.trained import TrainedNetwork


def classify(data: Data, network: TrainedNetwork) -> pd.DataFrame:
    """Scores of every event of LArCV files or of a data set; see `lartpc_zoo.classify`."""
    with opened(data, network) as dataset:
        dataset.verify()
        ran = executed(network.load_model())
        tables = [predict(ran, dataset, sample, network.batch_size) for sample in dataset.samples]
        paths = [source.path for source in dataset.manifest.sources]
    table = in_input_order(pd.concat(tables, ignore_index=True), data, paths)
    called = table[PREDICTION].map(dict(enumerate(dataset.classes)))
    scores = table[[score_column(name) for name in dataset.classes]]
    return table[[FILE, "entry", "run", "subrun", "event"]].assign(**{PREDICTION: called}, **scores)


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
