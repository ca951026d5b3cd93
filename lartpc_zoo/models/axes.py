"""The axes of the study: one table of how each stands in the name of a network, and in what single axis two differ.

A new axis is an entry here, a field of NetworkSpec of the same name, and the meaning of its token in networks.yaml.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lartpc_zoo.models.spec import NetworkSpec

ALL_PLANES = "all"
TOWERS = "towers"
_RESNETS = {"resnet", "plainresnet"}


@dataclass(frozen=True)
class Axis:
    """One axis of the study.

    Attributes:
        name: of the field of NetworkSpec.
        title: what a comparison calls it.
        short: what an error calls it.
        examples: of its token, for an error.
        form: of its token, without the underscore.
        value: what the field is, from a match of the form.
        token: its token, from the value of the field.
        meaning: key of what the token does, in networks.yaml, from the value of the field.
        shown: the value of the field in that text.
    """

    name: str
    title: str
    short: str
    examples: str
    form: re.Pattern[str]
    value: Callable[[re.Match[str]], Any]
    token: Callable[[Any], str]
    meaning: Callable[[Any], str]
    shown: Callable[[Any], str] = str


AXES = (
    Axis(
        "width",
        "width",
        "width",
        "_w4, _wd4",
        re.compile(r"w(d?)([1-9]\d*)"),
        lambda match: Fraction(1, int(match[2])) if match[1] else Fraction(int(match[2])),
        lambda width: f"w{width}" if width.denominator == 1 else f"wd{width.denominator}",
        lambda width: "width",
    ),
    Axis(
        "stem_stride",
        "stride of the stem",
        "stem stride",
        "_s1",
        re.compile(r"s([1-9]\d*)"),
        lambda match: int(match[1]),
        lambda stride: f"s{stride}",
        lambda stride: "stem_stride",
    ),
    Axis(
        "dense",
        "fully connected head",
        "fully connected layers",
        "_fc1024, _fc4096x4096",
        re.compile(r"fc([1-9]\d*(?:x[1-9]\d*)*)"),
        lambda match: tuple(int(units) for units in match[1].split("x")),
        lambda dense: "fc" + "x".join(map(str, dense)),
        lambda dense: "dense",
        lambda dense: " and ".join(map(str, dense)),
    ),
    Axis(
        "threshold",
        "input sparsification",
        "threshold in ADC",
        "_t40",
        re.compile(r"t(0|[1-9]\d*)"),
        lambda match: int(match[1]),
        lambda threshold: f"t{threshold}",
        lambda threshold: "threshold",
    ),
    Axis(
        "planes",
        "planes",
        "planes",
        "_p2 or _towers",
        re.compile(r"p(\d)|towers"),
        lambda match: TOWERS if match[1] is None else int(match[1]),
        lambda planes: planes if planes == TOWERS else f"p{planes}",
        lambda planes: TOWERS if planes == TOWERS else "plane",
    ),
)
"""The axes in the order of their tokens in a name."""


def axis_between(one: "NetworkSpec", other: "NetworkSpec") -> str | None:
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


def _blocks(spec: "NetworkSpec") -> list[int | None]:
    return [row.blocks for row in spec.architecture.stages]
