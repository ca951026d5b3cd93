"""Figures 1 and 2 of a report: events of the data set that the networks were measured on."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_tools.event import plane_name
from data_tools.inspection import open_events
from data_tools.particles import FIVE_PARTICLES
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.plots.display import draw_event, draw_species
from lartpc_zoo.plots.style import save_both
from lartpc_zoo.reporting.figures import Shown
from lartpc_zoo.training.run import Run

_LOOKED_AT = 20
_SAMPLE = "testB"


def event_figures(directory: Path, data: Dataset, runs: Sequence[Run]) -> Iterator[Shown]:
    """Draw fig1_event and fig2_species from testB; yields what was drawn.

    Args:
        directory: of the files.
        data: the data set of a training.
        runs: of which one has scored it.

    Raises:
        DataDiffers: all runs are of other data sets.
    """
    if data.fingerprint not in (fingerprints := {run.trained_on.fingerprint: run.directory for run in runs}):
        trained_on = " and ".join(f"{print_[:12]} ({directory})" for print_, directory in fingerprints.items())
        raise DataDiffers(
            f"{data.directory}: fingerprint {data.fingerprint[:12]}, but the runs were trained on {trained_on}. "
            "Give the data set of the training, or none."
        )
    events = open_events(data.directory, _SAMPLE)
    hits = {number: len(event.index) for number, event, _ in itertools.islice(events, _LOOKED_AT)}
    shown = max(hits, key=hits.__getitem__)
    save_both(draw_event(events, shown), directory, "fig1_event")
    yield Shown(
        "fig1_event",
        f"Figure 1. The event with the most hits of the first {_LOOKED_AT} events of testB, in all planes.",
    )
    plane = data.planes[-1]
    save_both(draw_species(events, plane), directory, "fig2_species")
    names = "" if data.classes == FIVE_PARTICLES.names else f" ({', '.join(data.classes)})"
    yield Shown(
        "fig2_species",
        f"Figure 2. One event of every class{names}, of medium momentum, in plane {plane_name(plane)}.",
    )
