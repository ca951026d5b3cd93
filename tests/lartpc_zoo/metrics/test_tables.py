import shutil
import subprocess

import pandas as pd
import pytest

from lartpc_zoo.metrics.accuracies import efficiency
from lartpc_zoo.metrics.tables import Table, print_table1, table1, table1_caption

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
    lines = print_table1(table1(ACCURACIES), "About.").markdown().splitlines()
    assert lines[0] == "About."
    assert lines[2] == "| Network | e- | gamma | all |"
    assert lines[4] == "| resnet14b_w4 | 75.0 ± 2.2 | 100.0 ± 0.0 | 87.5 ± 1.2 |"


def test_latex_escapes_what_it_must():
    text = print_table1(table1(ACCURACIES), "In % & more_").latex()
    assert r"\caption{In \% \& more\_}" in text
    assert r"p $<$ 0.1, \textbackslash{}x\$" in print_table1(table1(ACCURACIES), r"p < 0.1, \x$").latex()
    assert r"resnet14b\_w4 & 75.0 $\pm$ 2.2 & 100.0 $\pm$ 0.0 & 87.5 $\pm$ 1.2 \\" in text
    assert r"Network & $e^-$ & $\gamma$ & all \\" in text


def test_latex_escapes_class_names():
    table = table1({"resnet14b": {"shower_like": efficiency(3, 4), "electron": efficiency(3, 4)}})
    assert r"Network & shower\_like & $e^-$ \\" in print_table1(table, "").latex()


def test_the_files(tmp_path):
    table = table1(ACCURACIES)
    print_table1(table, "About.").write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table1.csv", "table1.md", "table1.tex"]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table1.csv"), table, check_dtype=False, atol=1e-6)


def test_the_caption_says_on_which_data():
    text = table1_caption("testB", 30_000, ["Y"], {"0123456789abcdef": (576, 576, 3)})
    for part in ("testB", "30,000 events", "576 x 576", "planes Y", "0123456789ab"):
        assert part in text


@pytest.mark.parametrize(
    ("value", "error", "printed"),
    [
        (12.3456, 0.0234, "12.346 ± 0.023"),
        (1234.5, 34.6, "1,234 ± 35"),
        (98765.0, 1234.0, "98,800 ± 1,200"),
        (0.00123, 0.00045, "0.00123 ± 0.00045"),
        (5.0, 0.0, "5.00 ± 0.00"),
        (2.45, 4.5e-16, "2.45 ± 0.00"),
        (12.3456, float("nan"), "12.3"),
        (float("nan"), 1.0, "–"),
    ],
)
def test_a_number_is_printed_to_two_digits_of_its_error(value, error, printed):
    table = Table("costs", "", pd.DataFrame({"Network": ["a"], "ms": [value], "ms error": [error]}))
    assert table.header() == ["Network", "ms"]
    assert table.rows() == [["a", printed]]


def test_decimals_can_be_given_and_whole_numbers_have_none():
    frame = pd.DataFrame({"Network": ["a"], "events": [30_000], "part": [0.5], "ms": [1.0], "ms error": [0.25]})
    assert Table("t", "", frame, {"part": 3, "ms": 1}).rows() == [["a", "30,000", "0.500", "1.0 ± 0.2"]]
    assert Table("t", "", frame, default_digits=2).rows() == [["a", "30,000", "0.50", "1.00 ± 0.25"]]


def test_a_table_that_is_wider_than_the_text_is_made_to_fit():
    lines = print_table1(table1(ACCURACIES), "").latex().splitlines()
    assert r"\resizebox{\ifdim\width>\textwidth\textwidth\else\width\fi}{!}{\begin{tabular}{lccc}" in lines
    assert r"\end{tabular}}" in lines


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("columns", [2, 16])
def test_latex_takes_it_and_it_fits_the_page(columns, tmp_path):
    frame = pd.DataFrame([{"Network": "a_b", **{f"cost {n} [10^6/image]": 1234.5 for n in range(columns)}}])
    document = (
        r"\documentclass{article}\usepackage{booktabs,graphicx}\begin{document}"
        + Table("t", r"p < 0.1 ± 2 % & \x ^ ~ #", frame).latex()
        + r"\end{document}"
    )
    (tmp_path / "t.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "t.tex"]
    log = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "Overfull" not in log
