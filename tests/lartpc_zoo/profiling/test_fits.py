import pytest

from lartpc_zoo.profiling.fits import fitted


def test_a_line_is_found_with_its_errors():
    found = fitted("ms", {size: [2.0 * size + 3.0, 2.0 * size + 3.0, 1000.0] for size in (4, 1, 2)})
    assert (found.slope, found.intercept) == (pytest.approx(2), pytest.approx(3))
    assert found.slope_error == pytest.approx(0, abs=1e-9)
    assert (found.batch_sizes, found.values[0]) == ((1, 2, 4), (5.0, 5.0, 1000.0))
    # By hand: variance of the residuals 6 / (3 - 2), so errors sqrt(6 / 2) and sqrt(6 * (1 / 3 + 2**2 / 2)).
    bent = fitted("ms", {1: [1.0], 2: [-2.0], 3: [1.0]})
    assert bent.slope == pytest.approx(0, abs=1e-9)
    assert (bent.slope_error, bent.intercept_error) == (pytest.approx(3**0.5), pytest.approx(14**0.5))


def test_equal_values_have_no_slope_at_all():
    flat = fitted("MB", {1: [5.34], 2: [5.34], 3: [5.34]})
    assert (flat.slope, flat.slope_error, flat.intercept) == (0, 0, 5.34)
