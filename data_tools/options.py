"""Choices and defaults of data_tools.convert, where a command line reads them without importing what converts."""

from typing import Literal, get_args

ValueDtype = Literal["float32", "float16"]
VALUE_DTYPES: tuple[ValueDtype, ...] = get_args(ValueDtype)
"""Types in which ADC may be stored."""

SEED = 0
DOWN_SAMPLE = 1
VALUE_DTYPE: ValueDtype = "float32"
WORKERS = 1

FEWEST_SHARDS = 8
EVENTS_PER_SHARD = 10_000
"""A sample has so many shards, or as many as keep a shard at so many events or fewer."""
