import platform
import sys

import pytest
import yaml

from lartpc_zoo.cli.text.cards import card_text, league_text
from lartpc_zoo.errors import BadCard
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.pretrained.card import read_card
from lartpc_zoo.pretrained.catalogue import card


def test_a_card_says_what_the_run_says(published, finished_run, network, small_data):
    ours, config, results = card(published), finished_run.config, finished_run.results
    assert (ours.name, ours.network, ours.spec) == ("small", network, parse_network(network))
    assert ours.classes == ("electron", "gamma", "muon", "pion", "proton")
    assert ours.input_shape == (64, 64, 3)
    assert ours.inputs == InputSpec((2.0, 3.0, 4.0), 300.0, 0.02)
    assert ours.data == config.data
    assert ours.data.fingerprint == small_data.fingerprint
    assert ours.data.pixel_cm == small_data.pixel_cm
    assert (ours.recipe, ours.recipe.name) == (config.recipe, "tiny")
    assert (ours.seed, ours.parameters) == (1, results.parameters)
    assert (ours.testB.accuracies, ours.testB.confusion_matrix) == (results.accuracies, results.confusion_matrix)
    assert ours.accuracy == results.accuracies["all"].accuracy
    assert ours.weights.sha256 == results.chosen.sha256
    assert ours.costs.macs == network_info(network, (64, 64, 3)).macs
    start = finished_run.environment
    assert (ours.made_with.versions, ours.made_with.git) == (start.versions, start.git)
    ours_alone = (platform.node(), str(finished_run.directory), sys.argv[0], "host", "argv")
    assert [text for text in ours_alone if text in published.read_text()] == []
    assert ours.table1.equals(finished_run.table1.assign(Network="small"))


def test_a_card_is_the_same_after_it_was_written_again(published, tmp_path):
    ours = card(published)
    assert card(ours.write(tmp_path)) == ours
    assert (tmp_path / published.name).read_bytes() == published.read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.pop("limits"), "missing limits"),
        (lambda content: content.update(colour="red"), "unknown field 'colour'"),
        (lambda content: content["data"].pop("classes"), "data: missing classes"),
        (lambda content: content.update(testB=3), "testB: expected a mapping, got 3"),
        (lambda content: content.update(data=[1]), r"data: expected a mapping, got \[1\]"),
        (lambda content: content["weights"].pop("bytes"), "weights: missing bytes; fields: bytes, sha256"),
        (lambda content: content.update(name="../small"), "'../small': expected letters"),
        (lambda content: content["weights"].update(sha256="12"), "weights: sha256 '12': expected 64 digits"),
        (lambda content: content["testB"]["confusion_matrix"].pop(), "confusion_matrix: expected 5 x 5"),
        (lambda content: content.update(network="nonsense"), "network: .*nonsense"),
        (lambda content: content["recipe"].update(inputs={"scale": -1}), r"recipe\.inputs: .*scale"),
        (lambda content: content["demo"]["scores"].pop(), "demo: 20 events with 19 rows of scores"),
    ],
)
def test_a_card_that_is_not_whole(change, message, published):
    content = yaml.safe_load(published.read_text())
    change(content)
    with pytest.raises(BadCard, match=f"^here: .*{message}|^Card {message}"):
        read_card(yaml.safe_dump(content), "here")


@pytest.mark.parametrize("text", ["[1, 2]", "name: [", "!!python/object:os.system {}", ""])
def test_a_text_that_is_no_card(text):
    with pytest.raises(BadCard, match="^here: (not YAML|expected a mapping)"):
        read_card(text, "here")


def test_a_card_as_text_says_all_one_must_know(published, finished_run, small_data):
    ours = card(published)
    text = card_text(ours)
    needed = [ours.network, small_data.fingerprint, ours.weights.sha256, "licence   MIT", "made for tests", "seed 1"]
    needed += ["pion (-211, +211)", "64 x 64 x 3", "down_sample 4", "recipe tiny", "threshold [2.0, 3.0, 4.0]"]
    needed += [f"{ours.parameters:,} parameters", f"keras {ours.made_with.versions['keras']}"]
    assert [part for part in needed if part not in text] == []
    counts = next(row for row in text.splitlines() if row.split()[:1] == ["muon"]).split()[-5:]
    assert counts == [str(count) for count in finished_run.results.confusion_matrix[2]]


def test_the_league_table_has_a_table_for_each_data_set(published):
    ours = card(published)
    other = read_card(published.read_text().replace("made for tests", "another data set"), "other")
    assert league_text([ours, ours]).count("testB accuracy in %, 10 events of 64 x 64 pixels") == 1
    assert league_text([ours, other]).count("testB accuracy in %") == 2
    assert league_text([]) == "No pretrained network matches.\n"
