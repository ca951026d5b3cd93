import subprocess

from click.testing import CliRunner

from lartpc_zoo.cli.main import main


def test_from_a_study_to_its_report(study_file, small_data, tmp_path, monkeypatch):
    path, out = study_file(), tmp_path / "out"

    def study(*options):
        command = ["study", str(path), "--data", str(small_data.directory), "--output", str(out), *options]
        return CliRunner().invoke(main, command)

    assert study("--list").stdout.strip().endswith("plainresnet10b_wd16-tiny-seed1  not begun")
    assert study("--job", "0").exit_code == 0
    assert study("--list").stdout.strip().endswith("plainresnet10b_wd16-tiny-seed1  finished")
    assert not (out / "report").exists()
    # All are finished: nothing is trained any more.
    monkeypatch.setattr(subprocess, "Popen", None)
    result = study("--no-profile")
    assert result.exit_code == 0
    assert "plainresnet10b_wd16 gives" in result.stdout
    assert (out / "report" / "report.html").is_file()
    assert (out / "report" / "figures" / "fig1_event.png").is_file()


def test_a_cost_that_will_not_be_known_is_refused_before_anything_is_trained(study_file, small_data, tmp_path):
    options = ["--data", str(small_data.directory), "--output", str(tmp_path / "out"), "--no-profile"]
    for cost, message in (("forward", "--no-profile leaves out"), ("money", "'money' is not one of 'macs'")):
        result = CliRunner().invoke(main, ["study", str(study_file()), *options, "--cost", cost])
        assert result.exit_code == 2
        assert message in result.stderr
    assert not (tmp_path / "out").exists()
