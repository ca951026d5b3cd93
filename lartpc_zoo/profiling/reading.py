"""What the input thread costs: reading and parsing shards, and making dense images of them, on one thread."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.backend.which import is_tensorflow
from lartpc_zoo.profiling.timing import calls_for, milliseconds, rounds_of


def why_not() -> str | None:
    """Why the input thread cannot be measured, or None where it can."""
    if not is_tensorflow():
        return "only Keras on TensorFlow reads shards in training"
    return None


def reader_of(data: Dataset, sample: str) -> Callable[[int, bool], Iterator[Any]]:
    """How the input thread reads a sample's real shards: endless batches on one thread, nothing ahead of time.

    Args:
        data: the data set.
        sample: its name.

    Returns:
        Function of (batch size, dense). dense=False: hits, read and parsed. dense=True: dense images, handed over:
        copied to NumPy.
    """
    from data_tools.tfrecords import pipeline

    files = [str(path) for path in data.shard_paths(sample)]

    def reader(batch_size: int, dense: bool) -> Iterator[Any]:
        batches = pipeline.one_thread_batches(files, data.image_shape, data.value_dtype, batch_size, dense)
        return ((image.numpy(), label) for image, label in batches) if dense else iter(batches)

    return reader


def measure_reading(
    reader: Callable[[int, bool], Iterator[Any]], batch_sizes: Sequence[int], rounds: int
) -> dict[str, dict[int, list[float]]]:
    """Measure io_thread and io_thread_copy.

    io_thread is reading and parsing, from a warm page cache; io_thread_copy what dense images take more than that, the
    difference of two runs one after the other. TensorFlow parses a batch of one record in a shorter way than larger
    ones, which are on a line: part of the error of the fit.

    Args:
        reader: as `reader_of` makes it.
        batch_sizes: to measure.
        rounds: measurements of each.

    Returns:
        {quantity: {batch size: [ms per batch, one per round]}}
    """
    kinds = {(size, dense): reader(size, dense) for size in batch_sizes for dense in (False, True)}
    calls: dict[int, int] = {}
    for (size, _), batches in kinds.items():
        next(batches)  # opens the files
        calls[size] = calls_for(batches.__next__)

    def measure(size: int) -> dict[str, float]:
        parsed, dense = (milliseconds(kinds[size, dense].__next__, calls[size]) for dense in (False, True))
        return {"io_thread": parsed, "io_thread_copy": dense - parsed}

    return rounds_of(measure, batch_sizes, rounds)
