"""How a network is run: on dense images, or on sites only, with the same weights.

A network is a Keras model on images; that is what is built, loaded and saved. `executed` gives what is trained and
scored in its place: itself, or a model on sites that has its weights.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from data_tools.tfrecords.batches import HitBatch
from data_tools.tfrecords.dataset import Dataset
from data_tools.tfrecords.hits import images_of
from lartpc_zoo.backend.batches import batches_of
from lartpc_zoo.backend.devices import one_processor
from lartpc_zoo.backend.rows import keep_primitives
from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.blocks import LOGITS
from lartpc_zoo.models.builder import build_with_heads
from lartpc_zoo.models.executions import AUTO, EXECUTIONS, IMAGES, SITES
from lartpc_zoo.models.inputs import input_spec_of
from lartpc_zoo.models.on_sites import OnSites
from lartpc_zoo.models.site_maker import SitePlan
from lartpc_zoo.models.spec import NetworkSpec, parse_network

_SCORED_ON_SITES, _SCORED_PIXELS = 100, 2**27
"""Events at a time, since larger batches are faster, as long as their images have no more pixels in all: each pixel
takes four bytes in the grid in which neighbours are looked up."""


@dataclass(frozen=True)
class Executed:
    """A network as it is run.

    Attributes:
        network: on images; it has the weights.
        model: what is run: from what `batches` give to logits (batch, classes) float32. To compile and to fit as any
            model of Keras; its weights are those of the network, which is what to save and to load.
        execution: 'images' or 'sites'.
        plan: what a batch of sites needs, None on images.
    """

    network: keras.Model
    model: keras.Model
    execution: str
    plan: SitePlan | None = None

    def scoring_size(self, batch_size: int) -> int:
        """How many events to score at a time, where the training has batches of `batch_size`."""
        if self.execution == IMAGES:
            return batch_size
        return max(batch_size, min(_SCORED_ON_SITES, _SCORED_PIXELS // math.prod(self.network.input_shape[1:])))

    def maker(self) -> Callable[[HitBatch, int], list[np.ndarray]]:
        """A new function from the hits of a batch and the number of its events to the arrays that the model takes.

        It raises BadInput where a batch of sites has more pixels than can be numbered.
        """
        if self.plan is not None:
            return self.plan.maker()
        shape = self.network.input_shape[1:]
        return lambda hits, events: [images_of(hits, events, shape)]

    def batches(self, data: Dataset) -> Callable[..., Any]:
        """How batches of a data set are made for the model.

        Returns:
            Function (sample, batch_size, and the other fields of data_tools.BatchOptions by name) that gives an
            iterable of (what the model takes, labels (batch,)).

        Raises:
            BadInput: the network takes images of another shape.
        """
        if data.image_shape != (takes := self.network.input_shape[1:]):
            raise BadInput(
                f"{data.directory}: images of shape {data.image_shape}, but this {self.network.name} takes {takes}. "
                "Give the data set's image_shape to create_model."
            )
        return batches_of(data, self.plan.maker if self.plan else None)


def executed(network: keras.Model, execution: str = AUTO, heads: Sequence[str] = ()) -> Executed:
    """A network as it is run on this machine.

    Args:
        network: of `create_model` or `load_pretrained`.
        execution: 'images', 'sites' or 'auto', see `resolve_execution`.
        heads: rows with auxiliary heads, where the network has such outputs.

    Raises:
        BadInput: there is no such execution of this network.
    """
    execution = resolve_execution(execution, parse_network(network.name))
    if execution == IMAGES:
        return Executed(network, network, IMAGES)
    keep_primitives()
    model, plan = _on_sites(network, heads)
    return Executed(network, model, SITES, plan)


def resolve_execution(execution: str, network: NetworkSpec, devices: Sequence[str] | None = None) -> str:
    """The execution that is meant.

    Args:
        execution: 'images', 'sites', or 'auto': sites for a submanifold network on a CPU, else images. On GPUs dense
            convolutions are faster at such sizes, and several devices share batches of images only.
        network: to run.
        devices: names of what it runs on; without names the default device.

    Raises:
        BadInput: there is no such execution, or it needs a submanifold network, or one device.
    """
    if execution not in EXECUTIONS:
        raise BadInput(f"Execution {execution!r}: expected one of {', '.join(EXECUTIONS)}.")
    if execution == SITES and not network.submanifold:
        raise BadInput(
            f"{network} computes at every pixel, and so on images only; the execution 'sites' is for submanifold "
            f"networks, as in {network}_sub."
        )
    if execution == SITES and devices and len(devices) > 1:
        raise BadInput(
            f"Execution 'sites' on {', '.join(devices)}: several devices share batches of images only. Name one."
        )
    if execution != AUTO:
        return execution
    return SITES if network.submanifold and one_processor(devices) else IMAGES


def _on_sites(network: keras.Model, heads: Sequence[str]) -> tuple[keras.Model, SitePlan]:
    """A submanifold network on sites, with the weights of the network on images, and what a batch is made into."""
    operations, spec = OnSites(network), parse_network(network.name)
    shape, classes = network.input_shape[1:], network.get_layer(LOGITS).units
    outputs = build_with_heads(spec, shape, input_spec_of(network), classes, operations, heads)
    model = keras.Model(operations.inputs, outputs if heads else outputs[0], name=f"{spec}_on_sites")
    return model, operations.plan
