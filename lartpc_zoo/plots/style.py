"""What all figures share: size, fonts, colours, and how they are written.

Colours are the colour-blind-safe set of Okabe and Ito (jfly.uni-koeln.de/color). Figures have the width of one or two
columns of a journal (3.4 and 7 inches), so that their fonts are read as they are.
"""

import itertools
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from data_tools.files import written_aside
from data_tools.particles import symbol

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#666666"
ORANGE, SKY, GREEN, YELLOW, PURPLE, BLACK = "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#000000"
WINE = "#882255"  # of the set of Paul Tol, as the colours of networks
COLUMN_WIDTH, PAGE_WIDTH = 3.4, 7.0
DPI = 300
"""Pixels per inch of every PNG."""
STYLE: dict[str, Any] = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "axes.titley": 1.0,  # nothing stands above the panels that a title would have to be moved away from
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "lines.linewidth": 1.2,
    "savefig.dpi": DPI,
}
_MARKERS = "osD^vPX*<>d"  # eleven, with six colours of networks: 66 looks before one is repeated

_SPECIES = {"electron": BLUE, "gamma": ORANGE, "muon": GREEN, "pion": VERMILION, "proton": PURPLE}
_OTHERS = (SKY, BLACK, YELLOW, BLUE, ORANGE, GREEN, VERMILION, PURPLE)
_NETWORKS = (BLACK, SKY, WINE, "#999933", "#332288", "#44AA99")
_POINTS_PER_INCH = 72
_BESIDE_NAME, _CHARACTER = 4.8, 0.58
"""Widths in a legend, in sizes of its font: of a handle with the space around it, of a character of a name."""
_TWO_DECADES = 100
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNICODE = {"$": "", "^-": "⁻", r"\gamma": "γ", r"\mu": "μ", r"\pi": "π"}
# Without dates and versions, the same content is the same file.
_METADATA: dict[str, dict[str, Any]] = {"png": {"Software": None}, "pdf": {"CreationDate": None}}

Look: TypeAlias = dict[str, Any]
"""Colour and marker, as matplotlib's keywords."""
Name = TypeVar("Name", bound=Hashable)


def printed(class_name: str) -> str:
    """The symbol of a species in a figure of many panels, where formulae take long; other names as they are."""
    text = symbol(class_name, latex=True)
    if text != class_name:
        for formula, character in _UNICODE.items():
            text = text.replace(formula, character)
    return text


def class_colours(classes: Iterable[str]) -> dict[str, str]:
    """{class name: colour}: a species has the same one in every figure, other classes what is left."""
    left = itertools.cycle(_OTHERS)
    return {name: _SPECIES.get(name) or next(left) for name in classes}


def class_looks(classes: Iterable[str]) -> dict[str, Look]:
    """{class name: its colour and marker}."""
    return _looks(class_colours(classes))


def network_looks(networks: Iterable[Name]) -> dict[Name, Look]:
    """{network: its colour, none of those of species, and marker}: alike for no two of 66."""
    return _looks(dict(zip(networks, itertools.cycle(_NETWORKS))))


def _looks(colours: Mapping[Name, str]) -> dict[Name, Look]:
    markers = itertools.cycle(_MARKERS)
    return {name: {"color": colour, "marker": next(markers)} for name, colour in colours.items()}


def logarithmic(axis: Axis, values: Sequence[float]) -> None:
    """Make an axis of positive values logarithmic: plain numbers at 1, 2 and 5, or from two decades on at 1 alone."""
    _make_logarithmic(axis)
    several = max(values) >= _TWO_DECADES * min(values)
    axis.set_major_locator(LogLocator(subs=(1,) if several else (1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def powers_of_ten(axis: Axis) -> None:
    """Make an axis logarithmic with a tick at every power of ten.

    Matplotlib's own ticks of it, eight in every decade and numbers set as formulae, take longer than all else in a
    figure of many panels.
    """
    _make_logarithmic(axis)
    axis.set_major_locator(LogLocator(numticks=6))
    axis.set_major_formatter(FuncFormatter(_power_of_ten))
    axis.minorticks_off()


def _make_logarithmic(axis: Axis) -> None:
    if axis is axis.axes.xaxis:
        axis.axes.set_xscale("log")
    else:
        axis.axes.set_yscale("log")


def _power_of_ten(value: float, _: int | None) -> str:
    return f"10{str(round(math.log10(value))).translate(_SUPERSCRIPTS)}"


def legend_columns(names: Iterable[str], width: float, most: int) -> int:
    """How many columns, `most` at the most, a legend of these names has in a figure of a width in inches."""
    em = STYLE["legend.fontsize"] / _POINTS_PER_INCH
    column = (_BESIDE_NAME + _CHARACTER * max(map(len, names))) * em
    return max(1, min(most, int(width / column)))


def in_style(**changes: Any) -> AbstractContextManager[None]:
    """Context in which figures are drawn, with some settings changed."""
    return mpl.rc_context({**STYLE, **changes})


def margins(figure: Figure, left: float, right: float, bottom: float, top: float, **spaces: float) -> None:
    """Lay a figure out by hand, where its texts have a known size: this is much faster than to measure them.

    Args:
        figure: to lay out.
        left: inches beside the panels, as are all margins.
        right: inches.
        bottom: inches.
        top: inches.
        **spaces: wspace and hspace, in sizes of a panel.
    """
    width, height = figure.get_size_inches()
    figure.subplots_adjust(left / width, bottom / height, 1 - right / width, 1 - top / height, **spaces)


def save(figure: Figure, path: Path) -> None:
    """Write a figure atomically in the format of the path's ending, png or pdf.

    By its canvas: `savefig` draws every figure twice.
    """
    figure.set_dpi(DPI)
    ending = path.suffix.removeprefix(".")
    with written_aside(path) as aside:
        if ending == "pdf":
            FigureCanvasPdf(figure).print_pdf(aside, metadata=_METADATA[ending])
        else:
            FigureCanvasAgg(figure).print_png(aside, metadata=_METADATA[ending])


def save_both(figure: Figure, directory: Path, name: str) -> None:
    """Write a figure as png and pdf."""
    for ending in _METADATA:
        save(figure, directory / f"{name}.{ending}")
        figure.set_layout_engine("none")  # it stays as it was laid out, which takes longest
