"""A finished training: its configuration, results, Table 1, predictions and network."""

import itertools
from pathlib import Path

import pandas as pd

from data_tools.files import sha256_of_file
from lartpc_zoo.backend.environment import Environment
from lartpc_zoo.errors import CorruptRun
from lartpc_zoo.metrics.tables import print_table1, table1
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.models.costs import Costs, costs_of
from lartpc_zoo.models.scoring import Scoring
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.training.run_directory import RunDirectory


def open_run(path: str | Path) -> "Run":
    """The finished run in a directory.

    Raises:
        NotARun: there is none, or it has not ended.
        CorruptRun: its files are damaged.
    """
    return Run(RunDirectory(path))


class Run(TrainedNetwork):
    """A finished run.

    Attributes:
        directory: Path.
        config: all that the result depends on (RunConfig).
        results: what was found (Results).
    """

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self.directory = directory.path
        self.results = directory.finished()
        self.config = directory.config()
        self.name = str(self.directory)
        self.network = self.config.network
        self.trained_on = self.config.data
        self.inputs = self.config.recipe.inputs
        self.batch_size = self.config.recipe.batch_size
        self.weights_sha256 = self.results.chosen.sha256
        self.evaluations = self.directory / "evaluations"

    @property
    def table1(self) -> pd.DataFrame:
        """Table 1 in percent: Network, then CLASS and 'CLASS error' for each class and 'all'."""
        return table1({self.network: self.results.accuracies})

    def table1_markdown(self) -> str:
        """Table 1 as Markdown with its caption."""
        return print_table1(self.table1, self.results.table1_caption).markdown()

    @property
    def history(self) -> pd.DataFrame:
        """The evaluations on testA, one row each: iteration, epoch, learning_rate, losses and accuracy."""
        return self._directory.history()

    @property
    def costs(self) -> Costs:
        """What the network costs for one image."""
        data = self.trained_on
        return self.results.costs or costs_of(network_info(self.network, data.image_shape, len(data.classes)))

    @property
    def recipe_name(self) -> str:
        """What the recipe was called when the run began."""
        return self.config.recipe.name or self._directory.starts()[0].recipe or ""

    @property
    def environments(self) -> list[Environment]:
        """Versions and machine of every start unlike the one before it, without host, user and paths; at least one."""
        return [environment for environment, _ in itertools.groupby(s.environment for s in self._directory.starts())]

    @property
    def environment(self) -> Environment:
        """The last of `environments`."""
        return self.environments[-1]

    @property
    def predictions(self) -> pd.DataFrame:
        """testB event by event: truth, `prediction` and one score per class.

        Raises CorruptRun when they are not those that the results are of.
        """
        return self._directory.predictions(self.results.predictions_sha256)

    @property
    def scorings(self) -> list[Scoring]:
        """Every scoring with the weights of the run, the training's own of testB first."""
        return self._directory.scorings()

    @property
    def scorings_file(self) -> Path:
        """Where scorings are put on record."""
        return self._directory.scorings_file

    def find_weights(self) -> Path:
        """Path of the chosen weights. Raises CorruptRun when they are not the ones that were saved."""
        chosen = self.results.chosen
        path = self._directory.weights(chosen.iteration)
        if not path.is_file() or sha256_of_file(path) != chosen.sha256:
            raise CorruptRun(
                f"{path}: missing or damaged; the weights of this run cannot be used. An archive has none."
            )
        return path

    def log_scoring(self, scoring: Scoring) -> None:
        """Add a scoring to the run's scorings.jsonl."""
        self._directory.log_scoring(scoring)
