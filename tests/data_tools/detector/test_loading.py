from dataclasses import replace

import numpy as np
import pytest

import data_tools
import zoo_configs
from data_tools.detector.disturbance import Disturbance
from data_tools.detector.loading import load_effects, parse_disturbance
from data_tools.detector.losses import LostHits
from data_tools.errors import BadEffects, BadOption, DatasetExists, UnknownEffects
from data_tools.readers import open_file

NAMES = zoo_configs.names("effect")


@pytest.fixture(scope="module")
def events(larcv2_256):
    return list(open_file(larcv2_256).events())


def same(one, other):
    return np.array_equal(one.index, other.index) and np.array_equal(one.value, other.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_named_effect_acts_and_at_no_strength_does_not(name, events):
    acts = [not same(parse_disturbance(name).of(event), event) for event in events]
    assert np.mean(acts) > 0.5  # of two tracks on average there may be none
    assert all(same(parse_disturbance(f"{name}:0").of(event), event) for event in events)


def test_single_effects_have_files_of_their_names_and_say_what_they_are_for():
    single = [name for name in NAMES if name != "detector"]
    for name in single:
        assert [field for field, effect in vars(load_effects(name)).items() if effect is not None] == [name]
    for name in NAMES:
        text = (zoo_configs.directory("effects") / f"{name}.yaml").read_text()
        assert text.startswith("# ")


def test_an_event_has_the_same_effects_wherever_it_is_seen(events):
    noise = parse_disturbance("noise:0.5", seed=3)
    assert same(noise.of(events[0]), noise.of(replace(events[0], entry=7)))
    other = parse_disturbance("noise:0.5", seed=4)
    assert not same(noise.of(events[0]), other.of(events[0]))
    renamed = replace(events[0], event=events[0].event + 1)
    assert not same(noise.of(events[0]), noise.of(renamed))
    assert parse_disturbance("noise").of(replace(events[0], run=-1, subrun=2**64 - 1)).run == -1


def test_effects_of_a_file_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("lost_hits: {fraction: 0.4}\n")
    found = parse_disturbance(f"{path}:0.25")
    assert found == Disturbance(found.effects, 0.25)
    assert (found.name, found.effects.lost_hits) == ("mine", LostHits(0.4))
    assert parse_disturbance(None) is None


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("nosie:0.5", UnknownEffects, "Did you mean noise"),
        ("noise:1.5", BadOption, r'effect="noise:1\.5": strength 1\.5: expected 0 to 1'),
        ("noise:half", UnknownEffects, "No effect 'noise:half'"),
    ],
)
def test_what_cannot_be_is_named(text, error, message):
    with pytest.raises(error, match=message):
        parse_disturbance(text)


def test_a_file_that_is_none_of_effects(tmp_path):
    (tmp_path / "bad.yaml").write_text("gian: {spread: 0.1}\n")
    with pytest.raises(BadEffects, match="unknown field 'gian'.*Did you mean gain"):
        load_effects(tmp_path / "bad.yaml")


def test_a_conversion_with_effects_has_them_in_its_events_and_on_record(larcv2_256, events, tmp_path):
    data = data_tools.convert(larcv2_256, tmp_path / "data", ["all"], effect="dead_wires:0.5", seed=5)
    expected = parse_disturbance("dead_wires:0.5", seed=5)
    assert data.manifest.made_with.disturbance == expected
    by_entry = {event.entry: event for event in events}
    for event, _ in data.iterate("all"):
        assert same(event, expected.of(by_entry[event.entry]))
    assert data_tools.convert(larcv2_256, tmp_path / "data", ["all"], effect="dead_wires:0.5", seed=5).size("all") == 40
    with pytest.raises(DatasetExists, match=r"made in another way: disturbance\.strength was 0\.5, now 0\.6"):
        data_tools.convert(larcv2_256, tmp_path / "data", ["all"], effect="dead_wires:0.6", seed=5)
