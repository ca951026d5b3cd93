"""Tables of numbers with errors, as csv, md and tex; and Table 1 of the paper."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from data_tools.files import write_csv, write_text
from data_tools.particles import symbol
from lartpc_zoo.metrics.efficiency import Accuracy

NETWORK = "Network"
_ERROR = " error"
_NOTHING = "–"
_FITTED = r"\resizebox{\ifdim\width>\textwidth\textwidth\else\width\fi}{!}"
_SMALLEST = 1e-9  # an error beside its value; a smaller one is rounding


@dataclass(frozen=True)
class Table:
    """A table for print.

    Columns named like a species are printed as its symbol. Without digits a number is printed to two significant digits
    of its error, or to three of its own, and a whole number without decimals.

    Attributes:
        name: of its files.
        caption: what stands above it.
        frame: the numbers; column 'X error' is the error of column 'X' and is printed with it.
        digits: {column: decimals}.
        default_digits: decimals of all other columns.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    digits: dict[str, int] = field(default_factory=dict)
    default_digits: int | None = None

    @property
    def title(self) -> str:
        """'Table 1.' of table1; nothing of a table without a number in the paper."""
        number = self.name.removeprefix("table")
        return f"Table {number}." if number.isdigit() else ""

    def header(self, latex: bool = False) -> list[str]:
        """The printed columns' headings."""
        return [self._heading(column, latex) for column in self._columns()]

    def rows(self) -> list[list[str]]:
        """The printed cells, one list of texts per row."""
        rows = self.frame.to_dict("records")
        return [[self._cell(row, column) for column in self._columns()] for row in rows]

    def numeric(self) -> list[bool]:
        """For every printed column, whether it holds numbers."""
        return [pd.api.types.is_numeric_dtype(self.frame[column]) for column in self._columns()]

    def markdown(self) -> str:
        """The table as Markdown, with its caption."""
        rule = ["---:" if numeric else "---" for numeric in self.numeric()]
        lines = ["| " + " | ".join(cells) + " |" for cells in (self.header(), rule, *self.rows())]
        return f"{self.caption}\n\n" + "\n".join(lines) + "\n"

    def latex(self) -> str:
        """The table as a LaTeX table environment, made smaller where it is wider than the text (booktabs, graphicx)."""
        body = [" & ".join(map(_latex, cells)) + r" \\" for cells in self.rows()]
        lines = [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_latex(self.caption)}}}",
            rf"{_FITTED}{{\begin{{tabular}}{{{''.join('c' if numeric else 'l' for numeric in self.numeric())}}}",
            r"\toprule",
            " & ".join(self.header(latex=True)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"

    def write(self, directory: Path) -> None:
        """Write NAME.csv, NAME.md and NAME.tex."""
        write_csv(directory / f"{self.name}.csv", self.frame)
        write_text(directory / f"{self.name}.md", self.markdown())
        write_text(directory / f"{self.name}.tex", self.latex())

    def _columns(self) -> list[str]:
        return [column for column in self.frame.columns if not column.endswith(_ERROR)]

    def _heading(self, column: str, latex: bool) -> str:
        printed = symbol(column, latex)
        return _latex(printed) if latex and printed == column else printed

    def _cell(self, row: Mapping[Any, Any], column: str) -> str:
        value, error = row[column], row.get(column + _ERROR)
        if isinstance(value, str):
            return value
        if pd.isna(value):
            return _NOTHING
        digits = self.digits.get(column, 0 if isinstance(value, int) else self.default_digits)
        if error is None or pd.isna(error):
            return _number(value, _decimals(value, 3) if digits is None else digits)
        if digits is None:
            digits = _decimals(error, 2) if error > _SMALLEST * abs(value) else _decimals(value, 3)
        return f"{_number(value, digits)} ± {_number(error, digits)}"


def table1(accuracies: Mapping[str, Mapping[str, Accuracy]]) -> pd.DataFrame:
    """Table 1 in percent: accuracy per class with binomial errors, one row per network.

    Args:
        accuracies: {network: {class or 'all': accuracy}}, as metrics.class_accuracies gives them.

    Returns:
        Columns: Network, then CLASS and 'CLASS error' for every class and 'all'.
    """
    rows = []
    for network, per_class in accuracies.items():
        row: dict[str, str | float] = {NETWORK: network}
        for name, value in per_class.items():
            row[name] = 100 * value.accuracy
            row[f"{name}{_ERROR}"] = 100 * value.error
        rows.append(row)
    return pd.DataFrame(rows)


def print_table1(frame: pd.DataFrame, caption: str) -> Table:
    """The Table of a `table1` frame, with one decimal as in the paper."""
    return Table("table1", caption, frame, default_digits=1)


def table1_caption(sample: str, events: int, planes: Sequence[str], images: Mapping[str, tuple[int, int, int]]) -> str:
    """What stands with Table 1: an accuracy means nothing without its data.

    Args:
        sample: its name.
        events: of the sample.
        planes: their names.
        images: {fingerprint of a data set: shape of its images}; the same events, where there are several.
    """
    sizes = " and ".join(dict.fromkeys(f"{rows} x {cols}" for rows, cols, _ in images.values()))
    sets = " and ".join(fingerprint[:12] for fingerprint in images)
    return (
        f"Accuracy in % on {sample}, {events:,} events, images of {sizes} pixels, planes {', '.join(planes)}, "
        f"data set{'s' if len(images) > 1 else ''} {sets}. Errors are binomial, from the events of each class."
    )


def _number(value: float, decimals: int) -> str:
    """The number with so many decimals; with less than none, rounded to tens, hundreds, ..."""
    return f"{round(value, decimals):,.{max(decimals, 0)}f}"


def _decimals(number: float, significant: int) -> int:
    """Decimals that show so many significant digits of a number."""
    if not math.isfinite(number) or number == 0:
        return 0
    return significant - 1 - math.floor(math.log10(abs(number)))


_LATEX = str.maketrans(
    {
        **{character: f"\\{character}" for character in "%_&#${}"},
        **{character: f"${character}$" for character in "<>"},
        "\\": r"\textbackslash{}",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "±": r"$\pm$",
        _NOTHING: "--",
    }
)


def _latex(text: str) -> str:
    return text.translate(_LATEX)
