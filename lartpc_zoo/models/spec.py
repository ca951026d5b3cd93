"""A network as data, and the reversible grammar of its name: parse_network(str(spec)) == spec.

resnet29b _w4 _s1 _fc512 _t40 _p2
family    width, stem stride, fully connected layers, input threshold, planes: always in this order
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from lartpc_zoo.errors import UnknownNetwork, did_you_mean
from lartpc_zoo.models.families import families, token_meanings

ALL_PLANES = "all"
TOWERS = "towers"

# Axis of the spec -> the form of its token, in the order of the name.
_TOKENS = {
    "width": re.compile(r"w(d?)([1-9]\d*)"),
    "stem_stride": re.compile(r"s([1-9]\d*)"),
    "dense": re.compile(r"fc([1-9]\d*(?:x[1-9]\d*)*)"),
    "threshold": re.compile(r"t(0|[1-9]\d*)"),
    "planes": re.compile(r"p(\d)|towers"),
}


@dataclass(frozen=True)
class NetworkSpec:
    """One network of the study.

    family and depth: 'resnet' and '29b'. width: factor on the filters. stem_stride: of the first convolution, 1 or the
    family's own (None). dense: units of the fully connected layers before the logits (None: the family's own).
    threshold: ADC below it is set to 0 (None: as InputSpec says). planes: 'all' (stacked as channels), a channel
    number, or 'towers' (one stem for every plane). Raises UnknownNetwork for a combination that does not exist.
    """

    family: str
    depth: str
    width: Fraction = Fraction(1)
    stem_stride: int | None = None
    dense: tuple[int, ...] | None = None
    threshold: int | None = None
    planes: int | str = ALL_PLANES

    def __post_init__(self):
        known = families()
        if self.family not in known or self.depth not in known[self.family].depths:
            raise UnknownNetwork(_unknown_head(f"{self.family}{self.depth}"))
        own = self._own
        object.__setattr__(self, "width", Fraction(self.width))
        for axis in ("stem_stride", "dense"):
            if getattr(self, axis) is None:
                object.__setattr__(self, axis, own[axis])
        if self.width <= 0 or 1 not in (self.width.numerator, self.width.denominator):
            raise UnknownNetwork(f"Width {self.width}: expected a whole number (_w4) or a whole part (_wd4).")
        if thin := self._base.indivisible(self.width):
            raise UnknownNetwork(
                f"Width {self.width} leaves no whole number of the {thin[0]} filters of {self.family}."
            )
        if self.stem_stride not in (1, own["stem_stride"]):
            raise UnknownNetwork(f"Stem stride {self.stem_stride}: expected 1 (_s1), or no token.")
        if not all(type(units) is int and units > 0 for units in self.dense) or (own["dense"] and not self.dense):
            raise UnknownNetwork(f"Dense layers {self.dense!r}: expected units of one or more layers (_fc1024).")

    def __str__(self):
        return "_".join([self._head, *self.tokens.values()])

    @property
    def architecture(self):
        """The tables of the network with its width, stem stride and dense layers."""
        return self._base.with_axes(self.width, self.stem_stride, self.dense)

    @property
    def tokens(self):
        """{axis: its token in the name}, of the axes that have one."""
        return {axis: _token(self, axis) for axis in self._changed}

    @property
    def meanings(self):
        """{token of the name: what it does}."""
        return {f"_{token}": _meaning(self, axis) for axis, token in self.tokens.items()}

    @property
    def _base(self):
        return families()[self.family].depths[self.depth]

    @property
    def _head(self):
        return self.family + self.depth

    @property
    def _own(self):
        """What the axes are without a token."""
        fields = NetworkSpec.__dataclass_fields__
        own = {"stem_stride": self._base.stem[0].stride, "dense": self._base.dense}
        return {axis: own.get(axis, fields[axis].default) for axis in _TOKENS}

    @property
    def _changed(self):
        """The axes with a token, in the order of the name."""
        return [axis for axis, own in self._own.items() if getattr(self, axis) != own]


def parse_network(name):
    """The NetworkSpec of a name, or of itself. Raises UnknownNetwork, with the right or near names if there are any."""
    name = str(name)
    head, *tokens = name.split("_")
    family, depth = _split_head(head, name)
    fields = {}
    for token in tokens:
        axis = next((axis for axis, form in _TOKENS.items() if form.fullmatch(token)), None)
        if axis is None:
            raise UnknownNetwork(
                f"Network {name!r}: {token!r} is no token of a name. Tokens: _w4, _wd4 (width), _s1 (stem stride), "
                "_fc1024, _fc4096x4096 (fully connected layers), _t40 (threshold in ADC), _p2 or _towers (planes)."
            )
        if axis in fields:
            raise UnknownNetwork(f"Network {name!r}: the {axis} is given twice.")
        fields[axis] = _value(axis, _TOKENS[axis].fullmatch(token))
    spec = NetworkSpec(family, depth, **fields)
    if str(spec) != name:
        idle = [axis for axis in fields if axis not in spec._changed]
        why = f"{head} is so without {_token(spec, idle[0])}" if idle else "the tokens of a name have a fixed order"
        raise UnknownNetwork(f"Network {name!r}: {why}; did you mean {spec}?")
    return spec


def _token(spec, axis):
    value = getattr(spec, axis)
    if axis == "width":
        return f"w{value}" if value.denominator == 1 else f"wd{value.denominator}"
    if axis == "dense":
        return "fc" + "x".join(map(str, value))
    if axis == "planes":
        return value if value == TOWERS else f"p{value}"
    return {"stem_stride": "s", "threshold": "t"}[axis] + str(value)


def _value(axis, match):
    if axis == "width":
        number = int(match[2])
        return Fraction(1, number) if match[1] else Fraction(number)
    if axis == "dense":
        return tuple(int(units) for units in match[1].split("x"))
    if axis == "planes":
        return TOWERS if match[1] is None else int(match[1])
    return int(match[1])


def _meaning(spec, axis):
    """What the token of an axis does, in words."""
    value = getattr(spec, axis)
    if axis == "planes":
        axis = TOWERS if value == TOWERS else "plane"
    if axis == "dense":
        value = " and ".join(map(str, value))
    return token_meanings()[axis].format(value=value, dropout=spec.architecture.dropout)


def _split_head(head, name):
    for family in families().values():
        for depth in family.depths:
            if head == family.name + depth:
                return family.name, depth
    raise UnknownNetwork(_unknown_head(head, name))


def _unknown_head(head, name=None):
    heads = [family.name + depth for family in families().values() for depth in family.depths]
    near = did_you_mean(head, heads) or f" There are {', '.join(heads)}."
    return f"No network {str(name or head)!r}.{near} `lartpc-zoo list` shows the study's networks."
