import pandas as pd
import pytest

from lartpc_zoo.evaluation.metrics import efficiency
from lartpc_zoo.evaluation.tables import as_latex, as_markdown, caption, table1, write_table1

ACCURACIES = {
    "resnet14b_w4": {"electron": efficiency(300, 400), "gamma": efficiency(400, 400), "all": efficiency(700, 800)},
    "resnet50b": {"electron": efficiency(200, 400), "gamma": efficiency(100, 400), "all": efficiency(300, 800)},
}


def test_a_row_per_network_in_percent_with_binomial_errors():
    table = table1(ACCURACIES)
    assert table.columns.tolist() == [
        "Network",
        "electron",
        "electron error",
        "gamma",
        "gamma error",
        "all",
        "all error",
    ]
    assert table.loc[0, "electron"] == 75
    assert table.loc[0, "electron error"] == pytest.approx(2.165, abs=1e-3)


def test_markdown_has_the_columns_of_the_paper_and_one_decimal():
    lines = as_markdown(table1(ACCURACIES), "About.").splitlines()
    assert lines[0] == "About."
    assert lines[2] == "| Network | e- | gamma | all |"
    assert lines[4] == "| resnet14b_w4 | 75.0 ± 2.2 | 100.0 ± 0.0 | 87.5 ± 1.2 |"


def test_latex_escapes_what_it_must():
    text = as_latex(table1(ACCURACIES), "In % & more_")
    assert r"\caption{In \% \& more\_}" in text
    assert r"resnet14b\_w4 & $75.0 \pm 2.2$ & $100.0 \pm 0.0$ & $87.5 \pm 1.2$ \\" in text
    assert r"Network & $e^-$ & $\gamma$ & all \\" in text


def test_latex_escapes_class_names():
    table = table1({"resnet14b": {"shower_like": efficiency(3, 4), "electron": efficiency(3, 4)}})
    assert r"Network & shower\_like & $e^-$ \\" in as_latex(table, "")


def test_the_files(tmp_path):
    table = table1(ACCURACIES)
    write_table1(tmp_path, table, "About.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table1.csv", "table1.md", "table1.tex"]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table1.csv"), table, atol=1e-4)


def test_the_caption_says_on_which_data():
    text = caption("testB", 30_000, ["Y"], (576, 576, 3), "0123456789abcdef")
    for part in ("testB", "30,000 events", "576 x 576", "planes Y", "0123456789ab"):
        assert part in text
