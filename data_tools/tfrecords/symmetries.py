"""The symmetries of an event: other images of the same physics, to train on.

Mirrored in drift time, or in all its wires, an event is as likely as it was where particles come from all sides. Where
three planes are alike and their wires stand at +60, -60 and 0 degrees, so is an event turned by 60 degrees about the
drift direction: the planes exchange what they see. Together these are 24 images of each event.
"""

from typing import Any

import numpy as np

from data_tools.index import Shape, flat_index, from_flat_index

EXCHANGING_PLANES = 3

# A point has wire coordinates with u + v = y in planes 0, 1 and 2, because the cosine of 60 degrees is 1/2. The ways to
# exchange planes that keep it so: where each plane goes, and whether it is mirrored on its way. All three mirrored is
# one more symmetry, which goes with each of them.
EXCHANGES = np.array([(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (0, 2, 1)], np.int32)
MIRRORED_ON_THE_WAY = np.array([(0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 1, 0), (1, 0, 0)], np.int32)


def turned(index: Any, image_shape: Shape, mirror_row: Any, mirror_col: Any, to_plane: Any) -> Any:
    """Flat indices of hits after a symmetry; NumPy arrays or TensorFlow's.

    Args:
        index: (hits,) int32, see data_tools.index.
        image_shape: (rows, cols, planes).
        mirror_row, mirror_col: (hits,) int32, 1 where rows or columns are mirrored, else 0.
        to_plane: (hits,) int32, the plane in which each hit is seen then.

    Returns:
        (hits,) int32.
    """
    rows, cols, _ = image_shape
    row, col, _ = from_flat_index(index, image_shape)
    row = row + mirror_row * (rows - 1 - 2 * row)
    col = col + mirror_col * (cols - 1 - 2 * col)
    return flat_index(row, col, to_plane, image_shape)
