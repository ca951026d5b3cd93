"""A network with random weights in the place of a trained one: it costs the same."""

from data_tools.description import DataDescription
from data_tools.particles import FIVE_PARTICLES
from data_tools.readers import open_file
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.trained import TrainedNetwork


class Untrained(TrainedNetwork):
    """As if it had been trained on images as those of a file."""

    def __init__(self, name, path):
        reader = open_file(path)
        self.name = self.network = name
        self.inputs, self.batch_size, self.weights_sha256 = InputSpec(), 20, "random"
        self.trained_on = DataDescription(
            fingerprint="",
            classes=tuple(zip(FIVE_PARTICLES.names, FIVE_PARTICLES.pdg)),
            image_shape=reader.shape,
            planes=tuple(reader.planes),
            pixel_cm=reader.pixel_cm,
        )

    def load_model(self, dtype=None):
        data = self.trained_on
        return create_model(self.network, data.image_shape, len(data.classes), self.inputs, dtype)

    def find_weights(self):
        raise NotImplementedError

    def log_scoring(self, scoring):
        raise NotImplementedError
