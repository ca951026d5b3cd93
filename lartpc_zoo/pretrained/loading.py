"""A published network with its weights, by its name or by the path of its card."""

from collections.abc import Sequence
from pathlib import Path

import keras

from data_tools import open_dataset
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.models.scoring import Scoring
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.pretrained.card import Card
from lartpc_zoo.pretrained.catalogue import find_card
from lartpc_zoo.pretrained.weights import find_weights


def load_pretrained(
    name: str | Path,
    source: str | None = None,
    data: Dataset | str | Path | None = None,
    classes: Sequence[str] | None = None,
    dtype: str | None = None,
) -> keras.Model:
    """A published network with its trained weights, as a Keras model: raw ADC images in, logits out.

    The weights are those of the card's sha256, or an error is raised: they are never random.

    Args:
        name: as for `card`.
        source: place of weights that the package does not have: a directory, the file, or the http address of either
            (default: that of the environment variable LARTPC_ZOO_WEIGHTS). They are kept in a cache
            (~/.cache/lartpc-zoo, or LARTPC_ZOO_CACHE).
        data: a data set or its directory, which must have the classes, shape, planes and ADC that the network was
            trained on.
        classes: names, which must be those of the card in their order.
        dtype: Keras dtype policy (default: float32).

    Returns:
        Keras model from raw ADC images (batch, rows, cols, planes) float32 to logits (batch, classes) float32.

    Raises:
        NoWeights: there is no such network, or its weights are not there.
        CorruptWeights: the weights are not those of the card.
        BadCard: the card is damaged.
        DataDiffers: data or classes are others.

    Example:
        >>> model = lartpc_zoo.load_pretrained("resnet14b_wd4")  # doctest: +SKIP
        >>> model.input_shape  # doctest: +SKIP
        (None, 144, 144, 3)
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
        published.check_data(opened.description, opened.directory)
    return published.load_model(dtype)


def open_pretrained(name: str | Path, source: str | None = None) -> "Pretrained":
    """The Pretrained network of a name or of the path of a card; its weights are looked for when they are loaded."""
    return Pretrained(*find_card(name), source)


class Pretrained(TrainedNetwork):
    """A published network that can be scored with, as a run can.

    Attributes:
        card: its Card.
    """

    def __init__(self, card: Card, directory: Path | None, source: str | None) -> None:
        self.card = card
        self.name, self.network = card.name, card.network
        self.trained_on, self.inputs = card.data, card.inputs
        self.batch_size = card.recipe.batch_size
        self.weights_sha256 = card.weights.sha256 if card.weights else None
        self.evaluations = Path("evaluations") / self.name
        self._directory, self._source = directory, source

    def find_weights(self) -> Path:
        """Path of the weights. Raises NoWeights, or CorruptWeights where they are others than the card's."""
        return find_weights(self.card, self._directory, self._source)

    def log_scoring(self, scoring: Scoring) -> None:
        """Nothing: only a run keeps record of what was scored with it."""
