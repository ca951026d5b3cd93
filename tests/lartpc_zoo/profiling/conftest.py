"""A profile of a small network, measured once."""

from dataclasses import replace

import pytest

import lartpc_zoo
from lartpc_zoo.profiling.record import InputQuantities

SMALL = "plainresnet10b_wd16"


@pytest.fixture(scope="session")
def small_network():
    """Name of the network that is measured."""
    return SMALL


@pytest.fixture(scope="session")
def measured(small_data, tmp_path_factory):
    """(Profile, its directory) of one network on small_data."""
    output = tmp_path_factory.mktemp("profile")
    return lartpc_zoo.profile(SMALL, small_data, batch_sizes=(4, 1, 2), rounds=2, output=output), output


@pytest.fixture
def without_data(measured):
    """A profile as it is without a data set."""
    network = measured[0].networks[SMALL]
    network = replace(network, quantities=replace(network.quantities, io_wait=None))
    missing = dict.fromkeys(("io_wait", *InputQuantities.UNITS), "measured without a data set")
    return replace(measured[0], data=None, io=InputQuantities(), networks={SMALL: network}, missing=missing)
