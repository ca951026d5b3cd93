"""A finished training: its configuration, results, Table 1, predictions and network."""

import pandas as pd

from data_tools.files import sha256_of_file
from lartpc_zoo.errors import CorruptRun
from lartpc_zoo.evaluation.tables import print_table1, table1
from lartpc_zoo.training.run_directory import RunDirectory


def open_run(path):
    """The Run in the directory `path`. Raises NotARun where none is, or it has not ended."""
    return Run(RunDirectory(path))


class Run:
    """A finished run. directory: Path. config and results: what config.yaml and results.json hold."""

    def __init__(self, directory):
        self._directory = directory
        self.directory = directory.path
        self.results = directory.finished()
        self.config = directory.config()

    @property
    def table1(self):
        """Table 1 as a DataFrame of percent: Network, then CLASS and CLASS error for each class and 'all'."""
        return table1({self.config["network"]: self.results["accuracies"]})

    def table1_markdown(self):
        """Table 1 as Markdown with its caption."""
        return print_table1(self.table1, self.results["table1_caption"]).markdown()

    @property
    def predictions(self):
        """testB event by event: truth, `prediction` and one score per class (DataFrame)."""
        return pd.read_csv(self.directory / "predictions_testB.csv.gz")

    def load_model(self, dtype=None):
        """The network with the chosen weights. Raises CorruptRun when they are not the ones that were saved.

        dtype: Keras dtype policy (default: that of the training); the weights are float32 in any case.
        """
        from lartpc_zoo.models.inputs import InputSpec
        from lartpc_zoo.models.registry import create_model

        chosen = self.results["chosen"]
        path = self._directory.weights(chosen["iteration"])
        if not path.is_file() or sha256_of_file(path) != chosen["sha256"]:
            raise CorruptRun(f"{path}: missing or damaged; the weights of this run cannot be used.")
        data = self.config["data"]
        model = create_model(
            self.config["network"],
            tuple(data["image_shape"]),
            len(data["classes"]),
            InputSpec(**self.config["recipe"]["inputs"]),
            dtype=dtype or self.config["recipe"]["dtype"],
        )
        model.load_weights(path)
        return model

    def log_scoring(self, scoring):
        """Add a record {date, sample, data, events, accuracy} to results.json."""
        self.results["scorings"].append(scoring)
        self._directory.write_results(self.results)
