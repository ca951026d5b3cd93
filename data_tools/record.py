"""Records: what is written as JSON or YAML and read back by a later version, as typed dataclasses.

One reader checks all of them: field by field, with a message that names the field, what was found and what was expected.
A field that is new has a default, so that what an earlier version wrote stays readable. What a later version wrote with
fields that this one does not know is an error that says so.
"""

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from data_tools.errors import UserError, did_you_mean

VERSION_KEY = "record_version"
"""Key under which a file says with which version of its record it was written; without it, the first."""

_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "a text",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "none_required": "nothing",
}
_NUMBERS = ("int_type", "float_type", "finite_number")


class Record:
    """Base of the dataclasses that are written to files and read back.

    A subclass is a frozen dataclass of plain types, tuples, mappings and other records. `VERSION` grows when the meaning
    of a field changes, not when a field with a default is added.
    """

    VERSION: ClassVar[int] = 1
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

    if isinstance(content, Mapping) and VERSION_KEY in content:
        content = dict(content)
        version = content.pop(VERSION_KEY)
        if type(version) is not int or not 1 <= version <= cls.VERSION:
            raise error(
                f"{where}: {VERSION_KEY} {version!r}, this version of lartpc-zoo reads 1 to {cls.VERSION}. Install a "
                "later one."
            )
    try:
        # By way of JSON, where lists stand for tuples while numbers and texts are still told apart strictly.
        return _adapter(cls).validate_json(json.dumps(content, default=str))
    except ValidationError as found:
        fault = _fault(cls, found.errors(include_url=False))
    except (TypeError, ValueError, RecursionError) as found:
        fault = str(found)
    raise error(f"{where}: {fault}{' ' + advice if advice else ''}")


def plain(record: Record) -> dict[str, Any]:
    """The record as plain types, for JSON and YAML."""
    return _adapter(type(record)).dump_python(record, mode="json")


def plain_with_version(record: Record) -> dict[str, Any]:
    """The record as plain types with its version, as files hold it."""
    return {**plain(record), VERSION_KEY: record.VERSION}


def differences(before: Any, now: Any, where: str = "") -> Iterator[str]:
    """Texts 'a.b was X, now Y' for every field in which two records differ; fields that do not count are passed over."""
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
    return list(value) if isinstance(value, tuple) else value


@functools.cache
def _adapter(cls: type[Record]) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def _fault(cls: type, errors: list[Any]) -> str:
    """What is wrong, of the first place where something is."""
    errors.sort(key=lambda error: error["type"] != "unexpected_keyword_argument")  # a wrong name explains a missing one
    first = errors[0]
    path, at = _path(cls, first["loc"])
    here = [error for error in errors if _path(cls, error["loc"])[0] == path]
    kind, prefix = first["type"], f"{'.'.join(path)}: " if path else ""
    if kind == "unexpected_keyword_argument":
        owner = f"{'.'.join(path[:-1])}: " if path[:-1] else ""
        known = _fields(at)
        return f"{owner}unknown field {path[-1]!r}; fields: {', '.join(known)}.{did_you_mean(path[-1], known)}"
    if kind == "missing":
        missing = [
            error["loc"][-1] for error in errors if error["type"] == kind and error["loc"][:-1] == first["loc"][:-1]
        ]
        owner = f"{'.'.join(path[:-1])}: " if path[:-1] else ""
        return f"{owner}missing {', '.join(map(str, missing))}; fields: {', '.join(_fields(at))}."
    if kind == "value_error":
        return f"{prefix}{first['ctx']['error']}"
    expected = " or ".join(dict.fromkeys(_EXPECTED.get(error["type"], error["msg"]) for error in here))
    if any(error["type"] == "literal_error" for error in here):
        expected = first["ctx"]["expected"].replace("'", "")
    value = first["input"]
    hint = (
        " YAML needs a point in 1.0e-4." if isinstance(value, str) and any(e["type"] in _NUMBERS for e in here) else ""
    )
    return f"{prefix}expected {expected}, got {value!r}.{hint}"


def _path(cls: Any, location: tuple[int | str, ...]) -> tuple[tuple[str, ...], Any]:
    """(names of the fields on the way to a place, class that has its last field).

    Left out is what pydantic adds where a field may have several types.
    """
    path: list[str] = []
    owner = at = cls
    for step in location:
        at = _stripped(at)
        hints = typing.get_type_hints(at) if dataclasses.is_dataclass(at) else None
        if hints is not None and step in hints:
            owner, at = at, hints[step]
            path.append(str(step))
        elif hints is not None:  # a field that is not known
            owner, at = at, None
            path.append(str(step))
        elif isinstance(step, int) or typing.get_origin(at) is dict:
            at = _inside(at, step)
            path.append(str(step))
    return tuple(path), owner


def _stripped(kind: Any) -> Any:
    """A type without '| None'."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        some = [one for one in typing.get_args(kind) if one is not type(None)]
        return some[0] if len(some) == 1 else kind
    return kind


def _inside(kind: Any, step: int | str) -> Any:
    """The type of an item of a tuple or mapping."""
    arguments = typing.get_args(_stripped(kind))
    if typing.get_origin(kind) is dict:
        return arguments[1]
    if not arguments or not isinstance(step, int):
        return None
    return arguments[0] if arguments[-1] is Ellipsis else arguments[min(step, len(arguments) - 1)]


def _fields(cls: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(cls) if field.init]
