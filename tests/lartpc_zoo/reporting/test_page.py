import base64

from matplotlib.figure import Figure

from lartpc_zoo.plots.style import save_both
from lartpc_zoo.reporting.figures import Shown
from lartpc_zoo.reporting.page import write_page

EMPTY = dict.fromkeys(("title", "limits", "data", "made_with"), "") | {"opening": None}
EMPTY |= {"summary": [], "tables": [], "trainings": []}


def test_figures_are_in_the_page_in_their_own_size_and_text_is_no_markup(tmp_path):
    save_both(Figure(figsize=(2, 1)), tmp_path, "figure")
    shown = [Shown("figure", "a < b")]
    write_page(tmp_path / "page.html", tmp_path, **{**EMPTY, "figures_of_all": shown, "limits": "<b>none</b>"})
    text = (tmp_path / "page.html").read_text()
    assert base64.b64encode((tmp_path / "figure.png").read_bytes()).decode() in text
    assert f"width: {(2 * 135)}px" in text
    assert "a &lt; b" in text
    assert "&lt;b&gt;none" in text
