"""`load_pretrained` and `card`: a published network by its name, or by the path of its card."""

import fnmatch
import warnings
from pathlib import Path

import zoo_configs
from data_tools import open_dataset
from data_tools.dataset import Dataset
from lartpc_zoo.errors import BadCard, CorruptWeights, DataDiffers, NoWeights, UnknownNetwork, did_you_mean
from lartpc_zoo.models.precision import MEASURED_IN
from lartpc_zoo.models.spec import parse
from lartpc_zoo.pretrained.card import SUFFIX, read_card
from lartpc_zoo.pretrained.weights import find_weights
from lartpc_zoo.same_data import check_same


def card(name):
    """The Card of a published network.

    name: as in list_models(pretrained=True), or the path of a NAME.card.yaml of one's own. Raises NoWeights where there
    is no such card, BadCard where it is not whole.
    """
    return _find(name)[0]


def cards(pattern="*"):
    """The Cards of the package whose names match a glob, those with the best accuracy on testB first."""
    paths = sorted(zoo_configs.directory("pretrained").glob(f"*{SUFFIX}"))
    names = fnmatch.filter([path.name.removesuffix(SUFFIX) for path in paths], pattern)
    return sorted((card(name) for name in names), key=lambda card: -card.accuracy)


def load_pretrained(name, source=None, data=None, classes=None, dtype=None):
    """A published network with its trained weights, as a Keras model: raw ADC images in, logits out.

    name: as for `card`. source: the place of weights that the package does not have: a directory, the file, or the http
    address of either; default: that of the environment variable LARTPC_ZOO_WEIGHTS. They are kept in a cache
    (~/.cache/lartpc-zoo, or LARTPC_ZOO_CACHE). data: a Dataset or its directory, which must have the classes, shape,
    planes and ADC that the network was trained on. classes: names, which must be those of the card in their order.
    dtype: Keras dtype policy (default: float32).

    The weights are those of the card's sha256, or an error is raised, and never random: NoWeights, CorruptWeights,
    BadCard, or DataDiffers where data or classes are others.
    """
    published = open_pretrained(name, source)
    names = published.card.classes
    if classes is not None and tuple(classes) != names:
        raise DataDiffers(
            f"Classes {', '.join(classes)}: {published.name} was trained on {', '.join(names)}, and gives its scores "
            "in this order. For other classes see create_model(..., weights=..., num_classes=...)."
        )
    if data is not None:
        opened = data if isinstance(data, Dataset) else open_dataset(data)
        check_same(published.trained_on, opened, opened.directory, published.name)
    return published.load_model(dtype)


def open_pretrained(name, source=None):
    """The Pretrained network of a name or of the path of a card; its weights are looked for when they are loaded."""
    return Pretrained(*_find(name), source)


class Pretrained:
    """A published network that can be scored with, as a Run can. card: its Card."""

    def __init__(self, card, directory, source):
        self.card = card
        self._directory, self._source = directory, source

    @property
    def name(self):
        """What errors call it."""
        return self.card.name

    @property
    def network(self):
        """Name of the network."""
        return self.card.network

    @property
    def trained_on(self):
        """The description of the training's data set."""
        return self.card.data

    @property
    def batch_size(self):
        """Events per iteration of the training."""
        return self.card.recipe["batch_size"]

    @property
    def weights_sha256(self):
        """sha256 of the weights, or None where none are published."""
        return self.card.weights and self.card.weights["sha256"]

    @property
    def evaluations(self):
        """Where scorings are written."""
        return Path("evaluations") / self.name

    def load_model(self, dtype=None):
        """The network with its weights. Raises NoWeights, or CorruptWeights where they are others than the card's.

        dtype: Keras dtype policy (default: float32).
        """
        from lartpc_zoo.models.registry import create_model

        path = find_weights(self.card, self._directory, self._source)
        card = self.card
        model = create_model(card.network, card.input_shape, len(card.classes), card.inputs, dtype or MEASURED_IN)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # Keras only warns of layers that keep their random weights
                model.load_weights(path)
        except (ValueError, KeyError, OSError, Warning) as error:
            raise CorruptWeights(f"{path}: not weights of {card.network} ({error}).") from error
        return model

    def log_scoring(self, scoring, instead_of=None):
        """Nothing: only a run keeps record of what was scored with it."""


def _find(name):
    """(Card, directory where its weights may be beside it or None) of a name or a path."""
    if str(name).endswith(SUFFIX):
        if not Path(name).is_file():
            raise NoWeights(f"{name}: no such card.")
        return _read(Path(name)), Path(name).parent
    directory = zoo_configs.directory("pretrained")
    path = directory / f"{name}{SUFFIX}"
    if path.parent != directory or not path.is_file():
        raise NoWeights(_no_card(name))
    return _read(path), None


def _no_card(name):
    names = [card.name for card in cards()]
    text = f"No pretrained network {str(name)!r}: there are {', '.join(names)}; or give the path of a NAME{SUFFIX}."
    try:
        parse(name)
    except UnknownNetwork:
        return text + did_you_mean(str(name), names)
    return text + " The zoo has a network of this name: create_model gives it with random weights, `train` trains it."


def _read(path):
    card = read_card(path.read_text(encoding="utf-8"), path)
    if path.name != card.file_name:
        raise BadCard(f"{path}: the file of this card is called {card.file_name}; rename it.")
    return card
