"""From a file or data set to a drawing of its events on disk."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from data_tools.errors import BadOption, did_you_mean
from data_tools.event import Event
from data_tools.inspection import Events, open_events
from data_tools.location import name_of
from data_tools.particles import NO_TRUTH
from lartpc_zoo.plots import events as displays
from lartpc_zoo.plots.cells import cells_display
from lartpc_zoo.plots.style import save

_ENDINGS = (".png", ".pdf")
_SCANNED = 50_000
_ON_A_SHEET = 20
_ByClass = dict[str, list[tuple[int, Event]]]


def draw(
    path: str | Path,
    event: int | None = None,
    cells: bool = False,
    species: bool = False,
    contact_sheet: str | None = None,
    sample: str | None = None,
    plane: int = 2,
    output: str | Path | None = None,
) -> Path:
    """Draw one event, the species side by side, or a contact sheet of a class.

    Args:
        path: of a file or data set.
        event: to draw: entry of a file, position in a sample.
        cells: whether to draw its active cells, level by level, instead of its planes.
        species: whether to draw one event of every class, of medium momentum.
        contact_sheet: name of a class, to draw its first events.
        sample: of a data set, by default its first.
        plane: plane id, of the latter two.
        output: png or pdf; by default named after what it shows, in the working directory.

    Returns:
        The path of the drawing.

    Raises:
        BadOption: there is no such plane or class, or the output is of another format.
        UnknownEvent: there is no such event.
        UnknownSample: there is no such sample.
        data_tools.errors.UserError: the data cannot be opened.
    """
    events = open_events(path, sample)
    if event is not None:
        figure = draw_cells(events, event) if cells else draw_event(events, event)
        what = f"cells-{event}" if cells else f"event-{event}"
    elif species:
        figure, what = draw_species(events, plane), "species"
    elif contact_sheet is not None:
        figure, what = draw_sheet(events, contact_sheet, plane), f"contact-sheet-{contact_sheet}"
    else:
        raise BadOption("Nothing to draw: expected event, species or contact_sheet.")
    named_after = Path(name_of(path)).stem + (f"-{events.sample}" if events.sample else "")
    target = Path(output or f"{named_after}-{what}.png")
    if target.suffix not in _ENDINGS:
        raise BadOption(f"output {target}: expected a name that ends in {' or '.join(_ENDINGS)}.")
    save(figure, target)
    return target


def draw_event(events: Events, number: int) -> Figure:
    """One event in its planes. Raises UnknownEvent."""
    found, _ = events.get(number)
    return displays.event_display(found, events.planes, events.pixel_cm, name_of(events.name))


def draw_cells(events: Events, number: int) -> Figure:
    """The active cells of one event, level by level. Raises UnknownEvent."""
    found, _ = events.get(number)
    return cells_display(found, name_of(events.name))


def draw_species(events: Events, plane: int) -> Figure:
    """One event of every class, of medium momentum, in a plane. Raises BadOption."""
    _check_plane(events, plane)
    chosen = {name: _of_medium_momentum(found) for name, found in _by_class(events).items()}
    return displays.species_display(
        chosen, events.classes.names, events.planes, events.pixel_cm, plane, name_of(events.name)
    )


def draw_sheet(events: Events, name: str, plane: int) -> Figure:
    """The first events of a class in a plane. Raises BadOption."""
    _check_plane(events, plane)
    found = _of_class(events, _by_class(events), name)
    return displays.contact_sheet(found, name, events.planes, events.pixel_cm, plane)


def _check_plane(events: Events, plane: int) -> None:
    if plane not in events.planes:
        raise BadOption(f"plane {plane}: {events.name} has the planes {', '.join(map(str, events.planes))}.")


def _by_class(events: Events) -> _ByClass:
    """{class name: [(number, Event)]} of the first events of every class; those of no class are left out."""
    found: _ByClass = {name: [] for name in events.classes.names}
    for scanned, (number, event, label) in enumerate(events, 1):
        if label != NO_TRUTH and len(found[events.classes.names[label]]) < _ON_A_SHEET:
            found[events.classes.names[label]].append((number, event))
        # Files may be sorted by class.
        if scanned >= _SCANNED or all(len(of_class) == _ON_A_SHEET for of_class in found.values()):
            break
    found = {name: of_class for name, of_class in found.items() if of_class}
    if not found:
        raise BadOption(
            f"{events.name}: no event of the classes {', '.join(events.classes.names)}. Draw single events by number."
        )
    return found


def _of_class(events: Events, by_class: _ByClass, name: str) -> list[tuple[int, Event]]:
    if name not in events.classes.names:
        raise BadOption(
            f"contact_sheet {name}: the classes are {', '.join(events.classes.names)}."
            + did_you_mean(name, events.classes.names)
        )
    if name not in by_class:
        raise BadOption(f"{events.name}: none of the first {_SCANNED:,} events is of class {name}.")
    return by_class[name]


def _of_medium_momentum(found: list[tuple[int, Event]]) -> Event:
    momentum = np.array([np.linalg.norm(event.truth.momentum) for _, event in found])
    return found[int(np.argmin(np.abs(momentum - np.median(momentum))))][1]
