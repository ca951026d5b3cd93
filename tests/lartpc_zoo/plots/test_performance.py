import numpy as np
import pandas as pd

from lartpc_zoo.metrics.accuracies import efficiencies_and_purities, efficiencies_in_bins
from lartpc_zoo.plots.performance import binned_figure, efficiency_purity_figure

CLASSES = ["electron", "gamma", "neutron"]


def scored(seed):
    generator = np.random.default_rng(seed)
    # No event of the last class: it has no efficiency.
    return pd.DataFrame({"label": generator.integers(0, 2, 300), "prediction": generator.integers(0, 3, 300)})


def test_figures_of_classes_without_events_are_written_in_both_formats(tmp_path):
    tables = {f"network {seed}": efficiencies_and_purities(scored(seed), CLASSES) for seed in range(3)}
    efficiency_purity_figure(tmp_path, tables, CLASSES)
    values, edges = np.linspace(0, 1, 300), np.array([0, 0.5, 1])
    binned = {f"network {seed}": efficiencies_in_bins(scored(seed), CLASSES, values, edges) for seed in range(3)}
    binned_figure(tmp_path, "against", binned, CLASSES, "Quantity [unit]")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{name}.{ending}" for name in ("fig5_efficiency_purity", "against") for ending in ("png", "pdf")}
