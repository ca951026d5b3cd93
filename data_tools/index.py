"""A pixel of an image as one number, and back: the flat index of an array (rows, cols, planes).

Only operators are used, so that integers, NumPy arrays and TensorFlow's tensors are all served.
"""

from typing import Any

Shape = tuple[int, int, int]
"""(rows, cols, planes) of an image."""


def flat_index(row: Any, col: Any, plane: Any, shape: Shape) -> Any:
    """The flat index of pixels.

    Args:
        row: drift time, 0 to rows - 1.
        col: wire, 0 to cols - 1.
        plane: position of the plane in the image's last axis.
        shape: (rows, cols, planes) of the image.

    Returns:
        (row * cols + col) * planes + plane, of the type that the arithmetic gives.
    """
    _, cols, planes = shape
    return (row * cols + col) * planes + plane


def from_flat_index(index: Any, shape: Shape) -> tuple[Any, Any, Any]:
    """(row, col, plane) of flat indices, the inverse of `flat_index`."""
    _, cols, planes = shape
    pixel = index // planes
    return pixel // cols, pixel % cols, index % planes


def plane_of(index: Any, shape: Shape) -> Any:
    """The plane of flat indices."""
    return index % shape[2]
