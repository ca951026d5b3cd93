"""What a training did, in words."""

from collections.abc import Iterable, Iterator

from lartpc_zoo.models.scoring import Scoring
from lartpc_zoo.training.protocol import PLATEAUED, Condition, Summary
from lartpc_zoo.training.records import Results

_CONDITIONS = {
    "minimum_before": "the lowest loss, at iteration {found:,.0f}, must lie at or before {limit:,.0f}",
    "mean_of_last": "the mean of the last losses, {found:.4f}, must lie above the lowest, {limit:.4f}",
    "window_epochs": "it must be {limit:,.0f} iterations old for the window to exist, and is {found:,.0f}",
    "minimum_epochs": "{limit:,.0f} iterations must have passed, and {found:,.0f} have",
}


def ended_text(summary: Summary) -> str:
    """How the training ended, in a sentence or two."""
    if summary.status == PLATEAUED:
        return f"Plateaued after {summary.epochs:.1f} epochs."
    unmet = "; ".join(_condition_text(condition) for condition in summary.stop if not condition.met)
    return (
        f"No plateau after {summary.epochs:.1f} epochs, the maximum: {unmet}. The weights are the best of the window "
        "there is; a recipe with a higher maximum_epochs trains longer."
    )


def protocol_log(results: Results, scorings: Iterable[Scoring]) -> Iterator[str]:
    """What happened at every step of the protocol, a sentence each.

    Args:
        results: of the run.
        scorings: of the run, the training's own of testB first.
    """
    scorings = list(scorings)
    minimum, window, chosen = results.minimum, results.window, results.chosen
    own = [scoring for scoring in scorings if scoring.weights is not None]  # the training's, of testB
    later = [_scored_text(scoring) for scoring in scorings if scoring not in own and scoring.sample == "testB"]
    yield f"testA was evaluated {results.evaluations} times in {results.iterations:,} iterations."
    yield f"Its loss was lowest at iteration {minimum.iteration:,}: {minimum.loss:.4f} per event."
    yield ended_text(results)
    for condition in results.stop:
        met = "met" if condition.met else "not met"
        yield f"Condition {condition.name}: {_condition_text(condition)} ({met})."
    yield (
        f"The window holds {window.evaluations} evaluations from iteration {window.first:,} to {window.last:,}: "
        f"{window.epochs_before:.1f} epochs before the lowest loss and {window.epochs_after:.1f} after it."
    )
    yield (
        f"The weights of iteration {chosen.iteration:,} have the best accuracy on testA there: "
        f"{100 * chosen.testA_accuracy:.2f} % with a loss of {chosen.testA_loss:.4f}."
    )
    yield f"testB was scored with them on {own[-1].date[:10]}: {own[-1].events:,} events."
    if len(own) > 1:
        before = len(own) - 1
        yield f"That scoring was interrupted {before} time{'' if before == 1 else 's'} before, and begun again."
    if later:
        yield f"testB of this or another data set was scored again with these weights on {', '.join(later)}."


def _scored_text(scoring: Scoring) -> str:
    """The date of a scoring, and the effects of a detector that its events had."""
    return scoring.date[:10] + (f" (under {scoring.effect})" if scoring.effect else "")


def _condition_text(condition: Condition) -> str:
    return _CONDITIONS[condition.name].format(found=condition.found, limit=condition.limit)
