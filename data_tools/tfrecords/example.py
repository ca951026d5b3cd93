"""tf.train.Example and the TFRecord frame without TensorFlow: protobuf knows the one, ten lines are the other.

TensorFlow takes seconds and half a gigabyte to import, in every process that converts. Message types:
tensorflow/core/example/example.proto and feature.proto. Frame, from tensorflow/core/lib/io/record_writer.h: u64 length,
u32 masked CRC-32C of the length, the record, u32 masked CRC-32C of the record, little-endian.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google_crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from data_tools.errors import CorruptShard

_PACKAGE = "lartpc"
_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")
_HEADER_BYTES = _LENGTH.size + _CRC.size
_MASK_DELTA = 0xA282EAD8

COPY_AGAIN = "Copy the data set again, or delete the directory and convert again."
"""What to do about a shard that is damaged."""


def _field(
    message: Any,
    name: str,
    number: int,
    kind: str,
    type_name: str | None = None,
    repeated: bool = False,
    one_of: int | None = None,
    packed: bool = False,
) -> None:
    field = message.field.add(
        name=name, number=number, type=getattr(descriptor_pb2.FieldDescriptorProto, f"TYPE_{kind}")
    )
    labels = descriptor_pb2.FieldDescriptorProto
    field.label = labels.LABEL_REPEATED if repeated else labels.LABEL_OPTIONAL
    if type_name:
        field.type_name = f".{_PACKAGE}.{type_name}"
    if one_of is not None:
        field.oneof_index = one_of
    if packed:
        field.options.packed = True


def _example_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="lartpc/example.proto", package=_PACKAGE, syntax="proto3")
    for name, kind in (("BytesList", "BYTES"), ("FloatList", "FLOAT"), ("Int64List", "INT64")):
        _field(file.message_type.add(name=name), "value", 1, kind, repeated=True, packed=kind != "BYTES")
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, name in enumerate(("bytes_list", "float_list", "int64_list"), 1):
        type_name = name.title().replace("_", "")
        _field(feature, name, number, "MESSAGE", type_name, one_of=0)
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    _field(entry, "key", 1, "STRING")
    _field(entry, "value", 2, "MESSAGE", "Feature")
    _field(features, "feature", 1, "MESSAGE", "Features.FeatureEntry", repeated=True)
    _field(file.message_type.add(name="Example"), "features", 1, "MESSAGE", "Features")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Example"))


Example = _example_class()
"""A message class with the fields and the bytes of tf.train.Example."""


def frame(record: bytes) -> bytes:
    """The record (bytes) as it stands in a TFRecord file."""
    length = _LENGTH.pack(len(record))
    return b"".join((length, _CRC.pack(_masked_crc(length)), record, _CRC.pack(_masked_crc(record))))


def read_records(path: str | Path) -> Iterator[bytes]:
    """Yield the records of a TFRecord file.

    Raises:
        CorruptShard: a checksum or the end of the file is wrong.
    """
    with open(path, "rb") as file:
        number = 0
        while header := file.read(_HEADER_BYTES):
            if len(header) < _HEADER_BYTES or not _checks(header[: _LENGTH.size], header[_LENGTH.size :]):
                raise CorruptShard(f"{path}, record {number}: its length is damaged. {COPY_AGAIN}")
            (length,) = _LENGTH.unpack(header[: _LENGTH.size])
            record, crc = file.read(length), file.read(_CRC.size)
            if len(record) < length or len(crc) < _CRC.size or not _checks(record, crc):
                raise CorruptShard(f"{path}, record {number}: its content is damaged or cut. {COPY_AGAIN}")
            yield record
            number += 1


def _checks(content: bytes, crc: bytes) -> bool:
    return _CRC.unpack(crc)[0] == _masked_crc(content)


def _masked_crc(content: bytes) -> int:
    crc = google_crc32c.value(content)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF
