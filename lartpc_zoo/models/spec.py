"""A network as data, and the reversible grammar of its name: parse_network(str(spec)) == spec.

resnet29b _w4 _s1 _fc512 _t40 _p2 _sub
family    width, stem stride, fully connected layers, input threshold, planes, submanifold: always in this order
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from lartpc_zoo.errors import UnknownNetwork, did_you_mean
from lartpc_zoo.models.axes import ALL_PLANES, AXES, TOWERS, Axis
from lartpc_zoo.models.families import Architecture, families, study, token_meanings
from lartpc_zoo.models.input_spec import InputSpec

__all__ = ["ALL_PLANES", "TOWERS", "NetworkSpec", "parse_network"]


@dataclass(frozen=True)
class NetworkSpec:
    """One network of the study.

    Attributes:
        family: as in 'resnet'.
        depth: as in '29b'.
        width: factor on the filters.
        stem_stride: of the first convolution, 1 or the family's own (None).
        dense: units of the fully connected layers before the logits (None: the family's own).
        threshold: ADC below it is set to 0 (None: as InputSpec says).
        planes: 'all' (stacked as channels), a channel number, or 'towers' (one stem for every plane).
        submanifold: whether it computes at active pixels only.

    Raises:
        UnknownNetwork: a combination that does not exist.
    """

    family: str
    depth: str
    width: Fraction = Fraction(1)
    stem_stride: int | None = None
    dense: tuple[int, ...] | None = None
    threshold: int | None = None
    planes: int | str = ALL_PLANES
    submanifold: bool = False

    def __post_init__(self) -> None:
        known = families()
        if self.family not in known or self.depth not in known[self.family].depths:
            raise UnknownNetwork(_unknown_head(f"{self.family}{self.depth}"))
        own = self._own
        object.__setattr__(self, "width", Fraction(self.width))
        for axis in ("stem_stride", "dense"):
            if getattr(self, axis) is None:
                object.__setattr__(self, axis, own[axis])
        if self.width <= 0 or 1 not in (self.width.numerator, self.width.denominator):
            raise UnknownNetwork(
                f"Width {self.width}: expected a whole number (_w4) or one over a whole number (_wd4)."
            )
        if thin := self._base.indivisible(self.width):
            raise UnknownNetwork(
                f"Width {self.width} leaves no whole number of the {thin[0]} filters of {self.family}."
            )
        if self.stem_stride not in (1, own["stem_stride"]):
            raise UnknownNetwork(f"Stem stride {self.stem_stride}: expected 1 (_s1), or no token.")
        dense = self.dense or ()
        if not all(type(units) is int and units > 0 for units in dense) or (own["dense"] and not dense):
            raise UnknownNetwork(f"Dense layers {self.dense!r}: expected units of one or more layers (_fc1024).")

    def __str__(self) -> str:
        return "_".join([self._head, *self.tokens.values()])

    @property
    def architecture(self) -> Architecture:
        """The tables of the network with its width, stem stride and dense layers."""
        return self._base.with_axes(self.width, self.stem_stride, self.dense)

    @property
    def plane(self) -> int | None:
        """The only plane that is seen, None for all."""
        return self.planes if isinstance(self.planes, int) else None

    def inputs(self, inputs: InputSpec) -> InputSpec:
        """What happens to ADC: the threshold of the name comes before that of `inputs`."""
        return inputs if self.threshold is None else replace(inputs, threshold=self.threshold)

    @property
    def tokens(self) -> dict[str, str]:
        """{name of an axis: its token in the name}, of the axes that have one."""
        return {axis.name: axis.token(getattr(self, axis.name)) for axis in self._changed}

    @property
    def meanings(self) -> dict[str, str]:
        """{token of the name: what it does}."""
        return {f"_{axis.token(getattr(self, axis.name))}": self._meaning(axis) for axis in self._changed}

    @property
    def _base(self) -> Architecture:
        return families()[self.family].depths[self.depth]

    @property
    def _head(self) -> str:
        return self.family + self.depth

    @property
    def _own(self) -> dict[str, Any]:
        """What the axes are without a token."""
        fields = NetworkSpec.__dataclass_fields__
        own = {"stem_stride": self._base.stem[0].stride, "dense": self._base.dense}
        return {axis.name: own.get(axis.name, fields[axis.name].default) for axis in AXES}

    @property
    def _changed(self) -> list[Axis]:
        """The axes with a token, in the order of the name."""
        own = self._own
        return [axis for axis in AXES if getattr(self, axis.name) != own[axis.name]]

    def _meaning(self, axis: Axis) -> str:
        """What the token of an axis does, in words."""
        value = getattr(self, axis.name)
        text = token_meanings()[axis.meaning(value)]
        return text.format(value=axis.shown(value), dropout=self.architecture.dropout)


def parse_network(name: str | NetworkSpec) -> NetworkSpec:
    """The specification of a network.

    Args:
        name: as in 'resnet29b_w4', or a specification, which is returned as it is.

    Raises:
        UnknownNetwork: no network has this name; the message says the right one, or those that are near.

    Example:
        >>> lartpc_zoo.parse_network("resnet14b_wd4").width
        Fraction(1, 4)
    """
    name = str(name)
    head, *tokens = name.split("_")
    family, depth = _split_head(head, name)
    fields: dict[str, Any] = {}
    for token in tokens:
        axis = next((axis for axis in AXES if axis.form.fullmatch(token)), None)
        if axis is None:
            raise UnknownNetwork(f"Network {name!r}: {token!r} is no token of a name. {_tokens_text()}{_near(name)}")
        if axis.name in fields:
            raise UnknownNetwork(f"Network {name!r}: the {axis.short} is given twice.")
        match = axis.form.fullmatch(token)
        fields[axis.name] = axis.value(match) if match else None
    spec = NetworkSpec(family, depth, **fields)
    if str(spec) != name:
        changed = [axis.name for axis in spec._changed]
        idle = [axis for axis in AXES if axis.name in fields and axis.name not in changed]
        why = (
            f"{head} is so without {idle[0].token(getattr(spec, idle[0].name))}"
            if idle
            else "the tokens of a name have a fixed order"
        )
        raise UnknownNetwork(f"Network {name!r}: {why}; did you mean {spec}?")
    return spec


def _tokens_text() -> str:
    """The tokens that there are, with examples."""
    return f"Tokens: {', '.join(f'{axis.examples} ({axis.short})' for axis in AXES)}."


def _near(name: str) -> str:
    """' Did you mean a, b?' of the study's networks and of their common variants."""
    names = [
        f"{network}{token}"
        for network in study()
        for token in ("", "_wd4", "_wd2", "_s1", "_p2", "_towers", "_sub", "_wd4_sub", "_wd2_sub")
    ]
    return did_you_mean(name, names)


def _split_head(head: str, name: str) -> tuple[str, str]:
    for family in families().values():
        for depth in family.depths:
            if head == family.name + depth:
                return family.name, depth
    raise UnknownNetwork(_unknown_head(head, name))


def _unknown_head(head: str, name: str | None = None) -> str:
    heads = [family.name + depth for family in families().values() for depth in family.depths]
    near = did_you_mean(head, heads) or f" There are {', '.join(heads)}."
    return f"No network {str(name or head)!r}.{near} `lartpc-zoo list` shows the study's networks."
