"""What the input thread costs: reading and parsing shards, and making dense images of them, on one thread."""

from lartpc_zoo.backend.which import is_tensorflow
from lartpc_zoo.profiling.timing import calls_for, milliseconds, rounds_of


def why_not(data):
    """Why the input thread cannot be measured with a Dataset, or None where it can."""
    if not is_tensorflow():
        return "only Keras on TensorFlow reads shards in training"
    return None


def reader_of(data, sample):
    """Function (batch_size, dense): endless batches of a sample's real shards on one thread, nothing ahead of time.

    dense=False: hits, read and parsed. dense=True: dense images, handed over: copied to NumPy.
    """
    from data_tools.tfrecords import pipeline

    files = [str(data.directory / shard.file) for shard in data.manifest.samples[sample].shards]

    def reader(batch_size, dense):
        batches = pipeline.one_thread_batches(files, data.image_shape, data.value_dtype, batch_size, dense)
        return ((image.numpy(), label) for image, label in batches) if dense else batches

    return reader


def measure_reading(reader, batch_sizes, rounds):
    """{quantity: {batch size: [ms per batch, one per round]}} of io_thread and io_thread_copy.

    io_thread: reading and parsing, from a warm page cache. io_thread_copy: what dense images take more than that, each
    the difference of two runs one after the other. reader: as `reader_of` makes it. TensorFlow parses a batch of one
    record in another way than larger ones, which are on a line: part of the error of the fit.
    """
    kinds = {(size, dense): iter(reader(size, dense)) for size in batch_sizes for dense in (False, True)}
    calls = {}
    for (size, _), batches in kinds.items():
        next(batches)  # opens the files
        calls[size] = calls_for(batches.__next__)

    def measure(size):
        parsed, dense = (milliseconds(kinds[size, dense].__next__, calls[size]) for dense in (False, True))
        return {"io_thread": parsed, "io_thread_copy": dense - parsed}

    return rounds_of(measure, batch_sizes, rounds)
