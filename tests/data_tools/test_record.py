import json
import math
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.errors import BadManifest, BadOption
from data_tools.record import Record, differences, plain, plain_with_version, read_record


@dataclass(frozen=True)
class Cut(Record):
    low: int
    high: float = 1.0

    def __post_init__(self) -> None:
        if self.low < 0:
            raise ValueError("expected low >= 0.")


@dataclass(frozen=True, kw_only=True)
class Example(Record):
    VERSION: ClassVar[int] = 2

    cut: Cut
    maybe: Cut | None = None
    pair: tuple[int, int] | None = None
    named: dict[str, Cut] = field(default_factory=dict)
    many: tuple[Cut, ...] = ()
    several: float | tuple[float, ...] | None = None
    one_of: Cut | str = ""
    kind: Literal["fast", "slow"] = "fast"
    flag: bool = False
    classes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    anything: dict[str, Any] = field(default_factory=dict)
    note: str = field(default="", compare=False)


@dataclass(frozen=True)
class Named(Record):
    VERSION_KEY: ClassVar[str] = "schema_version"

    name: str


CUT = {"cut": {"low": 1}}


def read(content, cls=Example, **options):
    return read_record(cls, content, "x.yaml", BadManifest, **options)


def test_lists_become_tuples_and_whole_numbers_may_be_floats():
    content = {"cut": {"low": 1, "high": 2}, "pair": [3, 4], "many": [{"low": 5}], "several": [1, 2.5]}
    record = read({**content, "classes": [["e", [11, -11]]], "named": {"a": {"low": 0}}, "one_of": {"low": 2}})
    assert record.cut == Cut(1, 2.0)
    assert isinstance(record.cut.high, float)
    assert (record.pair, record.many, record.several) == ((3, 4), (Cut(5),), (1.0, 2.5))
    assert (record.classes, record.named, record.one_of) == ((("e", (11, -11)),), {"a": Cut(0)}, Cut(2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (5, "expected a mapping, got 5."),
        (None, "expected a mapping, got None."),
        ([1], "expected a mapping, got [1]."),
        ({"note": "x"}, "missing cut; fields: cut, maybe, "),
        ({**CUT, "many": [{"low": 1}, {}]}, "many.1: missing low; fields: low, high."),
        ({**CUT, "nmaed": {}}, "unknown field 'nmaed'; fields: cut, maybe, "),
        ({**CUT, "nmaed": {}}, "Did you mean named"),
        ({"cut": {"lou": 1}}, "cut: unknown field 'lou'; fields: low, high. Did you mean low?"),
        ({**CUT, 5: 1}, "unknown field '5'"),
        ({**CUT, "maybe": 3}, "maybe: expected a mapping, got 3."),
        ({**CUT, "pair": 3}, "pair: expected a list, got 3."),
        ({**CUT, "pair": [1]}, "pair: expected a list of 2, got [1]."),
        ({**CUT, "pair": [1, 2, 3]}, "pair: expected a list of 2, got [1, 2, 3]."),
        ({**CUT, "pair": [1, "a"]}, "pair.1: expected a whole number, got 'a'."),
        ({**CUT, "pair": [1, 2.0]}, "pair.1: expected a whole number, got 2.0."),
        ({**CUT, "pair": [1, True]}, "pair.1: expected a whole number, got True."),
        ({**CUT, "named": []}, "named: expected a mapping, got []."),
        ({**CUT, "named": {"k": {"low": "x"}}}, "named.k.low: expected a whole number, got 'x'."),
        ({**CUT, "named": {"k": {"low": -1}}}, "named.k: expected low >= 0."),
        ({**CUT, "several": "1e-4"}, "several: expected a number or a list, got '1e-4'. YAML needs a point in 1.0e-4."),
        ({**CUT, "several": [1, "a"]}, "several.1: expected a number, got 'a'."),
        ({**CUT, "several": math.nan}, "several: expected a finite number or a list, got nan."),
        ({"cut": {"low": 1, "high": math.inf}}, "cut.high: expected a finite number, got inf."),
        ({**CUT, "one_of": 3}, "one_of: expected a mapping or a text, got 3."),
        ({**CUT, "one_of": {"low": "a"}}, "one_of.low: expected a whole number, got 'a'."),
        ({**CUT, "one_of": {"lou": 1}}, "one_of: unknown field 'lou'; fields: low, high."),
        ({**CUT, "kind": "medium"}, "kind: expected fast or slow, got 'medium'."),
        ({**CUT, "flag": 1}, "flag: expected true or false, got 1."),
        ({**CUT, "note": 1}, "note: expected a text, got 1."),
        ({**CUT, "classes": [["e"]]}, "classes.0: expected a list of 2, got ['e']."),
        ({**CUT, "classes": [["e", [1.5]]]}, "classes.0.1.0: expected a whole number, got 1.5."),
        ({**CUT, "note": "\ud800"}, "Invalid JSON"),
        (
            {**CUT, "record_version": 3},
            "record_version 3, but this version of lartpc-zoo reads 1 to 2. Install",
        ),
        ({**CUT, "record_version": "1"}, "record_version: expected a whole number from 1 to 2, got '1'."),
        ({**CUT, "record_version": True}, "record_version: expected a whole number from 1 to 2, got True."),
        ({**CUT, "record_version": 0}, "record_version: expected a whole number from 1 to 2, got 0."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content, message):
    with pytest.raises(BadManifest, match=f"^x.yaml: .*{re.escape(message)}"):
        read(content)


def test_the_error_and_the_advice_are_the_callers():
    with pytest.raises(BadOption, match="^x.yaml: missing cut; .* Restore it.$"):
        read_record(Example, {}, "x.yaml", BadOption, "Restore it.")


def test_a_version_that_is_known_is_no_field():
    assert read({**CUT, "record_version": 1}) == read({**CUT, "record_version": 2}) == read(CUT)


def test_a_record_may_call_its_version_otherwise():
    written = plain_with_version(Named("a"))
    assert written == {"schema_version": 1, "name": "a"}
    assert list(written) == ["schema_version", "name"]
    assert read(written, Named) == Named("a")
    with pytest.raises(BadManifest, match="schema_version 2, but"):
        read({**written, "schema_version": 2}, Named)
    with pytest.raises(BadManifest, match="unknown field 'record_version'"):
        read({"name": "a", "record_version": 1}, Named)


def test_what_an_earlier_version_wrote_is_read_with_defaults_and_compares_equal():
    @dataclass(frozen=True)
    class Before(Record):
        low: int

    @dataclass(frozen=True)
    class Now(Record):
        low: int
        added: bool = False

    assert read(plain_with_version(Before(3)), Now) == Now(3)
    assert list(differences(read(plain(Before(3)), Now), Now(3))) == []


def test_differences_name_the_field_and_both_values():
    first = Example(cut=Cut(1), pair=(1, 2), named={"a": Cut(1), "b": Cut(2)}, note="first")
    second = Example(cut=Cut(1, 2.5), pair=(1, 3), maybe=Cut(0), named={"a": Cut(3), "c": Cut(2)}, note="second")
    assert list(differences(first, first)) == list(differences(first, replace(first, note="other"))) == []
    assert list(differences(first, second)) == [
        "cut.high was 1.0, now 2.5",
        "maybe was None, now {'low': 0, 'high': 1.0}",
        "pair was [1, 2], now [1, 3]",
        "named.a.low was 1, now 3",
        "named.b was {'low': 2, 'high': 1.0}, now None",
        "named.c was None, now {'low': 2, 'high': 1.0}",
    ]
    nested = replace(first, classes=(("e", (11,)),))
    assert list(differences(first, nested)) == ["classes was [], now [['e', [11]]]"]


numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
cuts = st.builds(Cut, st.integers(0, 2**63), numbers)
examples = st.builds(
    Example,
    cut=cuts,
    maybe=st.none() | cuts,
    pair=st.none() | st.tuples(st.integers(), st.integers()),
    named=st.dictionaries(texts, cuts, max_size=3),
    many=st.lists(cuts, max_size=3).map(tuple),
    several=st.none() | numbers | st.lists(numbers, max_size=3).map(tuple),
    one_of=cuts | texts,
    kind=st.sampled_from(["fast", "slow"]),
    flag=st.booleans(),
    classes=st.lists(st.tuples(texts, st.lists(st.integers(), max_size=2).map(tuple)), max_size=2).map(tuple),
    anything=st.dictionaries(texts, st.none() | st.booleans() | texts | st.lists(st.integers(-9, 9)), max_size=3),
    note=texts,
)


@given(examples)
def test_what_is_written_is_read_back(record):
    written = json.loads(json.dumps(plain_with_version(record)))
    again = read(written)
    assert again == record
    assert again.note == record.note
    assert plain_with_version(again) == written
    assert list(differences(record, again)) == []


def test_reading_is_quick():
    content = {**CUT, "named": {f"name {number}": {"low": number} for number in range(200)}}
    started = time.perf_counter()
    for _ in range(14):
        read(content)
    assert time.perf_counter() - started < 0.1


def test_pydantic_is_not_imported_before_something_is_read():
    code = "import sys, data_tools.record, data_tools.tfrecords.manifest; print('pydantic' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
