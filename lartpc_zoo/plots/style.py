"""What all figures share: size, fonts, colours, and how they are written.

Colours are the colour-blind-safe set of Okabe and Ito (jfly.uni-koeln.de/color). Figures have the width of one or two
columns of a journal (3.4 and 7 inches), so that their fonts are read as they are.
"""

import itertools

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import LogLocator, NullFormatter

from data_tools.files import written_aside

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#666666"
ORANGE, SKY, GREEN, YELLOW, PURPLE, BLACK = "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#000000"
WINE = "#882255"  # of the set of Paul Tol, as the colours of networks
COLUMN_WIDTH, PAGE_WIDTH = 3.4, 7.0
STYLE = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
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
    "savefig.dpi": 300,
}
_MARKERS = "osD^vPX*<>d"  # eleven, with six colours of networks: 66 looks before one comes again

_SPECIES = {"electron": BLUE, "gamma": ORANGE, "muon": GREEN, "pion": VERMILION, "proton": PURPLE}
_OTHERS = (SKY, BLACK, YELLOW, BLUE, ORANGE, GREEN, VERMILION, PURPLE)
_NETWORKS = (BLACK, SKY, WINE, "#999933", "#332288", "#44AA99")
_POINTS_PER_INCH = 72
_BESIDE_NAME, _CHARACTER = 4.8, 0.58
"""Widths in a legend, in sizes of its font: of a handle with the space around it, of a character of a name."""
_TWO_DECADES = 100
_METADATA = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None},
}  # without dates, the same content is the same file


def class_colours(classes):
    """{class name: colour}: a species has the same one in every figure, other classes what is left."""
    left = itertools.cycle(_OTHERS)
    return {name: _SPECIES.get(name) or next(left) for name in classes}


def class_looks(classes):
    """{class name: its colour and marker, as matplotlib's keywords}."""
    return _looks(class_colours(classes))


def network_looks(networks):
    """{network: its colour, none of those of species, and marker, as matplotlib's keywords}: alike for no two of 66."""
    return _looks(dict(zip(networks, itertools.cycle(_NETWORKS))))


def _looks(colours):
    markers = itertools.cycle(_MARKERS)
    return {name: {"color": colour, "marker": next(markers)} for name, colour in colours.items()}


def logarithmic(axis, values):
    """Make an axis of positive values logarithmic: plain numbers at 1, 2 and 5, or from two decades on at 1 alone."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    several = max(values) >= _TWO_DECADES * min(values)
    axis.set_major_locator(LogLocator(subs=(1,) if several else (1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def legend_columns(names, width, most):
    """How many columns, `most` at the most, a legend of these names has in a figure of a width in inches."""
    em = STYLE["legend.fontsize"] / _POINTS_PER_INCH
    column = (_BESIDE_NAME + _CHARACTER * max(map(len, names))) * em
    return max(1, min(most, int(width / column)))


def in_style(**changes):
    """Context in which figures are drawn, with some settings changed."""
    return matplotlib.rc_context({**STYLE, **changes})


def save(figure, path):
    """Write a figure atomically in the format of the path's ending, png or pdf."""
    FigureCanvasAgg(figure)
    ending = path.suffix.removeprefix(".")
    with written_aside(path) as aside:
        figure.savefig(aside, format=ending, dpi=STYLE["savefig.dpi"], metadata=_METADATA[ending])


def save_both(figure, directory, name):
    """Write a figure as png and pdf."""
    for ending in _METADATA:
        save(figure, directory / f"{name}.{ending}")
        figure.set_layout_engine("none")  # it stays as it was laid out, which takes longest
