import html
import json
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from data_tools.conversion import convert
from data_tools.errors import BadOption
from lartpc_zoo.errors import DataDiffers, NotARun, RunDiffers
from lartpc_zoo.metrics.accuracies import efficiencies_and_purities
from lartpc_zoo.reporting import report as reporting
from lartpc_zoo.reporting.contenders import gather
from lartpc_zoo.reporting.figures import comparison_figures
from lartpc_zoo.reporting.findings import find
from lartpc_zoo.reporting.report import report
from lartpc_zoo.training.protocol import NO_PLATEAU

TABLES = ("table1", "networks", "table2", "pairs", "axes", "seeds", "efficiency_purity", "separation")
CLASSES = ["electron", "gamma", "muon", "pion", "proton"]


@pytest.fixture(scope="module")
def runs(forge_in, tmp_path_factory):
    """Runs of three networks, one of them trained with two seeds."""
    forge = forge_in(tmp_path_factory.mktemp("runs"))
    return [
        forge("resnet14b_wd4", 0.9),
        forge("resnet14b_wd4", 0.88, 2),
        forge("plainresnet10b_wd4", 0.85),
        forge("vgg16c_wd4", 0.7),
    ]


@pytest.fixture(scope="module")
def reported(runs, tmp_path_factory):
    """The Report of the comparison of `runs`."""
    return report(runs, tmp_path_factory.mktemp("reports") / "report")


def test_a_comparison_has_every_table_and_figure_and_one_page_that_holds_all(runs, reported):
    sentences, page = reported.sentences, reported.page
    files = {path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*.*")}
    of_run = ("fig4_window", "fig6_separation", "confusion_matrix")
    names = [run.name.replace("-tiny", "") for run in runs]
    of_runs = [f"{figure}_{name}" for name in names for figure in of_run]
    shared = ["accuracy_cost", "fig5_efficiency_purity", "efficiency_momentum", "efficiency_hits"]
    assert files == {
        *("report.html", "summary.md", "efficiency_momentum.csv", "efficiency_hits.csv"),
        *(f"{table}.{kind}" for table in TABLES for kind in ("csv", "md", "tex")),
        *(f"figures/{name}.{kind}" for name in (*shared, *of_runs) for kind in ("png", "pdf")),
    }
    text = page.read_text()
    assert text.count("data:image/png;base64,") == len(shared) + len(of_runs)
    assert not re.search(r'(src|href)="(?!data:|#)', text)
    for sentence in sentences:
        assert sentence in html.unescape(text)
    assert len(sentences) <= 5
    assert text.index("data:image/png") < text.index('id="summary"') < text.index("Table 1")
    assert (page.parent / "summary.md").read_text().count("\n- ") == len(sentences)


def test_nothing_in_the_page_names_the_machine(runs, reported, finished_run):
    text = re.sub('base64,[^"]*', "", reported.page.read_text())
    start = json.loads((finished_run.directory / "environment.json").read_text())["starts"][0]
    assert not re.search(rf"\b{re.escape(start['host'])}\b", text)
    assert str(runs[0].parent) not in text
    assert start["versions"]["keras"] in text


def test_the_numbers_are_those_of_the_runs(reported):
    directory = reported.page.parent
    table = pd.read_csv(directory / "table1.csv").set_index("Network")
    assert table.loc["vgg16c_wd4", "all"] == pytest.approx(70)
    assert table.loc["resnet14b_wd4", "all"] == pytest.approx(89)
    pairs = pd.read_csv(directory / "pairs.csv").set_index(["Network", "against"])
    assert pairs.loc[("resnet14b_wd4", "vgg16c_wd4"), "difference [points]"] == pytest.approx(19)
    assert len(pairs) == 3
    seeds = pd.read_csv(directory / "seeds.csv").set_index("Network")
    assert seeds.loc["resnet14b_wd4", ["lowest [%]", "highest [%]"]].tolist() == pytest.approx([88, 90])
    bins = pd.read_csv(directory / "efficiency_momentum.csv")
    efficiency = bins[(bins["Network"] == "vgg16c_wd4") & (bins["quantity"] == "efficiency")]
    assert efficiency["events"].sum() == 1_000
    assert (efficiency["events"] * efficiency["part"]).sum() == pytest.approx(700)


def test_one_run_with_its_data_has_the_event_displays_and_no_comparison(finished_run, small_data, tmp_path):
    made = report([finished_run], tmp_path / "report", data=small_data)
    ended = ["Without a plateau"] if finished_run.results.status == NO_PLATEAU else []
    assert [sentence.split(":")[0] for sentence in made.sentences][1:] == ended
    names = {path.name for path in (tmp_path / "report").rglob("*.*")}
    assert {"fig1_event.png", "fig2_species.pdf", "fig5_efficiency_purity.png", "table1.tex"} <= names
    assert {"fig4_window.png", "fig6_separation.pdf", "confusion_matrix.png"} <= names
    assert not {"networks.csv", "pairs.csv", "axes.csv", "seeds.csv", "accuracy_cost.png"} & names
    assert "The window holds" in made.page.read_text()


def test_the_limits_of_the_data_are_those_of_a_card_of_the_same_data(reported, finished_run, tmp_path, monkeypatch):
    fingerprint = finished_run.trained_on.fingerprint
    unknown = f"nothing is known here of how the data set {fingerprint[:12]} was made"
    for path in (reported.page, reported.page.with_name("summary.md")):
        assert unknown in path.read_text()
    cards = [
        SimpleNamespace(data=finished_run.trained_on, limits="Made in the kitchen."),
        SimpleNamespace(data=finished_run.trained_on, limits="Made in the kitchen."),
        SimpleNamespace(data=SimpleNamespace(fingerprint="another"), limits="Of other data."),
    ]
    monkeypatch.setattr(reporting, "cards", lambda: cards)
    page = report([finished_run], tmp_path / "report").page
    for path in (page, page.with_name("summary.md")):
        assert "Limits of the data: Made in the kitchen." in path.read_text()
        assert path.read_text().count("kitchen") == 1
        assert "Of other data" not in path.read_text()


def test_what_cannot_be_reported(forge, copy_of_small_data, larcv2_256, tmp_path):
    run = forge("resnet14b_wd4", 0.9)
    with pytest.raises(BadOption, match="Cost 'forward' is not known of resnet14b_wd4. It comes from a profile"):
        report([run], tmp_path / "report", cost="forward")
    with pytest.raises(BadOption, match="Cost 'money': expected one of macs, parameters"):
        report([run], tmp_path / "report", cost="money")
    with pytest.raises(BadOption, match="Margin 0: expected percentage points above 0"):
        report([run], tmp_path / "report", margin=0)
    with pytest.raises(NotARun, match=r"no config\.yaml"):
        report([tmp_path / "nothing"], tmp_path / "report")
    other = convert(larcv2_256, tmp_path / "other", ["testB"], down_sample=2)
    with pytest.raises(DataDiffers, match="Give the data set of the training, or none"):
        report([run], tmp_path / "report", data=other)
    assert not (tmp_path / "report").exists()


def test_events_of_one_momentum_have_no_figure_of_it(forge, change_predictions, tmp_path):
    run = forge("resnet14b_wd4", 0.9, events=50)
    change_predictions(run, lambda table: table.assign(momentum=300.0))
    page = report([run], tmp_path / "report").page
    assert not list(page.parent.rglob("efficiency_momentum*"))
    assert (page.parent / "efficiency_hits.csv").is_file()


def test_a_report_replaces_a_report_and_nothing_else(forge, tmp_path):
    run = forge("resnet14b_wd4", 0.9, events=50)
    page = report([run], tmp_path / "report").page
    (page.parent / "figures" / "fig9_of_a_former_report.png").write_text("stale")
    report([run], tmp_path / "report")
    assert page.is_file()
    assert not (page.parent / "figures" / "fig9_of_a_former_report.png").exists()
    with pytest.raises(RunDiffers, match="holds something else than a report, which would be lost"):
        report([run], run)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([run.name, "report"])


def test_more_networks_than_a_figure_has_room_for(forge, tmp_path):
    networks = ["resnet14b_wd4", "resnet29b_wd4", "resnet50b_wd4", "plainresnet10b_wd4", "plainresnet12b_wd4"]
    networks += ["plainresnet18b_wd4", "plainresnet20b_wd4"]
    contenders = gather([forge(name, 0.7 + 0.02 * n, events=200) for n, name in enumerate(networks)])
    (tmp_path / "figures").mkdir()
    efficiencies = {one.name: efficiencies_and_purities(one.predictions[0], CLASSES) for one in contenders}
    shown = comparison_figures(
        tmp_path / "figures", contenders, find(contenders, None, 0.01, "macs"), efficiencies, CLASSES
    )
    captions = {one.name: one.caption for one in shown}
    left_out = "6 of 7 networks are drawn; all are in efficiency_momentum.csv."
    assert captions["efficiency_momentum"].endswith(left_out)
    assert pd.read_csv(tmp_path / "efficiency_momentum.csv")["Network"].nunique() == 7
