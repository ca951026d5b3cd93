"""`lartpc-zoo inspect` as text: tables and histograms drawn with block characters."""

import numpy as np

from data_tools.cli.convert import source_lines
from data_tools.defects import DEFECTS
from data_tools.inspection import WITHOUT_TRUTH, Summary
from data_tools.record import plain
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.cli.text.tables import rendered

_BLOCKS = " ▁▂▃▄▅▆▇█"
_BINS = 25
_ADC_BINS = 50
_WIDTH = 100


def dataset_text(data: Dataset) -> str:
    """What a data set's manifest says: shape, classes, preprocessing, samples, sources."""
    rows, cols, planes = data.image_shape
    lines = [
        f"{data.directory}: images of {rows} x {cols} x {planes}, planes {', '.join(map(str, data.planes))}",
        f"pixel: {_pixel(data.pixel_cm)}; ADC: "
        + ", ".join(f"{key} {value}" for key, value in plain(data.manifest.adc).items()),
        f"classes: {data.class_groups}",
        "samples: " + ", ".join(f"{name} {data.size(name):,}" for name in data.samples),
        f"fingerprint {data.fingerprint}",
    ]
    for source in data.manifest.sources:
        lines += source_lines(source, data.manifest.made_with.policies)
    return "\n".join(lines)


def summary_text(summary: Summary) -> str:
    """What the events of a file or sample are like."""
    rows, cols, planes = summary.shape
    total = sum(summary.events.values())
    pixel = _pixel(summary.pixel_cm)
    lines = ["", f"{summary.name}: {total:,} events, {rows} x {cols} x {planes}, pixel {pixel}"]
    if total:
        lines += [_classes(summary), _spreads(summary)]
        if summary.adc:
            lines.append(_adc_line(summary))
    lines += [f"{count:,} events with {DEFECTS[name].found}" for name, count in summary.flags.items()]
    lines += [f"{count:,} entries cannot be shown: {DEFECTS[name].found}" for name, count in summary.left_out.items()]
    return "\n".join(lines)


def _classes(summary: Summary) -> str:
    """Events of every class, with a histogram of their momenta."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    total = sum(summary.events.values())
    finite = {name: values[np.isfinite(values)] for name, values in summary.momentum.items()}
    top = max((values.max() for values in finite.values() if len(values)), default=0)
    table = Table("class", box=SIMPLE_HEAD)
    for column in ("events", "%"):
        table.add_column(column, justify="right")
    table.add_column(f"momentum, 0 to {top:.0f} MeV/c")
    table.add_column("median", justify="right")
    for name, count in summary.events.items():
        momentum = finite[name] if name != WITHOUT_TRUTH else np.empty(0)
        bars = _bars(np.histogram(momentum, _BINS, (0, top or 1))[0])
        median = f"{np.median(momentum):.0f}" if len(momentum) else "-"
        table.add_row(name, f"{count:,}", f"{100 * count / total:.1f}", bars, median)
    return rendered(table, _WIDTH)


def _spreads(summary: Summary) -> str:
    """Quantiles of the hits of events and of their ADC."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("", "1 %", "25 %", "median", "75 %", "99 %", box=SIMPLE_HEAD)
    for plane, values in summary.hits.items():
        table.add_row(f"hits in {plane} per event", *(f"{value:,.0f}" for value in values))
    if summary.adc:
        table.add_row("ADC of a hit", *(f"{value:,.0f}" for value in summary.adc))
    return rendered(table, _WIDTH)


def _adc_line(summary: Summary) -> str:
    top = max(int(summary.adc[-1]), 1)
    edges = np.unique(np.linspace(0, top - 1, _ADC_BINS).astype(int))
    return f"ADC of hits, 0 to {top}: {_bars(np.add.reduceat(summary.adc_histogram[:top], edges))}"


def _bars(counts: np.ndarray) -> str:
    """A histogram as one line of blocks; the highest bin is a full one, and no bin that has something is blank."""
    top = max(counts.max(), 1)
    heights = np.ceil(counts / top * (len(_BLOCKS) - 1)).astype(int)
    return "".join(_BLOCKS[height] for height in heights)


def _pixel(pixel_cm: tuple[float, float] | None) -> str:
    return f"{pixel_cm[0]:g} x {pixel_cm[1]:g} cm (drift x wire)" if pixel_cm else "of unknown size"
