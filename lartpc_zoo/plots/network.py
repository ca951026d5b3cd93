"""A network as a drawing: its feature maps from the image to the logits, and where its costs are."""

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lartpc_zoo.models.catalogue import NetworkInfo
from lartpc_zoo.models.counting import LayerCosts
from lartpc_zoo.plots.style import BLUE, GREY, VERMILION, in_style, save

_COSTS = {"parameters": VERMILION, "macs": BLUE, "activations": GREY}
_LEGEND = {"parameters": "parameters", "macs": "multiply-adds", "activations": "activations"}
_INCHES_PER_STAGE = 0.62
_GAP = 0.35


def draw_network(info: NetworkInfo, path: Path) -> None:
    """Draw a network.

    Above, one box per stage for its output: as high as the square root of the rows, as wide as the logarithm of the
    channels. Below, which fraction of all parameters, multiply-adds and activations the stage has.

    Args:
        info: what network_info gives, with its layers.
        path: of the png or pdf.
    """
    stages = _stages(info.layers)
    with in_style(**{"font.size": 7}):
        figure = Figure(figsize=(max(4.5, _INCHES_PER_STAGE * len(stages)), 4.2), layout="constrained")
        above, below = figure.subplots(2, height_ratios=[3, 2])
        _draw_maps(above, stages)
        _draw_costs(below, stages)
        above.legend(*below.get_legend_handles_labels(), loc="lower right", frameon=False)
        shape = " x ".join(map(str, info.input_shape))
        above.set_title(
            f"{info.name} at {shape}: {info.parameters / 1e6:,.1f} M parameters, "
            f"{info.macs / 1e9:,.1f} G multiply-adds, {info.activations_mb:,.0f} MB of activations",
            fontsize=8,
        )
        save(figure, path)


def _stages(rows: Sequence[LayerCosts]) -> list[dict[str, Any]]:
    """{name, output and costs} of the layers whose names begin alike, as in stage2_block1_1_conv."""
    image, *rest = rows
    stages = [{"name": "image", "output": image.output, **dict.fromkeys(_COSTS, 0)}]  # given, not computed
    for name, group in itertools.groupby(rest, key=lambda row: row.name.split("_")[0]):
        layers = list(group)
        costs = {cost: sum(getattr(layer, cost) for layer in layers) for cost in _COSTS}
        stages.append({"name": name, "output": layers[-1].output, **costs})
    return stages


def _draw_maps(axes: Axes, stages: Sequence[Mapping[str, Any]]) -> None:
    tallest = max(_height(stage["output"]) for stage in stages)
    for position, stage in enumerate(stages):
        height, width = _height(stage["output"]), _width(stage["output"])
        corner = (position - width / 2, -height / 2)
        color = BLUE if len(stage["output"]) == 3 else VERMILION
        axes.add_patch(Rectangle(corner, width, height, facecolor=color, alpha=0.35, edgecolor=color))
        label = " x ".join(map(str, stage["output"]))
        axes.text(position, height / 2 + 0.03 * tallest, label, rotation=60, ha="left", va="bottom", fontsize=6)
    axes.set(xlim=(-0.7, len(stages) + 0.2), ylim=(-0.55 * tallest, 1.15 * tallest))
    axes.set_axis_off()


def _draw_costs(axes: Axes, stages: Sequence[Mapping[str, Any]]) -> None:
    width = (1 - _GAP) / len(_COSTS)
    for number, (cost, color) in enumerate(_COSTS.items()):
        total = sum(stage[cost] for stage in stages)
        shares = [100 * stage[cost] / total for stage in stages]
        positions = [position + (number - 1) * width for position in range(len(stages))]
        axes.bar(positions, shares, width, color=color, label=_LEGEND[cost])
    axes.set_xticks(range(len(stages)), [stage["name"] for stage in stages], rotation=60, ha="right")
    axes.set(xlim=(-0.7, len(stages) + 0.2), ylabel="Fraction of the whole [%]")
    axes.spines.right.set_visible(False)


def _height(output: Sequence[int]) -> float:
    return math.sqrt(output[0]) if len(output) == 3 else 1


def _width(output: Sequence[int]) -> float:
    return 0.12 + 0.06 * math.log2(output[-1])
