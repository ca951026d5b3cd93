"""The report of a study: Table 2 where it is not yet measured, then the comparison of all its runs."""

from collections.abc import Sequence
from pathlib import Path

import data_tools
from data_tools.errors import UserError
from lartpc_zoo.errors import StudyIncomplete
from lartpc_zoo.profiling.profile import profile
from lartpc_zoo.profiling.record import NAME, load_profile
from lartpc_zoo.reporting.costs import COST, MARGIN
from lartpc_zoo.reporting.report import Report, report
from lartpc_zoo.training.study import Study


def report_study(
    study: Study,
    runs: Sequence[Path],
    data: str | Path,
    output: str | Path,
    margin: float = MARGIN,
    cost: str = COST,
    measure_costs: bool = True,
) -> Report:
    """Measure Table 2 where it is not yet measured, and report on the finished runs.

    Args:
        study: the study.
        runs: directories of its finished runs.
        data: directory of the data set.
        output: of the study; the profile goes to OUTPUT/profile, the report to OUTPUT/report.
        margin: as for `report`.
        cost: as for `report`.
        measure_costs: False leaves Table 2 out.

    Raises:
        StudyIncomplete: Table 2 could not be measured; the report was made without it.
        UserError: as `report` raises it.
    """
    directory = Path(output) / "report"
    try:
        profile_of_all = _profile(study, data, Path(output) / "profile") if measure_costs else None
    except UserError as error:
        page = report(runs, directory, data=data, margin=margin).page
        raise StudyIncomplete(f"Table 2 could not be measured: {error} {page} is without it.") from error
    return report(runs, directory, data=data, profile=profile_of_all, margin=margin, cost=cost)


def _profile(study: Study, data: str | Path, directory: Path) -> Path:
    """The directory of a profile of the study's networks on the data, measured if it is not there yet."""
    if (directory / NAME).is_file():
        known = load_profile(directory)
        same_data = known.data == data_tools.open_dataset(data).fingerprint
        if same_data and set(study.networks) <= set(known.networks):
            return directory
    profile(study.networks, data=data, output=directory)
    return directory
