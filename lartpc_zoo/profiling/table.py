"""Table 2 from a profile."""

import pandas as pd

from lartpc_zoo.backend.memory import LARGE_TENSORS, PROCESS, TENSORS
from lartpc_zoo.metrics.tables import NETWORK, Table
from lartpc_zoo.models.executions import SITES
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.profiling.record import UNITS, Profile

HEADINGS = {
    "peak_memory": "Peak memory",
    "forward": "Forward",
    "forward_backward": "Forward + backward",
    "io_wait": "IO wait",
    "io_thread": "IO thread",
    "io_thread_copy": "IO thread copy",
}
"""{quantity: its name in print}, in the order of print."""
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


def table2(profile: Profile) -> Table:
    """Table 2, one row per network: costs per image, the slopes of the fits.

    What was not measured is NaN. The input thread does not depend on the network: it is the same in all rows.
    """
    counted = {
        name: {
            "Parameters [10^6]": network.parameters / 1e6,
            "Multiply-adds [10^9]": network.macs / 1e9,
            "Activations [MB]": network.activations_mb,
        }
        for name, network in profile.networks.items()
    }
    return Table("table2", _caption(profile), _frame(profile, "slope", counted))


def table2_fixed(profile: Profile) -> Table:
    """The other half of Table 2: fixed costs of a batch, the intercepts of the same fits."""
    caption = "Fixed costs of a batch (intercept), from the fits of Table 2."
    return Table("table2_fixed", caption, _frame(profile, "intercept", {}))


def _frame(profile: Profile, value: str, counted: dict[str, dict[str, float]]) -> pd.DataFrame:
    """One row per network: what was counted, then `value` of every quantity with its error, NaN where there is none."""
    rows = []
    for name, network in profile.networks.items():
        row: dict[str, str | float] = {NETWORK: name, **counted.get(name, {})}
        measured = {**network.quantities.by_name(), **profile.io.by_name()}
        for quantity, heading in HEADINGS.items():
            column, found = f"{heading} [{UNITS[quantity]}]", measured[quantity]
            row[column] = getattr(found, value) if found else float("nan")
            row[f"{column} error"] = getattr(found, f"{value}_error") if found else float("nan")
        rows.append(row)
    return pd.DataFrame(rows)


def _caption(profile: Profile) -> str:
    """What stands with Table 2: a time means nothing without its machine."""
    environment, shape = profile.environment, " x ".join(map(str, profile.input_shape))
    backend = environment.keras_backend
    about = {"peak_memory": _ABOUT_MEMORY[environment.memory], **_ABOUT, **profile.missing}
    parts = [
        "Costs per image: slopes of straight lines fitted to batches of "
        f"{', '.join(map(str, profile.batch_sizes))}, medians of {profile.rounds} rounds, with the errors of the "
        f"fit. {environment.device} ({environment.cpus} CPUs), Keras on {backend} "
        f"{environment.versions.get(backend, '')}, {environment.dtype}, images of {shape} ({profile.images}), "
        f"{profile.classes} classes, " + (f"data set {profile.data[:12]}." if profile.data else "no data set."),
        "Activations: the sum of all, from their shapes in float32.",
        *_about_sites(profile),
        *(f"{HEADINGS[quantity]}: {text}." for quantity, text in about.items()),
    ]
    return " ".join(parts)


def _about_sites(profile: Profile) -> list[str]:
    """What stands with costs of submanifold networks."""
    if not any(parse_network(name).submanifold for name in profile.networks):
        return []
    on_sites = ", ".join(name for name, network in profile.networks.items() if network.execution == SITES)
    return [
        "Submanifold networks: multiply-adds and activations at the mean number of active cells of the data; run on "
        + (f"sites: {on_sites}." if on_sites else "images.")
    ]
