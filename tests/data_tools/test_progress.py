from data_tools.progress import bar


def test_a_bar_goes_to_standard_error_and_ends_at_its_total(capsys):
    with bar("Counting", 3) as advance:
        advance()
        advance(2, note="done")
    out, err = capsys.readouterr()
    assert out == ""
    assert "Counting" in err and "3/3" in err and "done" in err


def test_bytes_are_shown_as_megabytes(capsys):
    with bar("Hashing", 2_500_000, unit="bytes") as advance:
        advance(2_500_000)
    assert "2.5/2.5 MB" in capsys.readouterr().err
