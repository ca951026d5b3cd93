"""The schema of one record: an event as a tf.train.Example of sparse bytes.

index   bytes, little-endian int32, ascending, unique: (row * cols + col) * planes + plane
value   bytes, little-endian float32 or float16 (the manifest says which), ADC, same length as index
label   int64, -1 = no truth
pdg, run, subrun, event, source, entry    int64; source is the position of the input file in the manifest
momentum (3) MeV/c, vertex (3) cm, energy_init, energy_deposit MeV    float32
offset (1 + planes)    int64, only in cropped data: first row, then first column of each plane, of the window
"""

from collections.abc import Iterable, Sequence

import numpy as np

from data_tools.errors import BadEntry
from data_tools.event import Event, Truth, plane_name
from data_tools.tfrecords.example import Example

_INDEX = np.dtype("<i4")
_INT64 = ("label", "pdg", "run", "subrun", "event", "source", "entry")
_FLOAT32 = ("momentum", "vertex", "energy_init", "energy_deposit")
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
    truth = event.truth
    numbers = (label, truth.pdg, event.run, event.subrun, event.event, source, event.entry)
    example = Example()
    feature = example.features.feature
    feature["index"].bytes_list.value.append(event.index.astype(_INDEX).tobytes())
    feature["value"].bytes_list.value.append(value.tobytes())
    for name, number in zip(_INT64, numbers):
        feature[name].int64_list.value.append(number)
    with np.errstate(over="ignore"):  # what LArCV leaves unset is the largest double, which becomes infinite
        for name in _FLOAT32:
            feature[name].float_list.value.extend(np.atleast_1d(np.float32(getattr(truth, name))).tolist())
    if event.offset is not None:
        feature["offset"].int64_list.value.extend(event.offset)
    return example.SerializeToString(deterministic=True)


def decode(record: bytes, image_shape: tuple[int, int, int], value_dtype: str = "float32") -> tuple[Event, int, int]:
    """(event, label, source) of a record, the inverse of `encode`; image_shape: (rows, cols, planes)."""
    feature = Example.FromString(record).features.feature
    number = {name: feature[name].int64_list.value[0] for name in _INT64}
    momentum, vertex, energy_init, energy_deposit = (tuple(feature[name].float_list.value) for name in _FLOAT32)
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
        truth=Truth(number["pdg"], momentum, energy_init[0], energy_deposit[0], vertex),
        offset=tuple(feature["offset"].int64_list.value) if "offset" in feature else None,
    )
    return event, number["label"], number["source"]


def decode_hits(record: bytes, value_dtype: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Only what a network is trained on: index (hits,) int32, value (hits,) float32 [ADC] and label of a record."""
    feature = Example.FromString(record).features.feature
    index = np.frombuffer(feature["index"].bytes_list.value[0], _INDEX)
    value = np.frombuffer(feature["value"].bytes_list.value[0], np.dtype(value_dtype).newbyteorder("<"))
    return index, value.astype(np.float32, copy=False), feature["label"].int64_list.value[0]


def truth_columns(records: Iterable[bytes], planes: Sequence[int]) -> dict[str, np.ndarray]:
    """The columns of Dataset.events, in their order, of records without images.

    Args:
        records: as `encode` makes them.
        planes: plane ids in the order of channels.

    Returns:
        {column: (events,) array}.
    """
    rows: dict[str, list] = {name: [] for name in (*_INT64, *_FLOAT32, "hits", "offset")}
    for record in records:
        feature = Example.FromString(record).features.feature
        for name in _INT64:
            rows[name].append(feature[name].int64_list.value[0])
        for name in _FLOAT32:
            rows[name].append(feature[name].float_list.value)
        channel = np.frombuffer(feature["index"].bytes_list.value[0], _INDEX) % len(planes)
        rows["hits"].append(np.bincount(channel, minlength=len(planes)))
        if "offset" in feature:
            rows["offset"].append(feature["offset"].int64_list.value)
    columns = {name: np.array(rows[name], np.int64) for name in _INT64}
    columns |= {name: np.array(rows[name], np.float32) for name in _FLOAT32}
    names = [plane_name(plane) for plane in planes]
    momentum = np.linalg.norm(columns["momentum"].astype(np.float64), axis=1).astype(np.float32)
    direction = np.divide(
        columns["momentum"], momentum[:, None], where=momentum[:, None] > 0, out=np.zeros_like(columns["momentum"])
    )
    table = {name: columns[name] for name in ("run", "subrun", "event", "source", "entry", "pdg", "label")}
    table |= {"momentum": momentum}
    table |= {f"direction_{axis}": direction[:, i] for i, axis in enumerate(_AXES)}
    table |= {f"vertex_{axis}": columns["vertex"][:, i] for i, axis in enumerate(_AXES)}
    table |= {name: columns[name][:, 0] for name in ("energy_init", "energy_deposit")}
    table |= {f"npx_{name}": np.array(rows["hits"])[:, i] for i, name in enumerate(names)}
    if rows["offset"]:
        offset = np.array(rows["offset"], np.int64)
        table |= {"offset_row": offset[:, 0]} | {f"offset_col_{name}": offset[:, 1 + i] for i, name in enumerate(names)}
    return table
