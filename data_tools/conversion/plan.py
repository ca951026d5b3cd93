"""What was asked of the converter, checked before any input is opened."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from data_tools.conversion import split
from data_tools.conversion.crop import parse_crop
from data_tools.conversion.selection import Selection
from data_tools.conversion.sources import Source
from data_tools.conversion.spool import Settings, selectable
from data_tools.defects import Policies
from data_tools.detector.loading import parse_disturbance
from data_tools.errors import Argument, BadOption
from data_tools.options import VALUE_DTYPES, ValueDtype
from data_tools.particles import Classes, parse_classes
from data_tools.tfrecords.manifest import MadeWith
from data_tools.workers import check_workers

_MOST_SEEDS = 2**63
_MOST_SHARDS = 99_999  # five digits in a shard's name
_MOST_PLANES = 10


@dataclass(frozen=True)
class Plan:
    """The options of data_tools.convert that decide what a data set holds, parsed."""

    rules: list[split.SampleRule]
    seed: int
    shards: int | None
    classes: Classes
    policies: Policies
    settings: Settings
    select: str | None

    def made_with(self, sources: Sequence[Source]) -> MadeWith:
        """The plan and the sources as the manifest holds them; equal ones make equal data sets."""
        return MadeWith(
            seed=self.seed,
            samples=tuple(map(str, self.rules)),
            shards=self.shards,
            **{field.name: getattr(self.settings, field.name) for field in fields(self.settings)},
            select=self.select,
            classes=tuple(zip(self.classes.names, self.classes.pdg)),
            policies=self.policies,
            sources=tuple(source.sha256 for source in sources),
            trees=tuple(tuple(source.trees) for source in sources),
            # The files that a rule takes from follow from their names, which may change.
            taken_from=tuple(tuple(rule.takes_from(source.path) for source in sources) for rule in self.rules),
        )


def make_plan(
    samples: str | Iterable[str],
    seed: int,
    shards: int | None,
    down_sample: int,
    threshold: float | None,
    crop: str | tuple[int, int] | None,
    select: str | None,
    classes: Sequence[str],
    value_dtype: ValueDtype,
    on: Mapping[str, str] | None,
    workers: int,
    effect: str | None,
) -> Plan:
    """The Plan of the arguments of data_tools.convert. Raises BadOption."""
    groups = parse_classes(classes)
    rules = [split.parse_sample(text) for text in ([samples] if isinstance(samples, str) else samples)]
    split.check_rules(rules, groups)
    if not 0 <= seed < _MOST_SEEDS:
        raise BadOption(Argument("seed", seed), f": expected 0 to {_MOST_SEEDS - 1}.")
    if shards is not None and not 1 <= shards <= _MOST_SHARDS:
        raise BadOption(Argument("shards", shards), f": expected 1 to {_MOST_SHARDS}.")
    check_workers(workers)
    if select is not None:
        # Now, so that a typing error does not cost the hashing of all inputs.
        Selection(select, selectable(range(_MOST_PLANES)))
    settings = replace(
        _settings(down_sample, threshold, crop, value_dtype), disturbance=parse_disturbance(effect, seed)
    )
    return Plan(rules, int(seed), shards, groups, Policies(on), settings, select)


def _settings(
    down_sample: int, threshold: float | None, crop: str | tuple[int, int] | None, value_dtype: ValueDtype
) -> Settings:
    if down_sample < 1 or int(down_sample) != down_sample:
        raise BadOption(Argument("down_sample", down_sample), ": expected 1 (as it is) or more.")
    if value_dtype not in VALUE_DTYPES:
        raise BadOption(
            Argument("value_dtype", value_dtype), f": expected one of {', '.join(VALUE_DTYPES)}.", choices=VALUE_DTYPES
        )
    if threshold is not None and not (math.isfinite(threshold) and threshold >= 0):
        raise BadOption(Argument("threshold", threshold), ": expected a number of ADC, 0 or more.")
    threshold = None if threshold is None else float(threshold)
    return Settings(int(down_sample), threshold, parse_crop(crop), value_dtype=value_dtype)
