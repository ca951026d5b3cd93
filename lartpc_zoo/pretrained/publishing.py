"""From a finished run to a card and its weights: `publish`."""

import shutil
from dataclasses import replace
from pathlib import Path

from data_tools.errors import BadOption
from data_tools.files import written_aside
from lartpc_zoo.evaluation.predictions import score_column
from lartpc_zoo.pretrained.card import WEIGHTS_SUFFIX, Card, checked
from lartpc_zoo.pretrained.loading import open_pretrained
from lartpc_zoo.runs import Run, open_run
from lartpc_zoo.scoring import classify

DEMO_EVENTS = 20
_DIGITS = 5
_TRAINING = ("status", "iterations", "epochs", "evaluations")
_CHOSEN = ("iteration", "testA_loss", "testA_accuracy")


def publish(run, output, demo, licence, limits, name=None, weights=True):
    """Write NAME.card.yaml and NAME.weights.h5 of a finished run, which `load_pretrained` takes by the card's path.

    run: a Run or its directory. output: directory. demo: LArCV file whose first 20 events are scored for the card.
    licence: of the weights. limits: what must be said of the training's data wherever results are shown. name: default
    the network's. weights: False where only the card is to be published. Returns (Card, its path).
    Raises NotARun, CorruptRun, BadCard, BadOption where the output has a card of this name, or what `classify` does.
    """
    run = run if isinstance(run, Run) else open_run(run)
    card = checked(_card(run, name or run.network, licence, limits), run.directory)
    output = Path(output)
    if (output / card.file_name).exists():
        raise BadOption(f"{output} has a card of {card.name}. Remove it, or give this one another name.")
    output.mkdir(parents=True, exist_ok=True)
    card = replace(card, demo=_demo(demo, run))
    if weights:
        with written_aside(output / f"{card.name}{WEIGHTS_SUFFIX}") as aside:
            shutil.copyfile(run.weights_file, aside)
            size = aside.stat().st_size
        card = replace(card, weights={"bytes": size, "sha256": run.results["chosen"]["sha256"]})
    path = card.write(output)
    return open_pretrained(path).card, path


def _card(run, name, licence, limits):
    results = run.results
    training = {key: results[key] for key in _TRAINING}
    return Card(
        name=name,
        network=run.network,
        parameters=results["parameters"],
        seed=run.config["seed"],
        data=run.trained_on,
        recipe={"name": run.recipe_name, **run.config["recipe"]},
        training={**training, "chosen": {key: results["chosen"][key] for key in _CHOSEN}},
        made_with=_made_with(*run.environments),
        testB={key: results[key] for key in ("accuracies", "confusion_matrix")},
        demo={"events": [], "scores": []},
        licence=licence,
        limits=" ".join(limits.split()),
    )


def _made_with(*starts):
    """The last start, and under `before` those that a training begun elsewhere had before it."""
    return {**starts[-1], "before": list(starts[:-1])} if len(starts) > 1 else starts[-1]


def _demo(file, run):
    """Scores of the first events of a LArCV file, as the card holds them."""
    first = classify(file, run).head(DEMO_EVENTS)
    scores = first[[score_column(name) for name, _ in run.trained_on["classes"]]].to_numpy()
    return {
        "events": first[["run", "subrun", "event"]].to_numpy().tolist(),
        "scores": scores.round(_DIGITS).tolist(),
    }
