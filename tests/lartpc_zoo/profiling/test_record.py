import dataclasses
import json
import re
from pathlib import Path

import pytest

from data_tools.record import Record, plain, read_record
from lartpc_zoo.backend.environment import MeasuredOn
from lartpc_zoo.errors import BadProfile
from lartpc_zoo.profiling.record import LARGE_TENSORS, InputQuantities, Profile, Quantity, load_profile
from lartpc_zoo.profiling.table import table2, table2_fixed

PUBLISHED = Path(__file__).parents[3] / "results" / "144" / "profile"


@pytest.fixture
def content():
    """The content of the published profile, which an earlier version wrote."""
    return json.loads((PUBLISHED / "profile.json").read_text())


def test_what_an_earlier_version_wrote_opens(content):
    profile = load_profile(PUBLISHED)
    assert load_profile(PUBLISHED / "profile.json") == profile
    assert profile.environment.memory == LARGE_TENSORS
    assert list(profile.networks) == list(content["networks"])
    network = profile.networks["resnet14b_wd4"]
    assert network.parameters == content["networks"]["resnet14b_wd4"]["parameters"]
    slope = content["networks"]["resnet14b_wd4"]["quantities"]["forward"]["slope"]
    assert network.quantities.forward.slope == profile.measured("forward")["resnet14b_wd4"].slope == slope
    assert profile.measured("io_thread") == {None: profile.io.io_thread}


@pytest.mark.parametrize("table", [table2, table2_fixed])
def test_the_published_tables_follow_from_the_published_profile(table, tmp_path):
    made = table(load_profile(PUBLISHED))
    made.write(tmp_path)
    for kind in ("csv", "md", "tex"):
        name = f"{made.name}.{kind}"
        assert (tmp_path / name).read_bytes() == (PUBLISHED / name).read_bytes()


def test_what_is_written_is_read_and_says_its_version(tmp_path):
    profile = load_profile(PUBLISHED)
    profile.write(tmp_path)
    assert load_profile(tmp_path) == profile
    written = json.loads((tmp_path / "profile.json").read_text())
    assert written[Profile.VERSION_KEY] == Profile.VERSION


def test_what_was_written_before_a_field_was_added_opens(content):
    later = dataclasses.make_dataclass(
        "Later", [("cooling", str, dataclasses.field(default="air", kw_only=True))], bases=(Profile,), frozen=True
    )
    assert issubclass(later, Record)
    assert read_record(later, content, "profile.json", BadProfile).cooling == "air"


def _first_network(content):
    return next(iter(content["networks"].values()))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content.pop("io"), "missing io; fields: environment, data"),
        (lambda content: content["environment"].pop("device"), "environment: missing device"),
        (lambda content: content["environment"].update(memory="much"), "environment: memory 'much': expected one of"),
        (lambda content: content.update(networks={}), "it has no networks"),
        (lambda content: _first_network(content).update(macs="many"), "macs: expected a whole number, got 'many'"),
        (lambda content: _first_network(content)["quantities"].pop("forward"), "quantities: missing forward"),
        (
            lambda content: _first_network(content)["quantities"]["forward"].update(unit="h"),
            "quantities: forward is in 'h', expected 'ms'",
        ),
        (lambda content: content["io"]["io_thread"].update(slope=None), "io.io_thread.slope: expected a number"),
        (
            lambda content: content["io"]["io_thread"]["values"].pop(),
            "io_thread: 9 batch sizes with 8 rows of values",
        ),
        (
            lambda content: content["io"]["io_thread"]["values"][0].clear(),
            "expected one or more of every batch",
        ),
        (lambda content: content.update(input_shape=[144, 144]), "input_shape"),
        (lambda content: content.update(missing={"io_wiat": "why"}), "missing: unknown quantity io_wiat"),
        (lambda content: content.update(tables=1), "unknown field 'tables'"),
        (lambda content: content.update(record_version=9), "record_version 9, but this version"),
    ],
)
def test_a_damaged_profile(damage, message, content, tmp_path):
    damage(content)
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(content))
    with pytest.raises(BadProfile, match=re.escape(message)) as caught:
        load_profile(tmp_path)
    assert str(path) in str(caught.value)


def test_no_profile(tmp_path):
    with pytest.raises(BadProfile, match="no such file; `profile` writes it"):
        load_profile(tmp_path)
    cut = tmp_path / "cut.json"
    cut.write_text((PUBLISHED / "profile.json").read_text()[:-10])
    with pytest.raises(BadProfile, match="cannot be read"):
        load_profile(cut)
    cut.write_text("[]")
    with pytest.raises(BadProfile, match="expected a mapping"):
        load_profile(cut)


def test_quantities_know_their_units():
    seconds = Quantity(
        unit="s", batch_sizes=(1,), values=((1.0,),), slope=1.0, slope_error=0.0, intercept=0.0, intercept_error=0.0
    )
    with pytest.raises(ValueError, match="io_thread is in 's', expected 'ms'"):
        InputQuantities(io_thread=seconds)
    assert InputQuantities().by_name() == {"io_thread": None, "io_thread_copy": None}


def test_an_environment_of_an_earlier_version_has_no_system(content):
    del content["environment"]["system"]
    assert read_record(Profile, content, "profile.json", BadProfile).environment.system is None
    assert "system" in plain(load_profile(PUBLISHED).environment)
    assert {field.name for field in dataclasses.fields(MeasuredOn)} >= {"versions", "device", "memory"}
