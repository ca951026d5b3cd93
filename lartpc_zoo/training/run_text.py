"""What a training did, in words, from its results.json."""

from lartpc_zoo.training.protocol import PLATEAUED
from lartpc_zoo.training.run_directory import RunDirectory

_CONDITIONS = {
    "minimum_before": "the lowest loss, at iteration {found:,.0f}, must lie at or before {limit:,.0f}",
    "mean_of_last": "the mean of the last losses, {found:.4f}, must lie above the lowest, {limit:.4f}",
    "window_epochs": "it must be {limit:,.0f} iterations old for the window to exist, and is {found:,.0f}",
    "minimum_epochs": "{limit:,.0f} iterations must have passed, and {found:,.0f} have",
}


def ended_text(results):
    """How the training ended, in a sentence or two."""
    if results["status"] == PLATEAUED:
        return f"Plateaued after {results['epochs']:.1f} epochs."
    unmet = "; ".join(_CONDITIONS[item["name"]].format(**item) for item in results["stop"] if not item["met"])
    return (
        f"No plateau after {results['epochs']:.1f} epochs, the maximum: {unmet}. The weights are the best of the "
        "window there is; a recipe with a higher maximum_epochs trains longer."
    )


def protocol_log(results):
    """What happened at every step of the protocol, a sentence each."""
    minimum, window, chosen = results["minimum"], results["window"], results["chosen"]
    own = [scoring for scoring in results["scorings"] if "weights" in scoring]  # the training's, of testB
    others = [scoring for scoring in results["scorings"] if scoring not in own]
    later = [scoring["date"][:10] for scoring in others if scoring["sample"] == "testB"]
    yield f"testA was evaluated {results['evaluations']} times in {results['iterations']:,} iterations."
    yield f"Its loss was lowest at iteration {minimum['iteration']:,}: {minimum['loss']:.4f} per event."
    yield ended_text(results)
    for condition in results["stop"]:
        met = "met" if condition["met"] else "not met"
        yield f"Condition {condition['name']}: {_CONDITIONS[condition['name']].format(**condition)} ({met})."
    yield (
        f"The window holds {window['evaluations']} evaluations from iteration {window['first']:,} to "
        f"{window['last']:,}: {window['epochs_before']:.1f} epochs before the lowest loss and "
        f"{window['epochs_after']:.1f} after it."
    )
    yield (
        f"The weights of iteration {chosen['iteration']:,} have the best accuracy on testA there: "
        f"{100 * chosen['testA_accuracy']:.2f} % with a loss of {chosen['testA_loss']:.4f}."
    )
    yield f"testB was scored with them on {own[-1]['date'][:10]}: {own[-1]['events']:,} events."
    if len(own) > 1:
        before = len(own) - 1
        yield f"That scoring was interrupted {before} time{'' if before == 1 else 's'} before, and begun again."
    if later:
        yield f"testB of this or another data set was scored again with these weights on {', '.join(later)}."


def interrupted_text(output):
    """What is complete in the directory of an interrupted training, and how to go on."""
    if not (done := RunDirectory(output).last_iteration()):
        return "Interrupted before the first evaluation: the same command begins again."
    return f"Interrupted. {output} is complete up to iteration {done:,}; the same command goes on from there."


def state_text(directory):
    """How far the run in a RunDirectory is, in a few words."""
    if directory.results() is not None:
        return "finished"
    return f"complete up to iteration {directory.last_iteration():,}" if directory.exists() else "not begun"
