"""What all figures share: size, fonts, colours, and how they are written.

Colours are the colour-blind-safe set of Okabe and Ito (jfly.uni-koeln.de/color).
"""

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg

from data_tools.files import written_aside

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#666666"
COLUMN_WIDTH = 5.0
STYLE = {
    "font.size": 9,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "savefig.dpi": 200,
}
_METADATA = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None},
}  # without dates, the same content is the same file


def in_style(**changes):
    """Context in which figures are drawn, with some settings changed."""
    return matplotlib.rc_context({**STYLE, **changes})


def save(figure, path):
    """Write a figure atomically in the format of the path's ending, png or pdf."""
    FigureCanvasAgg(figure)
    ending = path.suffix.removeprefix(".")
    with written_aside(path) as aside:
        figure.savefig(aside, format=ending, metadata=_METADATA[ending])


def save_both(figure, directory, name):
    """Write a figure as png and pdf."""
    for ending in _METADATA:
        save(figure, directory / f"{name}.{ending}")
