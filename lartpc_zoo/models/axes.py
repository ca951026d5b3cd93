"""The axes of the study: in what single respect two networks differ."""

_AXES = {
    "width": "width",
    "stem_stride": "stride of the stem",
    "dense": "fully connected head",
    "threshold": "input sparsification",
    "planes": "planes",
}
_RESNETS = {"resnet", "plainresnet"}


def axis_between(one, other):
    """The name of the one axis in which two NetworkSpec differ, or None where they differ in none or in several.

    'plain or bottleneck blocks' is one axis where two ResNets have the same number of blocks in every stage.
    """
    heads = {field for field in ("family", "depth") if getattr(one, field) != getattr(other, field)}
    differing = heads | {axis for axis in _AXES if one.tokens.get(axis) != other.tokens.get(axis)}
    if differing == {"depth"}:
        return "depth" if one.family in _RESNETS else "variant"
    if differing == {"family", "depth"} and {one.family, other.family} == _RESNETS and _blocks(one) == _blocks(other):
        return "plain or bottleneck blocks"
    return _AXES.get(differing.pop()) if len(differing) == 1 else None


def _blocks(spec):
    return [row.blocks for row in spec.architecture.stages]
