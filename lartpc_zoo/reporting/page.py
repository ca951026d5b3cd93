"""The report as one HTML file that holds everything, figures included."""

import base64
import struct
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from data_tools.files import write_text
from lartpc_zoo.plots.style import DPI

_PIXELS_PER_INCH = 135


def write_page(path: Path, figures: Path, **content: Any) -> None:
    """Write the page.

    Args:
        path: of the file.
        figures: directory of the PNGs of all Shown in the content.
        **content: what page.html shows.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["embedded"] = lambda shown: _embedded(figures / f"{shown.name}.png")
    environment.filters["width"] = lambda shown: _width(figures / f"{shown.name}.png")
    template = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    write_text(path, environment.from_string(template).render(**content))


def _embedded(path: Path) -> str:
    """A PNG as the source of an image."""
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _width(path: Path) -> int:
    """Pixels of the page that a PNG takes, so that fonts have one size in all figures."""
    with open(path, "rb") as file:
        pixels = struct.unpack(">I", file.read(20)[16:])[0]  # the width in the header of a PNG
    return round(pixels / DPI * _PIXELS_PER_INCH)
