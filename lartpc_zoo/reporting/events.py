"""Figures 1 and 2 of a report: events of the data set that the networks were measured on."""

from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.plots.display import draw
from lartpc_zoo.reporting.figures import Shown

_LOOKED_AT = 20


def event_figures(directory, data, run):
    """fig1_event and fig2_species from testB of a Dataset; yields what was drawn. Raises DataDiffers."""
    if data.fingerprint != run.trained_on.fingerprint:
        raise DataDiffers(
            f"{data.directory}: fingerprint {data.fingerprint[:12]}, but {run.directory} was trained on "
            f"{run.trained_on.fingerprint[:12]}. Give the data set of the training, or none."
        )
    hits = run.predictions.filter(regex="^npx_").sum(axis=1)
    shown = int(hits[:_LOOKED_AT].argmax())
    for ending in ("png", "pdf"):
        of_sample = {"path": data.directory, "sample": "testB"}
        draw(**of_sample, event=shown, output=directory / f"fig1_event.{ending}")
        draw(**of_sample, species=True, plane=data.planes[-1], output=directory / f"fig2_species.{ending}")
    yield Shown(
        "fig1_event", f"Figure 1. Of the first {_LOOKED_AT} events of testB, that with the most hits, in its planes."
    )
    yield Shown("fig2_species", "Figure 2. One event of every class, of medium momentum, in the last plane.")
