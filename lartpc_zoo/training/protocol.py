"""The study's procedure (section 4 of the draft) as a state machine: told (iteration, loss), it says when to stop and
which weights to keep. Pure Python.

Training stops when the loss on testA has a global minimum that lies far enough back; the weights are then chosen by
accuracy from the evaluations around that minimum.
"""

import math
from dataclasses import astuple, dataclass, field
from typing import Any

from data_tools.record import Record

PLATEAUED = "plateaued"
NO_PLATEAU = "no_plateau"


@dataclass(frozen=True)
class ProtocolSettings(Record):
    """The numbers of the procedure.

    Attributes:
        evaluation_interval: iterations between evaluations.
        minimum_before: the minimum i* must be at or before this fraction of n.
        mean_of_last: the mean loss of so many evaluations must lie above the minimum, which with a global minimum says
            that they are not all equal to it.
        window_epochs: half width of the window, and the least distance from i* to n.
        minimum_epochs: n must have passed them.
        maximum_epochs: the end in any case.
    """

    evaluation_interval: int = 250
    minimum_before: float = 0.85
    mean_of_last: int = 3
    window_epochs: float = 5.0
    minimum_epochs: float = 10.0
    maximum_epochs: float = 200.0

    def __post_init__(self) -> None:
        if self.evaluation_interval < 1 or self.mean_of_last < 1:
            raise ValueError("evaluation_interval and mean_of_last: expected 1 or more.")
        if not 0 < self.minimum_before <= 1:
            raise ValueError(f"minimum_before {self.minimum_before}: expected a fraction of 1.")
        if self.window_epochs < 0 or not 0 <= self.minimum_epochs <= self.maximum_epochs or self.maximum_epochs <= 0:
            raise ValueError("expected window_epochs >= 0, minimum_epochs <= maximum_epochs and maximum_epochs > 0.")


@dataclass(frozen=True)
class Evaluation(Record):
    """testA at one iteration: mean cross-entropy per event without regularisation, and accuracy (0 to 1)."""

    iteration: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Condition(Record):
    """One of the conditions under which training stops: what was found, the limit, and whether it is met.

    name: the field of ProtocolSettings. found and limit: iterations, or losses for mean_of_last.
    """

    name: str
    found: float
    limit: float
    met: bool


@dataclass(frozen=True)
class Window(Record):
    """The evaluations around the minimum: first and last iteration, how many, and their epochs before and after it."""

    first: int
    last: int
    evaluations: int
    epochs_before: float
    epochs_after: float


@dataclass(frozen=True, kw_only=True)
class Summary(Record):
    """What happened at every step of the procedure.

    Attributes:
        status: 'plateaued' or 'no_plateau'.
        iterations: at the end.
        epochs: at the end.
        evaluations: of testA.
        minimum: the evaluation with the lowest loss.
        stop: the conditions as they were at the end.
        window: around the minimum.
    """

    status: str
    iterations: int
    epochs: float
    evaluations: int
    minimum: Evaluation
    stop: tuple[Condition, ...]
    window: Window


@dataclass
class Protocol:
    """The state of one training under the procedure.

    settings: ProtocolSettings. iterations_per_epoch: events of train / batch size, need not be whole.
    status: None while training goes on, then 'plateaued' or 'no_plateau'.
    """

    settings: ProtocolSettings
    iterations_per_epoch: float
    evaluations: list[Evaluation] = field(default_factory=list)
    status: str | None = None

    def record(self, iteration: int, loss: float, accuracy: float) -> str | None:
        """Take one evaluation; returns the status. Raises ValueError out of order or without a finite loss."""
        if self.evaluations and iteration <= self.iteration:
            raise ValueError(f"Evaluation at iteration {iteration} after one at {self.iteration}.")
        if not math.isfinite(loss):
            raise ValueError(f"The loss at iteration {iteration} is {loss}.")
        self.evaluations.append(Evaluation(int(iteration), float(loss), float(accuracy)))
        if all(condition.met for condition in self.conditions()):
            self.status = PLATEAUED
        elif self.iteration >= self.maximum_iterations:
            self.status = NO_PLATEAU
        return self.status

    @property
    def iteration(self) -> int:
        """Iteration of the last evaluation, 0 before the first."""
        return self.evaluations[-1].iteration if self.evaluations else 0

    @property
    def minimum(self) -> Evaluation:
        """The evaluation with the lowest loss so far; the earliest of equal ones."""
        return min(self.evaluations, key=lambda evaluation: (evaluation.loss, evaluation.iteration))

    @property
    def maximum_iterations(self) -> int:
        """Training ends at the first evaluation at or after this iteration."""
        return math.ceil(self.settings.maximum_epochs * self.iterations_per_epoch)

    @property
    def earliest_end(self) -> int:
        """The first evaluation, as its iteration, at which training can end if the minimum stays where it is.

        Once it has ended, where it did."""
        if self.status is not None:
            return self.iteration
        settings, interval = self.settings, self.settings.evaluation_interval
        needed = settings.minimum_epochs * self.iterations_per_epoch
        if self.evaluations:
            lowest = self.minimum.iteration
            after = lowest + settings.window_epochs * self.iterations_per_epoch
            needed = max(needed, lowest / settings.minimum_before, after, self.iteration + interval)
        return interval * math.ceil(min(needed, self.maximum_iterations) / interval)

    def conditions(self) -> list[Condition]:
        """What must hold for training to stop at the last evaluation n, as a list of Condition."""
        settings, epoch, minimum = self.settings, self.iterations_per_epoch, self.minimum
        last = [evaluation.loss for evaluation in self.evaluations[-settings.mean_of_last :]]
        mean = sum(last) / len(last)
        latest, behind = settings.minimum_before * self.iteration, self.iteration - minimum.iteration
        window, least = settings.window_epochs * epoch, settings.minimum_epochs * epoch
        return [
            Condition("minimum_before", minimum.iteration, latest, minimum.iteration <= latest),
            Condition("mean_of_last", mean, minimum.loss, len(last) == settings.mean_of_last and mean > minimum.loss),
            Condition("window_epochs", behind, window, behind >= window),
            Condition("minimum_epochs", self.iteration, least, self.iteration >= least),
        ]

    @property
    def window(self) -> list[Evaluation]:
        """The evaluations within window_epochs of the minimum."""
        return [
            evaluation for evaluation in self.evaluations if self._near(evaluation.iteration, self.minimum.iteration)
        ]

    def weights_to_keep(self) -> list[int]:
        """Iterations whose weights the final window may still need.

        These are the window around the present minimum and, for a minimum that the next evaluation may bring, all
        that would be in the window around that.
        """
        following = self.iteration + self.settings.evaluation_interval
        needed = {evaluation.iteration for evaluation in self.window}
        if self.status is None:
            needed |= {e.iteration for e in self.evaluations if self._near(e.iteration, following)}
        return sorted(needed)

    def choice(self) -> Evaluation:
        """The evaluation of the window with the best accuracy; of equal ones the lower loss, then the earlier."""
        return min(self.window, key=lambda evaluation: (-evaluation.accuracy, evaluation.loss, evaluation.iteration))

    def summary(self) -> Summary:
        """What happened, once training has ended."""
        window, minimum, epoch = self.window, self.minimum, self.iterations_per_epoch
        first, last = window[0].iteration, window[-1].iteration
        return Summary(
            status=str(self.status),
            iterations=self.iteration,
            epochs=self.iteration / epoch,
            evaluations=len(self.evaluations),
            minimum=minimum,
            stop=tuple(self.conditions()),
            window=Window(
                first, last, len(window), (minimum.iteration - first) / epoch, (last - minimum.iteration) / epoch
            ),
        )

    def state(self) -> dict[str, Any]:
        """Everything but the settings, as plain types for a state file."""
        return {"evaluations": [list(astuple(evaluation)) for evaluation in self.evaluations], "status": self.status}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.evaluations = [Evaluation(*evaluation) for evaluation in state["evaluations"]]
        self.status = state["status"]

    def _near(self, iteration: int, minimum: int) -> bool:
        return abs(iteration - minimum) <= self.settings.window_epochs * self.iterations_per_epoch
