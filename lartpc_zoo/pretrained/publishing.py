"""From a finished run to a card and its weights: `publish`."""

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from data_tools.errors import BadOption
from data_tools.files import written_aside
from lartpc_zoo.backend.environment import Environment
from lartpc_zoo.evaluation.classify import classify
from lartpc_zoo.evaluation.opening import SharedSources
from lartpc_zoo.metrics.predictions import score_column
from lartpc_zoo.pretrained.card import (
    WEIGHTS_SUFFIX,
    Card,
    ChosenEvaluation,
    Demo,
    MadeWith,
    Performance,
    Training,
    Weights,
)
from lartpc_zoo.pretrained.loading import open_pretrained
from lartpc_zoo.training.run import Run, open_run

DEMO_EVENTS = 20
_DIGITS = 5


def publish(
    run: Run | str | Path,
    output: str | Path,
    demo: str | Path,
    licence: str,
    limits: str,
    name: str | None = None,
    weights: bool = True,
) -> tuple[Card, Path]:
    """Write NAME.card.yaml and NAME.weights.h5 of a finished run, which `load_pretrained` takes by the card's path.

    Args:
        run: a run or its directory.
        output: directory.
        demo: LArCV file whose first 20 events are scored for the card.
        licence: of the weights.
        limits: what must be said of the training's data wherever results are shown.
        name: of the card (default: the network's).
        weights: False where only the card is to be published.

    Returns:
        The card and its path.

    Raises:
        NotARun, CorruptRun: the run cannot be opened.
        BadCard: the name cannot be that of a card.
        BadOption: the output has a card of this name.
        UserError: what `classify` raises.
    """
    run = run if isinstance(run, Run) else open_run(run)
    card = _card(run, name or run.network, licence, limits)
    output = Path(output)
    if (output / card.file_name).exists():
        raise BadOption(f"{output} has a card of {card.name}. Remove it, or give this one another name.")
    output.mkdir(parents=True, exist_ok=True)
    card = replace(card, demo=_demo(demo, run))
    if weights:
        with written_aside(output / f"{card.name}{WEIGHTS_SUFFIX}") as aside:
            shutil.copyfile(run.find_weights(), aside)
            size = aside.stat().st_size
        card = replace(card, weights=Weights(size, run.results.chosen.sha256))
    path = card.write(output)
    return open_pretrained(path).card, path


def _card(run: Run, name: str, licence: str, limits: str) -> Card:
    results, data = run.results, run.trained_on
    chosen = results.chosen
    return Card(
        name=name,
        network=run.network,
        parameters=results.parameters,
        costs=run.costs,
        seed=run.config.seed,
        data=data,
        recipe=replace(run.config.recipe, name=run.recipe_name),
        training=Training(
            status=results.status,
            iterations=results.iterations,
            epochs=results.epochs,
            evaluations=results.evaluations,
            chosen=ChosenEvaluation(chosen.iteration, chosen.testA_loss, chosen.testA_accuracy),
            execution=run.config.execution,
        ),
        made_with=_made_with(run.environments),
        testB=Performance(results.accuracies, results.confusion_matrix),
        licence=licence,
        limits=" ".join(limits.split()),
    )


def _made_with(environments: list[Environment]) -> MadeWith:
    """The last environment, with those that a training begun elsewhere had before it."""
    *before, last = environments
    return MadeWith(**vars(last), before=tuple(before))


def _demo(file: str | Path, run: Run) -> Demo:
    """Scores of the first events of a LArCV file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SharedSources)  # these events are scored to be found again, not to be measured
        first = classify(file, [run]).head(DEMO_EVENTS)
    scores = first[[score_column(name) for name in run.trained_on.class_names]].to_numpy(np.float64)
    return Demo(
        tuple(tuple(event) for event in first[["run", "subrun", "event"]].to_numpy().tolist()),
        tuple(tuple(row) for row in scores.round(_DIGITS).tolist()),
    )
