"""Table 1 of the paper: accuracy per class in percent with binomial errors, one row per network, as csv, md and tex."""

import pandas as pd

from data_tools.files import write_csv, write_text
from data_tools.particles import symbol

_NETWORK = "Network"


def table1(accuracies):
    """Table 1 as a DataFrame of numbers in percent.

    accuracies: {network: {class or 'all': efficiency}}, as metrics.class_accuracies gives them. Columns: Network, then
    CLASS and CLASS error for every class and 'all'.
    """
    rows = []
    for network, per_class in accuracies.items():
        row = {_NETWORK: network}
        for name, value in per_class.items():
            row[name] = 100 * value["accuracy"]
            row[f"{name} error"] = 100 * value["error"]
        rows.append(row)
    return pd.DataFrame(rows)


def as_markdown(table, caption):
    """The table as Markdown, with its caption."""
    header, *rows = _cells(table, "{:.1f} ± {:.1f}", latex=False)
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, rule, *rows)]
    return f"{caption}\n\n" + "\n".join(lines) + "\n"


def as_latex(table, caption):
    """The table as a LaTeX table environment (needs booktabs)."""
    header, *rows = _cells(table, r"${:.1f} \pm {:.1f}$", latex=True)
    body = [" & ".join(cells) + r" \\" for cells in rows]
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_escape(caption)}}}",
        rf"\begin{{tabular}}{{l{'c' * (len(header) - 1)}}}",
        r"\toprule",
        " & ".join(header) + r" \\",
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def write_table1(directory, table, caption):
    """Write table1.csv, table1.md and table1.tex."""
    write_csv(directory / "table1.csv", table, float_format="%.4f")
    write_text(directory / "table1.md", as_markdown(table, caption))
    write_text(directory / "table1.tex", as_latex(table, caption))


def caption(sample, events, planes, image_shape, fingerprint):
    """What stands under the table: an accuracy means nothing without its data."""
    rows, cols, _ = image_shape
    return (
        f"Accuracy in % on {sample}, {events:,} events, images of {rows} x {cols} pixels, planes {', '.join(planes)}, "
        f"data set {fingerprint[:12]}. Errors are binomial, from the events of each class."
    )


def _cells(table, form, latex):
    """Header and rows as texts."""
    names = [name for name in table.columns if name != _NETWORK and not name.endswith(" error")]
    yield [_NETWORK, *(_heading(name, latex) for name in names)]
    for _, row in table.iterrows():
        network = _escape(row[_NETWORK]) if latex else row[_NETWORK]
        yield [network, *(form.format(row[name], row[f"{name} error"]) for name in names)]


def _heading(name, latex):
    printed = symbol(name, latex)
    return _escape(printed) if latex and printed == name else printed


def _escape(text):
    for character in "%_&#":
        text = text.replace(character, f"\\{character}")
    return text
