"""Cards: what goes with published weights, as a checked YAML file NAME.card.yaml."""

import re
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path

import yaml

from data_tools.files import write_text
from data_tools.particles import TOTAL
from lartpc_zoo.errors import BadCard, UserError
from lartpc_zoo.evaluation.tables import table1
from lartpc_zoo.models.inputs import InputSpec
from lartpc_zoo.models.spec import parse

SUFFIX = ".card.yaml"
WEIGHTS_SUFFIX = ".weights.h5"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NEEDED = {
    "data": {"fingerprint", "classes", "image_shape", "planes", "pixel_cm", "adc", "samples", "sources"},
    "recipe": {"name", "batch_size", "dtype", "inputs", "optimizer"},
    "training": {"status", "epochs", "iterations", "chosen"},
    "testB": {"accuracies", "confusion_matrix"},
    "demo": {"events", "scores"},
}


@dataclass(frozen=True)
class Card:
    """All one must know of a published network before one trusts it.

    name: of the card and its weights. network: name of the network. parameters: trainable ones. seed: of the training.
    data: what it was trained on and takes: fingerprint, sources (sha256 of the files), classes [[name, PDG codes]],
    image_shape [rows, cols, planes], planes (ids), pixel_cm [drift, wires], adc (unit, down_sample, threshold, crop),
    samples {name: events}. recipe: its name and all fields of the Recipe. training: how the protocol ended. made_with:
    versions, backend and machine of the last start; under `before`, of starts before it that were unlike. testB:
    accuracies {class or 'all': events, accuracy, error and intervals, parts of 1} and the confusion_matrix (rows: true
    class). demo: scores of some events [run, subrun, event] of the bundled sample, which the weights must give again.
    weights: {bytes, sha256}, or None where none are published. licence: of the weights. limits: of what they were
    trained on, to be said wherever results are shown.
    """

    name: str
    network: str
    parameters: int
    seed: int
    data: dict
    recipe: dict
    training: dict
    made_with: dict
    testB: dict
    demo: dict
    licence: str
    limits: str
    weights: dict | None = field(default=None)

    @property
    def spec(self):
        """The NetworkSpec."""
        return parse(self.network)

    @property
    def classes(self):
        """Names of the classes, in the order of the scores."""
        return tuple(name for name, _ in self.data["classes"])

    @property
    def input_shape(self):
        """(rows, cols, planes) of the images."""
        return tuple(self.data["image_shape"])

    @property
    def inputs(self):
        """InputSpec: what happens to ADC inside the model."""
        return InputSpec(**self.recipe["inputs"])

    @property
    def accuracy(self):
        """Part of all testB events that were called right."""
        return self.testB["accuracies"][TOTAL]["accuracy"]

    @property
    def table1(self):
        """testB as a row of Table 1: a DataFrame of percent."""
        return table1({self.name: self.testB["accuracies"]})

    @property
    def file_name(self):
        """NAME.card.yaml"""
        return f"{self.name}{SUFFIX}"

    def write(self, directory):
        """Write NAME.card.yaml; returns its path."""
        path = Path(directory) / self.file_name
        content = {item.name: getattr(self, item.name) for item in fields(self)}
        write_text(path, yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=110))
        return path


def read_card(text, where):
    """The Card in a YAML text; `where` says in errors what was read. Raises BadCard."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadCard(f"{where}: not YAML ({error}).") from error
    if not isinstance(content, dict):
        raise BadCard(f"{where}: expected a mapping, got {type(content).__name__}.")
    known = {item.name: item for item in fields(Card)}
    if unknown := [key for key in content if key not in known]:
        raise BadCard(f"{where}: unknown field {', '.join(map(str, unknown))}; fields: {', '.join(known)}.")
    needed = [name for name, item in known.items() if item.default is MISSING]
    if missing := [name for name in needed if name not in content]:
        raise BadCard(f"{where}: missing {', '.join(missing)}; the card is not whole.")
    return checked(Card(**content), where)


def checked(card, where):
    """The card, if all its parts are whole. Raises BadCard."""
    check_name(card.name)
    if fault := _fault(card):
        raise BadCard(f"{where}: {fault}")
    return card


def check_name(name):
    """The name, if a card can have it. Raises BadCard."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadCard(f"Card {name!r}: expected letters, digits, '.', '_' and '-', since it names files.")
    return name


def _fault(card):
    """What is wrong with the parts of a card, or None."""
    for part, keys in _NEEDED.items():
        content = getattr(card, part)
        if missing := keys - set(content if isinstance(content, dict) else ()):
            return f"{part}: expected {', '.join(sorted(keys))}, missing {', '.join(sorted(missing))}."
    weights = card.weights
    if weights is not None and not (
        isinstance(weights, dict) and set(weights) == {"bytes", "sha256"} and _SHA256.fullmatch(str(weights["sha256"]))
    ):
        return f"weights {weights!r}: expected bytes and sha256, 64 digits from 0 to f."
    for part, read in {
        "network": lambda: card.spec,
        "recipe": lambda: card.inputs,
        "data": lambda: card.classes,
    }.items():
        try:
            read()
        except (UserError, TypeError, ValueError) as error:
            return f"{part}: {error}"
    events, scores = card.demo["events"], card.demo["scores"]
    if len(events) != len(scores):
        return f"demo: {len(events)} events with {len(scores)} rows of scores."
    classes = len(card.classes)
    if [len(row) for row in card.testB["confusion_matrix"]] != [classes] * classes:
        return f"confusion_matrix: expected {classes} x {classes}, as there are classes."
    return None
