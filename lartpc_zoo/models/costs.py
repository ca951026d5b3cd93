"""What a network costs for one image, as it is kept with results and cards."""

from dataclasses import dataclass

from data_tools.record import Record
from lartpc_zoo.models.catalogue import NetworkInfo


@dataclass(frozen=True)
class Costs(Record):
    """What a network costs for one image, counted.

    Attributes:
        macs: multiply-adds; of a submanifold network at the mean number of active cells of its data.
        activations_mb: the sum of all activations in float32, likewise.
        dense_macs: multiply-adds of a submanifold network with every pixel active, None of others.
    """

    macs: int
    activations_mb: float
    dense_macs: int | None = None


def costs_of(info: NetworkInfo) -> Costs:
    """The costs of what network_info gives."""
    return Costs(info.macs, round(info.activations_mb, 3), info.dense.macs if info.dense else None)
