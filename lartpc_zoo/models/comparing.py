"""In what single axis of the study two networks differ."""

from lartpc_zoo.models.axes import AXES
from lartpc_zoo.models.spec import NetworkSpec

_RESNETS = {"resnet", "plainresnet"}


def axis_between(one: NetworkSpec, other: NetworkSpec) -> str | None:
    """The title of the one axis in which two networks differ, or None where they differ in none or in several.

    'plain or bottleneck blocks' is one axis where two ResNets have the same number of blocks in every stage.
    """
    heads = {field for field in ("family", "depth") if getattr(one, field) != getattr(other, field)}
    titles = {axis.title for axis in AXES if one.tokens.get(axis.name) != other.tokens.get(axis.name)}
    if heads == {"depth"} and not titles:
        return "depth" if one.family in _RESNETS else "variant"
    both_resnets = {one.family, other.family} == _RESNETS
    if heads == {"family", "depth"} and not titles and both_resnets and _blocks(one) == _blocks(other):
        return "plain or bottleneck blocks"
    return titles.pop() if not heads and len(titles) == 1 else None


def _blocks(spec: NetworkSpec) -> list[int | None]:
    return [row.blocks for row in spec.architecture.stages]
