"""Records: what is written as JSON or YAML and read back by a later version, as typed dataclasses.

One reader checks all of them, field by field; its messages name the field, what was found and what was expected. A
field that is new has a default, so that what an earlier version wrote stays readable. What a later version wrote with
fields that this one does not know is an error that says so.
"""

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from data_tools.errors import UserError, did_you_mean

_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "a text",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
    "tuple_type": "a list",
    "none_required": "nothing",
}
_NUMBERS = ("int_type", "float_type", "finite_number")
_UNKNOWN = "unexpected_keyword_argument"


class Record:
    """Base of the dataclasses that are written to files and read back.

    A subclass is a frozen dataclass of plain types, tuples, mappings and other records; where a field may be of several
    types, at most one of them is a record. What has to hold between fields, `__post_init__` checks; its ValueError is
    the message. `VERSION` grows when the meaning of a field changes, not when a field with a default is added; files
    say it under `VERSION_KEY`, and without it are of the first version.

    Example:
        >>> @dataclass(frozen=True)
        ... class Pixel(Record):
        ...     drift: float
        ...     wire: float = 0.3
        >>> read_record(Pixel, {"drift": 0.5}, "pixel.yaml", UserError)
        Pixel(drift=0.5, wire=0.3)
    """

    VERSION: ClassVar[int] = 1
    VERSION_KEY: ClassVar[str] = "record_version"
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}


R = TypeVar("R", bound=Record)


def read_record(cls: type[R], content: object, where: object, error: type[UserError], advice: str = "") -> R:
    """The record of some content.

    Args:
        cls: class of the record.
        content: what a JSON or YAML parser gave.
        where: what was read, for messages.
        error: type of the error to raise.
        advice: what to do about it, added to the message.

    Raises:
        error: the content is not that of such a record.
    """
    from pydantic import ValidationError

    if isinstance(content, Mapping) and cls.VERSION_KEY in content:
        content = dict(content)
        _check_version(cls, content.pop(cls.VERSION_KEY), where, error)
    try:
        # By way of JSON, where lists stand for tuples while numbers and texts are still told apart strictly.
        return _adapter(cls).validate_json(json.dumps(content, default=str))  # type: ignore[arg-type]
    except ValidationError as found:
        fault = _fault(cls, found.errors(include_url=False))
    except (TypeError, ValueError, RecursionError) as found:
        fault = str(found)
    raise error(f"{where}: {fault}{' ' + advice if advice else ''}")


def plain(record: Record) -> dict[str, Any]:
    """The record as plain types, for JSON and YAML."""
    return _adapter(type(record)).dump_python(record, mode="json")  # type: ignore[arg-type]


def plain_with_version(record: Record) -> dict[str, Any]:
    """The record as plain types with its version, as files hold it."""
    return {record.VERSION_KEY: record.VERSION, **plain(record)}


def differences(before: Any, now: Any, where: str = "") -> Iterator[str]:
    """Texts 'a.b was X, now Y', one for every field in which two records differ and that counts in comparisons."""
    if isinstance(before, Record) and type(before) is type(now):
        for field in dataclasses.fields(before):  # type: ignore[arg-type]
            if field.compare:
                name = f"{where}.{field.name}".strip(".")
                yield from differences(getattr(before, field.name), getattr(now, field.name), name)
    elif isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*before, *now]):
            yield from differences(before.get(key), now.get(key), f"{where}.{key}".strip("."))
    elif before != now:
        yield f"{where} was {_shown(before)}, now {_shown(now)}"


def _shown(value: Any) -> Any:
    """A value as a file would show it."""
    if isinstance(value, Record):
        return plain(value)
    return [_shown(item) for item in value] if isinstance(value, tuple) else value


@functools.cache
def _adapter(cls: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def _check_version(cls: type[Record], version: object, where: object, error: type[UserError]) -> None:
    if type(version) is not int or version < 1:
        raise error(f"{where}: {cls.VERSION_KEY}: expected a whole number from 1 to {cls.VERSION}, got {version!r}.")
    if version > cls.VERSION:
        raise error(
            f"{where}: {cls.VERSION_KEY} {version}, but this version of lartpc-zoo reads 1 to {cls.VERSION}. Install a "
            "later one."
        )


def _fault(cls: type, errors: list[Any]) -> str:
    """What is wrong, at the first place where something is."""
    found = [(*_path(cls, error["loc"]), error) for error in errors]
    path, container, first = min(found, key=lambda one: one[2]["type"] != _UNKNOWN)  # explains a name that is missing
    if first["type"] == "json_invalid":
        return f"{first['msg']}."
    # Of several types, what is wrong inside of one says more than that the value is not of the others.
    path, container, first = max((one for one in found if one[0][: len(path)] == path), key=lambda one: len(one[0]))
    owner = f"{'.'.join(path[:-1])}: " if path[:-1] else ""
    if first["type"] == _UNKNOWN:
        known = _fields(container)
        return f"{owner}unknown field {path[-1]!r}; fields: {', '.join(known)}.{did_you_mean(path[-1], known)}"
    if first["type"] == "missing" and not dataclasses.is_dataclass(container):
        return f"{owner}expected a list of {len(typing.get_args(container))}, got {first['input']!r}."
    if first["type"] == "missing":
        missing = [one[0][-1] for one in found if one[2]["type"] == "missing" and one[0][:-1] == path[:-1]]
        return f"{owner}missing {', '.join(missing)}; fields: {', '.join(_fields(container))}."
    prefix = f"{'.'.join(path)}: " if path else ""
    if first["type"] == "value_error":
        return f"{prefix}{first['ctx']['error']}"
    here = [error for place, _, error in found if place == path]
    expected, value = " or ".join(dict.fromkeys(map(_expected, here))), first["input"]
    hint = " YAML needs a point in 1.0e-4." if _is_number(value) and any(e["type"] in _NUMBERS for e in here) else ""
    return f"{prefix}expected {expected}, got {value!r}.{hint}"


def _expected(error: dict[str, Any]) -> str:
    if error["type"] == "literal_error":
        return error["ctx"]["expected"].replace("'", "")
    if error["type"] == "too_long":
        return f"a list of {error['ctx']['max_length']}"
    return _EXPECTED.get(error["type"], error["msg"])


def _is_number(value: object) -> bool:
    """Whether a value is the text of a number."""
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False


def _path(cls: type, location: tuple[int | str, ...]) -> tuple[tuple[str, ...], Any]:
    """(names of the fields on the way to a place, type of what holds the last one).

    Left out is what pydantic adds where a field may have several types.
    """
    path: list[str] = []
    container: Any = cls
    at: Any = cls
    for step in location:
        at = _without_none(at)
        if dataclasses.is_dataclass(at):
            container, at = at, typing.get_type_hints(at).get(str(step))
        elif typing.get_origin(at) is dict:
            container, at = at, typing.get_args(at)[1]
        elif typing.get_origin(at) is tuple and isinstance(step, int):
            items = typing.get_args(at)
            container, at = at, items[0] if items[-1] is Ellipsis else items[min(step, len(items) - 1)]
        else:
            at = next((kind for kind in typing.get_args(at) if step in (str(kind), _name(kind))), at)
            continue
        path.append(str(step))
    return tuple(path), container


def _without_none(kind: Any) -> Any:
    """A type without '| None'."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        some = [one for one in typing.get_args(kind) if one is not type(None)]
        return some[0] if len(some) == 1 else kind
    return kind


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", "")


def _fields(cls: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(cls) if field.init]
