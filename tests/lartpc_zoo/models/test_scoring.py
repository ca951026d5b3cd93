import datetime
from dataclasses import replace

from lartpc_zoo.models.scoring import Scoring, begin_scoring, latest

FIRST = Scoring(date="2030-01-02T03:04:05+00:00", sample="testB", data_fingerprint="ab12", events=10, id="first")


def test_a_scoring_begins_now_with_what_it_looks_at(small_data):
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    scoring = begin_scoring(small_data.fingerprint, "testA", 10, "sites", weights="cd34")
    begun = datetime.datetime.fromisoformat(scoring.date)
    assert before <= begun <= datetime.datetime.now(datetime.UTC)
    assert begun.utcoffset() == datetime.timedelta(0)
    assert (scoring.sample, scoring.events, scoring.weights) == ("testA", 10, "cd34")
    assert scoring.execution == "sites"
    assert scoring.data_fingerprint == small_data.fingerprint
    assert (scoring.complete, scoring.accuracy) == (False, None)


def test_two_scorings_that_begin_in_the_same_second_are_two(small_data):
    first, second = (begin_scoring(small_data.fingerprint, "testA", 10, "images") for _ in range(2))
    assert first.id != second.id
    assert latest([first, second]) == [first, second]


def test_the_end_of_a_scoring_changes_nothing_else():
    ended = FIRST.ended(0.75)
    assert (ended.complete, ended.accuracy, ended.id) == (True, 0.75, "first")
    assert replace(ended, complete=False, accuracy=None) == FIRST
    assert FIRST.ended().accuracy is None


def test_of_every_scoring_the_last_entry_counts_in_the_order_in_which_they_began():
    second = replace(FIRST, id="second", sample="testA")
    record = [FIRST, second, second.ended(0.5), FIRST.ended(0.75)]
    assert [(one.id, one.accuracy) for one in latest(record)] == [("first", 0.75), ("second", 0.5)]


def test_a_scoring_that_never_ended_stays_on_record():
    assert [one.complete for one in latest([FIRST, replace(FIRST, id="second").ended()])] == [False, True]


def test_scorings_of_early_versions_have_no_id_and_are_each_their_own():
    early = replace(FIRST, id="", complete=True)
    assert latest(iter([early, early, FIRST])) == [early, early, FIRST]
