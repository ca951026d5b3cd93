"""Table 2 from a profile."""

import pandas as pd

from lartpc_zoo.evaluation.tables import NETWORK, Table
from lartpc_zoo.profiling.record import IO_QUANTITIES, LARGE_TENSORS, NETWORK_QUANTITIES, PROCESS, TENSORS

HEADINGS = {
    "peak_memory": "Peak memory",
    "forward": "Forward",
    "forward_backward": "Forward + backward",
    "io_wait": "IO wait",
    "io_thread": "IO thread",
    "io_thread_copy": "IO thread copy",
}
"""{quantity: its name in print}, in the order of print."""
UNITS = {**NETWORK_QUANTITIES, **IO_QUANTITIES}
_FIT = {"/image": "slope", "": "intercept"}
_ABOUT_MEMORY = {
    TENSORS: "of all tensors in a training step, weights and state of the optimizer included",
    LARGE_TENSORS: "of all tensors of 256 KiB or more in a training step, weights and state of the optimizer included",
    PROCESS: "of the whole process in a training step, interpreter and libraries included",
    None: "",
}
_ABOUT = {
    "forward_backward": "a training step, with the update of the weights",
    "io_wait": "waiting for the next batch in training",
    "io_thread": "one thread reads and parses shards that are in the page cache",
    "io_thread_copy": "it makes dense images and hands them over",
}


def table2(profile):
    """Table 2 of a profile (the content of profile.json), one row per network.

    Every measured quantity has two columns, slope (per image) and intercept (fixed), with the errors of the fit; what
    was not measured is NaN. The input thread does not depend on the network: it is the same in all rows.
    """
    rows = []
    for name, network in profile["networks"].items():
        row = {
            NETWORK: name,
            "Parameters [10^6]": network["parameters"] / 1e6,
            "Multiply-adds [10^9/image]": network["macs"] / 1e9,
            "Activations [MB/image]": network["activations_mb"],
        }
        for quantity, heading in HEADINGS.items():
            row |= _columns(heading, UNITS[quantity], {**network["quantities"], **profile["io"]}[quantity])
        rows.append(row)
    return Table("table2", _caption(profile), pd.DataFrame(rows))


def _columns(heading, unit, quantity):
    """{column: number} of slope and intercept with their errors, NaN where there is no quantity."""
    columns = {}
    for per, value in _FIT.items():
        column = f"{heading} [{unit}{per}]" if per else f"{heading}, fixed [{unit}]"
        columns[column] = quantity[value] if quantity else float("nan")
        columns[f"{column} error"] = quantity[f"{value}_error"] if quantity else float("nan")
    return columns


def _caption(profile):
    """What stands with Table 2: a time means nothing without its machine."""
    environment, shape = profile["environment"], " x ".join(map(str, profile["input_shape"]))
    backend = environment["keras_backend"]
    about = {"peak_memory": _ABOUT_MEMORY[environment["memory"]], **_ABOUT, **profile["missing"]}
    parts = [
        "Costs per image (slope) and fixed costs of a batch (intercept): straight lines fitted to batches of "
        f"{', '.join(map(str, profile['batch_sizes']))}, medians of {profile['rounds']} rounds, with the errors of the "
        f"fit. {environment['device']} ({environment['cpus']} CPUs), Keras on {backend} "
        f"{environment['versions'].get(backend, '')}, {environment['dtype']}, images of {shape} ({profile['images']}), "
        f"{profile['classes']} classes, "
        + (f"data set {profile['data'][:12]}." if profile["data"] else "no data set."),
        "Activations: the sum of all, from their shapes in float32.",
        *(f"{HEADINGS[quantity]}: {text}." for quantity, text in about.items()),
    ]
    return " ".join(parts)
