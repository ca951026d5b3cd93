"""The axes of the study: one table of how each stands in the name of a network, and what a comparison calls it.

A new axis is an entry here, a field of NetworkSpec of the same name, and the meaning of its token in networks.yaml.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

ALL_PLANES = "all"
TOWERS = "towers"


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
        name="width",
        title="width",
        short="width",
        examples="_w4, _wd4",
        form=re.compile(r"w(d?)([1-9]\d*)"),
        value=lambda match: Fraction(1, int(match[2])) if match[1] else Fraction(int(match[2])),
        token=lambda width: f"w{width}" if width.denominator == 1 else f"wd{width.denominator}",
        meaning=lambda width: "width",
    ),
    Axis(
        name="stem_stride",
        title="stride of the stem",
        short="stem stride",
        examples="_s1",
        form=re.compile(r"s([1-9]\d*)"),
        value=lambda match: int(match[1]),
        token=lambda stride: f"s{stride}",
        meaning=lambda stride: "stem_stride",
    ),
    Axis(
        name="dense",
        title="fully connected head",
        short="fully connected layers",
        examples="_fc1024, _fc4096x4096",
        form=re.compile(r"fc([1-9]\d*(?:x[1-9]\d*)*)"),
        value=lambda match: tuple(int(units) for units in match[1].split("x")),
        token=lambda dense: "fc" + "x".join(map(str, dense)),
        meaning=lambda dense: "dense",
        shown=lambda dense: " and ".join(map(str, dense)),
    ),
    Axis(
        name="threshold",
        title="input sparsification",
        short="threshold in ADC",
        examples="_t40",
        form=re.compile(r"t(0|[1-9]\d*)"),
        value=lambda match: int(match[1]),
        token=lambda threshold: f"t{threshold}",
        meaning=lambda threshold: "threshold",
    ),
    Axis(
        name="planes",
        title="planes",
        short="planes",
        examples="_p2 or _towers",
        form=re.compile(r"p(\d)|towers"),
        value=lambda match: TOWERS if match[1] is None else int(match[1]),
        token=lambda planes: planes if planes == TOWERS else f"p{planes}",
        meaning=lambda planes: TOWERS if planes == TOWERS else "plane",
    ),
    Axis(
        name="submanifold",
        title="submanifold convolutions",
        short="submanifold convolution",
        examples="_sub",
        form=re.compile(r"sub"),
        value=lambda match: True,
        token=lambda submanifold: "sub",
        meaning=lambda submanifold: "submanifold",
    ),
)
"""The axes in the order of their tokens in a name."""
