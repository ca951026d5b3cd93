"""From a file or data set to a drawing of its events on disk."""

from pathlib import Path

import numpy as np

from data_tools.errors import BadOption, did_you_mean
from data_tools.inspection import open_events
from data_tools.location import name_of
from data_tools.particles import NO_TRUTH
from lartpc_zoo.plots import events as displays
from lartpc_zoo.plots.style import save

_ENDINGS = (".png", ".pdf")
_SCANNED = 50_000
_ON_A_SHEET = 20


def draw(path, event=None, species=False, contact_sheet=None, sample=None, plane=2, output=None):
    """Draw one event, the species side by side, or a contact sheet of a class; returns the Path of the drawing.

    event: entry of a file, position in a sample. contact_sheet: name of a class. plane: plane id of the latter two.
    output: png or pdf (default: named after what it shows, in the working directory).
    Raises BadOption, UnknownEvent, UnknownSample, or what opening the data raises.
    """
    events = open_events(path, sample)
    source = name_of(events.name)
    if event is not None:
        found, _ = events.get(event)
        figure = displays.event_display(found, events.planes, events.pixel_cm, source)
        what = f"event-{event}"
    else:
        if plane not in events.planes:
            raise BadOption(f"--plane {plane}: {events.name} has the planes {', '.join(map(str, events.planes))}.")
        by_class = _by_class(events)
        if species:
            chosen = {name: _of_medium_momentum(found) for name, found in by_class.items()}
            figure = displays.species_display(
                chosen, events.classes.names, events.planes, events.pixel_cm, plane, source
            )
            what = "species"
        else:
            found = _of_class(events, by_class, contact_sheet)
            figure = displays.contact_sheet(found, contact_sheet, events.planes, events.pixel_cm, plane)
            what = f"contact-sheet-{contact_sheet}"
    named_after = Path(name_of(path)).stem + (f"-{events.sample}" if events.sample else "")
    output = Path(output or f"{named_after}-{what}.png")
    if output.suffix not in _ENDINGS:
        raise BadOption(f"--output {output}: expected a name that ends in {' or '.join(_ENDINGS)}.")
    save(figure, output)
    return output


def _by_class(events):
    """{class name: [(number, Event)]} of the first events of every class; those of no class are left out."""
    found = {name: [] for name in events.classes.names}
    for scanned, (number, event, label) in enumerate(events, 1):
        if label != NO_TRUTH and len(found[events.classes.names[label]]) < _ON_A_SHEET:
            found[events.classes.names[label]].append((number, event))
        # Files may be sorted by class.
        if scanned >= _SCANNED or all(len(of_class) == _ON_A_SHEET for of_class in found.values()):
            break
    found = {name: of_class for name, of_class in found.items() if of_class}
    if not found:
        raise BadOption(f"{events.name}: no event of the classes {', '.join(events.classes.names)}; use --event N.")
    return found


def _of_class(events, by_class, name):
    if name not in events.classes.names:
        raise BadOption(
            f"--contact-sheet {name}: the classes are {', '.join(events.classes.names)}."
            + did_you_mean(name, events.classes.names)
        )
    if name not in by_class:
        raise BadOption(f"{events.name}: none of the first {_SCANNED} events is of class {name}.")
    return by_class[name]


def _of_medium_momentum(found):
    momentum = np.array([np.linalg.norm(event.truth.momentum) for _, event in found])
    return found[int(np.argmin(np.abs(momentum - np.median(momentum))))][1]
