import numpy as np
import pytest

from data_tools.errors import UnknownEvent, UnknownSample
from data_tools.inspection import NO_CLASS, WITHOUT_TRUTH, open_events, summarize


def test_a_file_is_summarized_as_its_content_says(larcv2_256, truth_of):
    truth = truth_of("larcv2_256")
    summary = summarize(open_events(larcv2_256))
    assert summary.events == dict.fromkeys(("electron", "gamma", "muon", "pion", "proton"), 8)
    hits = np.array([np.count_nonzero(truth.image(entry), axis=(0, 1)) for entry in range(40)])
    assert summary.hits["Y"][2] == np.median(hits[:, 2])
    assert summary.adc_histogram.sum() == hits.sum()
    values = np.concatenate([truth.image(entry)[truth.image(entry) != 0] for entry in range(40)])
    assert summary.adc[2] == pytest.approx(np.median(values), abs=1)
    momenta = np.hypot(np.hypot(truth.fields["px"], truth.fields["py"]), truth.fields["pz"])
    assert sorted(np.concatenate(list(summary.momentum.values()))) == pytest.approx(sorted(momenta))


def test_a_sample_of_a_data_set(small_data):
    events = open_events(small_data.directory, "testA")
    assert events.size == 10
    assert summarize(events).events == small_data.sample("testA").events_per_class
    table = small_data.events("testA")
    event, label = events.get(3)
    assert (event.entry, label) == (table.entry[3], table.label[3])


@pytest.mark.parametrize(
    ("name", "noticed", "left_out"),
    [
        ("larcv2_nan.root", {"bad-pixels": 4}, {}),
        ("larcv2_mismatch.root", {}, {"mismatch": 3}),
        ("larcv2_accum.root", {"accumulated": 9}, {}),
        ("larcv2_missing_plane.root", {"missing-plane": 6}, {}),
    ],
)
def test_defects_are_counted_and_stop_nothing(name, noticed, left_out, fixture_file):
    summary = summarize(open_events(fixture_file(name)))
    assert summary.flags == noticed
    assert summary.left_out == left_out


def test_events_of_no_class(fixture_file):
    assert summarize(open_events(fixture_file("larcv2_unknown_pdg.root"))).events[NO_CLASS] == 6
    assert summarize(open_events(fixture_file("larcv1_detector_3.root"))).events == {WITHOUT_TRUTH: 3}


@pytest.mark.parametrize("number", [-1, 40, 1000])
def test_an_event_that_is_not_there(number, larcv2_256):
    with pytest.raises(UnknownEvent, match=f"no event {number}; it has 0 to 39"):
        open_events(larcv2_256).get(number)


def test_an_event_that_cannot_be_shown(fixture_file):
    events = open_events(fixture_file("larcv2_mismatch.root"))
    left_out = [number for number in range(30) if number not in [number for number, _, _ in events]]
    with pytest.raises(UnknownEvent, match=f"event {left_out[0]} cannot be shown: images and truth that do not belong"):
        events.get(left_out[0])


def test_a_file_has_no_samples(larcv2_256, small_data):
    with pytest.raises(UnknownSample, match="is a file, which has no samples"):
        open_events(larcv2_256, "train")
    with pytest.raises(UnknownSample, match="has no sample 'tran'"):
        open_events(small_data.directory, "tran")
