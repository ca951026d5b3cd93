import pytest

from data_tools.errors import WorkerLost
from lartpc_zoo.errors import StudyIncomplete
from lartpc_zoo.reporting import study as reports
from lartpc_zoo.reporting.report import Report
from lartpc_zoo.reporting.study import report_study
from lartpc_zoo.training.study import load_study


def test_without_table_2_there_is_a_report_and_an_error(study_file, small_data, tmp_path, monkeypatch):
    def lost(*arguments, **options):
        raise WorkerLost("the process was killed.")

    def report(runs, output, **options):
        made.append(options)
        return Report((), output / "report.html")

    made = []
    monkeypatch.setattr(reports, "profile", lost)
    monkeypatch.setattr(reports, "report", report)
    with pytest.raises(
        StudyIncomplete, match=r"Table 2 could not be measured: the process was killed.*report\.html is with"
    ):
        report_study(load_study(study_file()), ["run"], small_data.directory, tmp_path, margin=1.0)
    assert made == [{"data": small_data.directory, "margin": 1.0}]
