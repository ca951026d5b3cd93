from dataclasses import replace

import pytest

from lartpc_zoo.profiling.record import load_profile
from lartpc_zoo.profiling.table import table2, table2_fixed


@pytest.fixture
def of_round_numbers(measured, small_network):
    """The measured profile, with a time forward that is easy to read."""
    network = measured[0].networks[small_network]
    forward = replace(network.quantities.forward, slope=1.234, slope_error=0.012, intercept=3.4, intercept_error=0.56)
    network = replace(network, quantities=replace(network.quantities, forward=forward))
    return replace(measured[0], networks={small_network: network})


def test_the_table_prints_slopes_and_intercepts_with_errors(of_round_numbers):
    table, fixed = table2(of_round_numbers), table2_fixed(of_round_numbers)
    assert (table.name, fixed.name) == ("table2", "table2_fixed")
    assert dict(zip(table.header(), table.rows()[0]))["Forward [ms]"] == "1.234 ± 0.012"
    assert dict(zip(fixed.header(), fixed.rows()[0]))["Forward [ms]"] == "3.40 ± 0.56"
    for part in (
        "batches of 1, 2, 4",
        "64 x 64 x 3",
        of_round_numbers.data[:12],
        of_round_numbers.environment.device,
        "float32",
    ):
        assert part in table.caption


def test_what_was_not_measured_is_a_dash_with_its_reason(without_data, tmp_path):
    table = table2(without_data)
    for half in (table, table2_fixed(without_data)):
        printed = dict(zip(half.header(), half.rows()[0]))
        assert printed["IO wait [ms]"] == printed["IO thread copy [ms]"] == "–"
    assert "IO thread: measured without a data set." in table.caption
    without_data.write(tmp_path)
    assert load_profile(tmp_path) == without_data
