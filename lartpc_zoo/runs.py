"""A finished training: its configuration, results, Table 1, predictions and network."""

import itertools

from data_tools.files import sha256_of_file
from lartpc_zoo.errors import CorruptRun
from lartpc_zoo.evaluation.tables import print_table1, table1
from lartpc_zoo.models.precision import MEASURED_IN
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
    def name(self):
        """What errors call it: its directory."""
        return str(self.directory)

    @property
    def network(self):
        """Name of the network."""
        return self.config["network"]

    @property
    def trained_on(self):
        """The description of the training's data set: classes, image_shape, planes, adc, fingerprint, ..."""
        return self.config["data"]

    @property
    def evaluations(self):
        """Where scorings of other samples are written."""
        return self.directory / "evaluations"

    @property
    def batch_size(self):
        """Events per iteration of the training."""
        return self.config["recipe"]["batch_size"]

    @property
    def table1(self):
        """Table 1 as a DataFrame of percent: Network, then CLASS and CLASS error for each class and 'all'."""
        return table1({self.config["network"]: self.results["accuracies"]})

    def table1_markdown(self):
        """Table 1 as Markdown with its caption."""
        return print_table1(self.table1, self.results["table1_caption"]).markdown()

    @property
    def history(self):
        """The evaluations on testA, one row each: iteration, epoch, learning_rate, losses and accuracy (DataFrame)."""
        return self._directory.history()

    @property
    def recipe_name(self):
        """What the recipe was called when the run began."""
        return self._directory.environment()[0]["recipe"]

    @property
    def environments(self):
        """Versions and machine of every start unlike the one before it, without host, user and paths; at least one."""
        kept = ("versions", "keras_backend", "machine", "cpus", "devices", "git")
        starts = [{key: start.get(key) for key in kept} for start in self._directory.environment()]
        return [start for start, _ in itertools.groupby(starts)]

    @property
    def environment(self):
        """The last of `environments`."""
        return self.environments[-1]

    @property
    def predictions(self):
        """testB event by event: truth, `prediction` and one score per class (DataFrame).

        Raises CorruptRun when they are not those that the results are of.
        """
        return self._directory.predictions(self.results["predictions_sha256"])

    @property
    def weights_sha256(self):
        """sha256 of the chosen weights."""
        return self.results["chosen"]["sha256"]

    @property
    def weights_file(self):
        """Path of the chosen weights. Raises CorruptRun when they are not the ones that were saved."""
        chosen = self.results["chosen"]
        path = self._directory.weights(chosen["iteration"])
        if not path.is_file() or sha256_of_file(path) != chosen["sha256"]:
            raise CorruptRun(
                f"{path}: missing or damaged; the weights of this run cannot be used. An archive has none."
            )
        return path

    def load_model(self, dtype=None):
        """The network with the chosen weights. Raises CorruptRun when they are not the ones that were saved.

        dtype: Keras dtype policy (default: float32, in which the run measured them).
        """
        from lartpc_zoo.models.inputs import InputSpec
        from lartpc_zoo.models.registry import create_model

        path, data = self.weights_file, self.config["data"]
        model = create_model(
            self.config["network"],
            tuple(data["image_shape"]),
            len(data["classes"]),
            InputSpec(**self.config["recipe"]["inputs"]),
            dtype=dtype or MEASURED_IN,
        )
        model.load_weights(path)
        return model

    def log_scoring(self, scoring, instead_of=None):
        """Add the record of a scoring (see lartpc_zoo.scoring) to results.json, or complete one that has begun."""
        self.results = self._directory.log_scoring(scoring, instead_of)
