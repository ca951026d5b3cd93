"""Straight lines against the batch size: the slope is the cost per image, the intercept the fixed cost."""

from collections.abc import Mapping, Sequence

import numpy as np

from lartpc_zoo.profiling.record import Quantity

FEWEST_BATCH_SIZES = 3
"""Fewer points have no scatter around a line, and its errors need that."""


def fitted(unit: str, values: Mapping[int, Sequence[float]]) -> Quantity:
    """The Quantity of measured values.

    The line is an unweighted least-squares fit to the medians over the rounds (as scipy's linregress, which has no
    errors where all values are equal). The errors are its standard errors of slope and intercept, from the scatter of
    the medians around the line, so that they hold the noise as well as what is not a line.

    Args:
        unit: of the values.
        values: {batch size: [one value per round]}, of a whole batch.
    """
    sizes = sorted(values)
    medians = [np.median(values[size]) for size in sizes]
    # From the first median on, so that equal values have a slope of exactly 0 and not one of rounding.
    (slope, above), covariance = np.polyfit(sizes, np.subtract(medians, medians[0]), 1, cov=True)
    slope_error, intercept_error = np.sqrt(np.diag(covariance))
    return Quantity(
        unit=unit,
        batch_sizes=tuple(sizes),
        values=tuple(tuple(values[size]) for size in sizes),
        slope=float(slope),
        slope_error=float(slope_error),
        intercept=float(medians[0] + above),
        intercept_error=float(intercept_error),
    )
