from types import SimpleNamespace

import pytest

from lartpc_zoo.plots.fits import Panel, fits_figure

QUANTITY = SimpleNamespace(batch_sizes=(1, 2, 4), values=((1.0, 1.1), (2.0, 2.2), (4.0, 4.1)), slope=1.0, intercept=0.0)


@pytest.mark.parametrize("panels", [1, 4])
def test_a_panel_per_quantity_with_or_without_a_network(panels, tmp_path):
    measured = [{"resnet14b": QUANTITY, "vgg16c": QUANTITY}, {None: QUANTITY}]
    fits_figure(
        tmp_path,
        [Panel(f"Quantity {number}", "ms", measured[number % 2]) for number in range(panels)],
        ["resnet14b", "vgg16c"],
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table2_fits.pdf", "table2_fits.png"]
