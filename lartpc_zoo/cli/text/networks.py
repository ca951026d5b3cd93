"""`lartpc-zoo list` and `info` as text."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from lartpc_zoo.cli.text.tables import rendered
from lartpc_zoo.models.catalogue import NetworkInfo
from lartpc_zoo.models.counting import LayerCosts

_WIDTH = 110


def networks_text(infos: Sequence[NetworkInfo], too_large: Mapping[str, int]) -> str:
    """A table of networks and their costs, a line per network, families apart.

    Args:
        infos: of one input shape.
        too_large: {name: fewest rows or columns} of networks that need larger images.
    """
    from rich.table import Table

    shape, classes = infos[0].input_shape, infos[0].num_classes
    table = Table("network", title=f"Networks of the study at {_sides(shape)}, {classes} classes")
    for column in ("parameters", "multiply-adds", "activations", "receptive field", "Table 1"):
        table.add_column(column, justify="right")
    notes = ["Costs are for one image. Activations: the sum of the outputs of all layers, in float32."]
    for _, family in itertools.groupby(infos, key=lambda info: info.spec.family):
        for info in family:
            mark = "*" if info.first_dense else ""
            table.add_row(
                info.name,
                f"{mark}{info.parameters / 1e6:,.1f} M",
                f"{info.macs / 1e9:,.1f} G",
                f"{info.activations_mb:,.0f} MB",
                f"{info.receptive_field} px",
                "yes" if info.table1 else "",
            )
            if info.first_dense:
                first = f"{info.first_dense / 1e6:,.1f} M"
                notes.append(f"* {info.name}: {first} of its parameters are in its first dense layer.")
        table.add_section()
    notes += [f"{name} needs images of {side} x {side} or more." for name, side in too_large.items()]
    notes.append("Add tokens for variants, as in resnet14b_wd4_p2; `lartpc-zoo info NAME` says what they do and cost.")
    return rendered(table, _WIDTH) + "\n".join(notes)


def info_text(info: NetworkInfo) -> str:
    """A network: costs, tokens, provenance, and the table of layers."""
    lines = [f"{info.name}: {info.about}", f"at {_sides(info.input_shape)}, {info.num_classes} classes:"]
    lines += [
        f"  parameters       {info.parameters:,} ({info.weights_mb:,.0f} MB in float32)",
        f"  multiply-adds    {info.macs / 1e9:,.2f} G per image (convolutions and dense layers){_dense(info)}",
        f"  activations      {info.activations_mb:,.1f} MB per image (outputs of all layers in float32)",
        *_active(info),
        f"  receptive field  {info.receptive_field} x {info.receptive_field} pixels, of the last feature map",
        f"  smallest image   {info.smallest_side} x {info.smallest_side} pixels; {_sizes(info.first_dense)}",
    ]
    sections = {
        "what the tokens of its name do": [f"{token}: {does}" for token, does in info.tokens.items()],
        "found in the sources of the study": info.found,
        "inferred": info.inferred,
    }
    for title, facts in sections.items():
        if facts:
            lines += [f"{title}:", *(f"  - {fact}" for fact in facts)]
    return "\n".join([*lines, _layers_text(info.layers)])


def _dense(info: NetworkInfo) -> str:
    return f"; {info.dense.macs / 1e9:,.2f} G with every pixel active" if info.dense else ""


def _active(info: NetworkInfo) -> list[str]:
    """What a submanifold network's costs are those of."""
    if not info.spec.submanifold:
        return []
    if info.dense is None:
        return ["                   with every pixel active; give a data set (--data) for what its events cost"]
    cells = {layer.output[:2]: layer.cells for layer in info.layers if layer.cells is not None}
    shown = ", ".join(f"{cells:,.0f} of {rows} x {cols}" for (rows, cols), cells in cells.items())
    return [f"  active cells     {shown}"]


def _sizes(first_dense: int | None) -> str:
    if first_dense is None:
        return "the same weights for images of any size"
    return f"its first dense layer has {first_dense:,} parameters, which grow with the image"


def _layers_text(rows: Iterable[LayerCosts]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for column in ("layer", "kind"):
        table.add_column(column, no_wrap=True)
    for column in ("output", "parameters", "M mult-adds", "field, px"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            row.kind,
            " x ".join(map(str, row.output)),
            f"{row.parameters:,}" if row.parameters else "",
            f"{row.macs / 1e6:,.2f}" if row.macs else "",
            str(row.receptive_field or ""),
        )
    return rendered(table, _WIDTH)


def _sides(shape: Iterable[int]) -> str:
    return " x ".join(map(str, shape))
