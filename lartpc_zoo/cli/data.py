"""`lartpc-zoo inspect` as text: tables and histograms drawn with block characters."""

import io

import numpy as np

from data_tools.cli.convert import source_lines
from data_tools.defects import DEFECTS
from data_tools.inspection import WITHOUT_TRUTH
from data_tools.record import plain

_BLOCKS = " ▁▂▃▄▅▆▇█"
_BINS = 25
_ADC_BINS = 50
_WIDTH = 100


def dataset_text(data):
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


def summary_text(summary):
    """A data_tools.inspection.Summary as text."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    rows, cols, planes = summary.shape
    total = sum(summary.events.values())
    text = io.StringIO()
    console = Console(file=text, width=_WIDTH)
    text.write(f"\n{summary.name}: {total:,} events, {rows} x {cols} x {planes}, pixel {_pixel(summary.pixel_cm)}\n")
    if total:
        finite = {name: values[np.isfinite(values)] for name, values in summary.momentum.items()}
        top = max((values.max() for values in finite.values() if len(values)), default=0)
        classes = Table("class", box=SIMPLE_HEAD)
        for column in ("events", "%"):
            classes.add_column(column, justify="right")
        classes.add_column(f"momentum, 0 to {top:.0f} MeV/c")
        classes.add_column("median", justify="right")
        for name, count in summary.events.items():
            momentum = finite[name] if name != WITHOUT_TRUTH else np.empty(0)
            bars = _bars(np.histogram(momentum, _BINS, (0, top or 1))[0])
            classes.add_row(
                name,
                f"{count:,}",
                f"{100 * count / total:.1f}",
                bars,
                f"{np.median(momentum):.0f}" if len(momentum) else "-",
            )
        console.print(classes)
        spread = Table("", "1 %", "25 %", "median", "75 %", "99 %", box=SIMPLE_HEAD)
        for plane, values in summary.hits.items():
            spread.add_row(f"hits in {plane} per event", *(f"{value:,.0f}" for value in values))
        if summary.adc:
            spread.add_row("ADC of a hit", *(f"{value:,.0f}" for value in summary.adc))
        console.print(spread)
        if summary.adc:
            top = max(int(summary.adc[-1]), 1)
            edges = np.unique(np.linspace(0, top - 1, _ADC_BINS).astype(int))
            histogram = np.add.reduceat(summary.adc_histogram[:top], edges)
            text.write(f"ADC of hits, 0 to {top}: {_bars(histogram)}\n")
    for name, count in summary.noticed.items():
        text.write(f"{count:,} events with {DEFECTS[name].found}\n")
    for name, count in summary.left_out.items():
        text.write(f"{count:,} entries cannot be shown: {DEFECTS[name].found}\n")
    return text.getvalue().rstrip()


def _bars(counts):
    """A histogram as one line of blocks; the highest bin is a full one, and no bin that has something is blank."""
    top = max(counts.max(), 1)
    heights = np.ceil(counts / top * (len(_BLOCKS) - 1)).astype(int)
    return "".join(_BLOCKS[height] for height in heights)


def _pixel(pixel_cm):
    return f"{pixel_cm[0]:g} x {pixel_cm[1]:g} cm (drift x wire)" if pixel_cm else "of unknown size"
