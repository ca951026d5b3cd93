"""The schema of one record: an event as a tf.train.Example of sparse bytes.

index   bytes, little-endian int32, ascending, unique, see data_tools.index
value   bytes, little-endian float32 or float16 (the manifest says which), ADC, same length as index
label   int64, -1 = no truth
run, subrun, event, source, entry    int64; source is the position of the input file in the manifest
offset (1 + planes)    int64, only in cropped data: first row, then first column of each plane, of the window
every quantity of data_tools.truth by its name    int64 or float32, as many numbers as it has components
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from data_tools.errors import BadEntry
from data_tools.event import Event, plane_name
from data_tools.index import Shape
from data_tools.tfrecords.example import Example
from data_tools.truth import TRUTH_FIELDS, Truth, TruthField

_INDEX = np.dtype("<i4")
_IDENTITY = ("run", "subrun", "event", "source", "entry")
_INT64 = ("label", *_IDENTITY)
_MOMENTUM = "momentum"
_AXES = "xyz"


def encode(event: Event, label: int, source: int, value_dtype: str = "float32") -> bytes:
    """The record of an event; the same event always gives the same bytes.

    Args:
        event: hits and truth.
        label: position of its class, -1 without truth.
        source: position of its input file in the manifest.
        value_dtype: in which ADC is stored, 'float32' or 'float16'.

    Raises:
        BadEntry: an ADC value does not fit `value_dtype`.
    """
    value = event.value.astype(np.dtype(value_dtype).newbyteorder("<"))
    if not np.isfinite(value).all():
        raise BadEntry(f"Entry {event.entry}: {event.value.max():g} ADC does not fit {value_dtype}; use float32.")
    if not value.all():
        raise BadEntry(
            f"Entry {event.entry}: {np.abs(event.value).min():g} ADC would be 0 in {value_dtype}; use float32."
        )
    example = Example()
    feature = example.features.feature
    feature["index"].bytes_list.value.append(event.index.astype(_INDEX).tobytes())
    feature["value"].bytes_list.value.append(value.tobytes())
    for name, number in zip(_INT64, (label, event.run, event.subrun, event.event, source, event.entry)):
        feature[name].int64_list.value.append(number)
    with np.errstate(over="ignore"):  # what LArCV leaves unset is the largest double, which becomes infinite
        for known in TRUTH_FIELDS:
            numbers: np.ndarray = np.atleast_1d(getattr(event.truth, known.name)).astype(_stored(known))
            _values(feature, known).extend(numbers.tolist())
    if event.offset is not None:
        feature["offset"].int64_list.value.extend(event.offset)
    return example.SerializeToString(deterministic=True)


def decode(record: bytes, image_shape: Shape, value_dtype: str = "float32") -> tuple[Event, int, int]:
    """(event, label, source) of a record, the inverse of `encode`; image_shape: (rows, cols, planes)."""
    feature = Example.FromString(record).features.feature
    number = {name: feature[name].int64_list.value[0] for name in _INT64}
    event = Event(
        entry=number["entry"],
        run=number["run"],
        subrun=number["subrun"],
        event=number["event"],
        shape=image_shape,
        index=np.frombuffer(feature["index"].bytes_list.value[0], _INDEX).astype(np.int32),
        value=np.frombuffer(feature["value"].bytes_list.value[0], np.dtype(value_dtype).newbyteorder("<")).astype(
            np.float32
        ),
        truth=_truth(feature),
        offset=tuple(feature["offset"].int64_list.value) if "offset" in feature else None,
    )
    return event, number["label"], number["source"]


def decode_hits(record: bytes, value_dtype: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Only what a network is trained on: index (hits,) int32, value (hits,) float32 [ADC] and label of a record."""
    feature = Example.FromString(record).features.feature
    index = np.frombuffer(feature["index"].bytes_list.value[0], _INDEX)
    value = np.frombuffer(feature["value"].bytes_list.value[0], np.dtype(value_dtype).newbyteorder("<"))
    return index, value.astype(np.float32, copy=False), feature["label"].int64_list.value[0]


def event_table(events: Iterable[tuple[Event, int, int]], planes: Sequence[int]) -> dict[str, np.ndarray]:
    """What is known of events without their images: the columns of Dataset.events, in their order.

    Args:
        events: (event, label, source) of each, as `decode` gives them.
        planes: plane ids in the order of channels.

    Returns:
        {column: (events,) array}, numbers in the types in which records hold them.
    """
    rows: dict[str, list] = {name: [] for name in (*_INT64, *(known.name for known in TRUTH_FIELDS), "hits", "offset")}
    for event, label, source in events:
        for name, number in zip(_INT64, (label, event.run, event.subrun, event.event, source, event.entry)):
            rows[name].append(number)
        for known in TRUTH_FIELDS:
            rows[known.name].append(getattr(event.truth, known.name))
        rows["hits"].append(event.hits_per_plane())
        if event.offset is not None:
            rows["offset"].append(event.offset)
    table = {name: np.array(rows[name], np.int64) for name in _IDENTITY}
    table |= _truth_table([known for known in TRUTH_FIELDS if _is_whole(known)], rows)
    table["label"] = np.array(rows["label"], np.int64)
    table |= _truth_table([known for known in TRUTH_FIELDS if not _is_whole(known)], rows)
    names = [plane_name(plane) for plane in planes]
    hits = np.array(rows["hits"], np.int64).reshape(-1, len(names))
    table |= {f"npx_{name}": hits[:, i] for i, name in enumerate(names)}
    if rows["offset"]:
        offset = np.array(rows["offset"], np.int64)
        table |= {"offset_row": offset[:, 0]} | {f"offset_col_{name}": offset[:, 1 + i] for i, name in enumerate(names)}
    return table


def _truth_table(quantities: list[TruthField], rows: dict[str, list]) -> dict[str, np.ndarray]:
    """Columns of some quantities, vectors before single numbers; of the momentum its magnitude and direction."""
    table: dict[str, np.ndarray] = {}
    for known in sorted(quantities, key=lambda known: known.size == 1):
        with np.errstate(over="ignore"):  # as in encode
            values: np.ndarray = np.array(rows[known.name], known.dtype).astype(_stored(known))
        values = values.reshape(-1, known.size)
        if known.name != _MOMENTUM:
            table |= {name: values[:, i] for i, name in enumerate(known.columns)}
            continue
        magnitude = np.linalg.norm(values.astype(np.float64), axis=1).astype(np.float32)
        moving = magnitude[:, None] > 0
        direction = np.divide(values, magnitude[:, None], where=moving, out=np.zeros_like(values))
        table |= {_MOMENTUM: magnitude} | {f"direction_{axis}": direction[:, i] for i, axis in enumerate(_AXES)}
    return table


def _is_whole(known: TruthField) -> bool:
    return known.dtype == "int64"


def _stored(known: TruthField) -> type:
    """The type in which records hold a quantity."""
    return np.int64 if _is_whole(known) else np.float32


def _values(feature: Any, known: TruthField) -> Any:
    """The list of numbers of a quantity in a record."""
    return feature[known.name].int64_list.value if _is_whole(known) else feature[known.name].float_list.value


def _truth(feature: Any) -> Truth:
    quantities: dict[str, Any] = {}
    for known in TRUTH_FIELDS:
        numbers = _numbers(feature, known)
        quantities[known.name] = numbers[0] if known.size == 1 else numbers
    return Truth(**quantities)


def _numbers(feature: Any, known: TruthField) -> tuple:
    """The numbers of a quantity; zeros where the record was written before there was one."""
    return tuple(_values(feature, known)) or (0,) * known.size
