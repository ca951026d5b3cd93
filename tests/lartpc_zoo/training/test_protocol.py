import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lartpc_zoo.training.protocol import NO_PLATEAU, PLATEAUED, Protocol, ProtocolSettings

# The study's numbers: 500 iterations per epoch, an evaluation every 250.
EPOCH, INTERVAL = 500, 250


def run(losses, accuracies=None, epoch=EPOCH, **settings):
    """A Protocol told the losses at 250, 500, ... until it stops or they end."""
    protocol = Protocol(ProtocolSettings(evaluation_interval=INTERVAL, **settings), epoch)
    accuracies = accuracies or [0.5] * len(losses)
    for number, (loss, accuracy) in enumerate(zip(losses, accuracies), start=1):
        if protocol.record(number * INTERVAL, loss, accuracy):
            break
    return protocol


def valley(bottom, rise=0.01, length=400):
    """Falls to evaluation number `bottom` (from 1), then rises."""
    return [1 - 0.001 * min(n, bottom) + rise * max(0, n - bottom) for n in range(1, length + 1)]


def test_stops_when_the_minimum_lies_at_85_percent():
    # Minimum at evaluation 60 = iteration 15,000: n must reach 15,000 / 0.85 = 17,647, so it is 17,750.
    protocol = run(valley(60))
    assert protocol.status == PLATEAUED
    assert protocol.minimum.iteration == 15_000
    assert protocol.iteration == 17_750


def test_stops_only_when_the_window_exists():
    # Minimum at iteration 7,500: 85% would allow 9,000, five epochs after it is 10,000.
    assert run(valley(30)).iteration == 10_000


def test_a_minimum_at_the_start_waits_for_ten_epochs():
    protocol = run(valley(1))
    assert (protocol.minimum.iteration, protocol.iteration, protocol.status) == (250, 5_000, PLATEAUED)
    assert [evaluation.iteration for evaluation in protocol.window] == list(range(250, 2_751, 250))


def test_a_minimum_too_late_means_more_training():
    # At every step the minimum so far lies within the last 15%: it falls on and on until the maximum.
    protocol = run(valley(10_000, length=1_000), maximum_epochs=40)
    assert protocol.status == NO_PLATEAU
    assert protocol.iteration == 20_000
    assert protocol.window[0].iteration == 17_500
    assert protocol.window[-1].iteration == 20_000


def test_never_rising_but_flat_has_no_plateau_above_the_minimum():
    protocol = run([0.7] * 200, maximum_epochs=50)
    assert protocol.status == NO_PLATEAU
    assert protocol.minimum.iteration == 250


def test_of_equal_minima_the_earliest_counts():
    losses = valley(10)
    losses[19] = losses[9]
    assert run(losses).minimum.iteration == 2_500


def test_a_noisy_curve_stops_by_the_mean_of_the_last_three():
    # Ever new small minima would end with a lower last loss; the mean of three above the minimum is what counts.
    losses = [1.0] * 10 + [0.5] + [0.5, 0.5, 0.5] * 20
    assert run(losses, maximum_epochs=30).status == NO_PLATEAU
    noisy = [0.6 + 0.05 * math.sin(7 * n) for n in range(10)] + [0.5] + [0.5, 0.5, 0.56] * 20
    protocol = run(noisy)
    assert protocol.status == PLATEAUED
    assert protocol.minimum.iteration == 11 * INTERVAL


def test_a_new_minimum_moves_the_window():
    losses = valley(10, length=18) + [0.1] + [0.9] * 100
    protocol = run(losses)
    assert protocol.minimum.iteration == 19 * INTERVAL
    assert protocol.window[0].iteration == 19 * INTERVAL - 5 * EPOCH
    assert protocol.window[-1].iteration == 19 * INTERVAL + 5 * EPOCH


def test_the_choice_is_the_best_accuracy_in_the_window_then_the_lower_loss_then_the_earlier():
    losses, accuracies = valley(30), [0.6] * 400
    accuracies[5] = 0.99  # outside of the window
    accuracies[25] = accuracies[33] = accuracies[36] = 0.8
    protocol = run(losses, accuracies)
    # 26 (loss 0.974) lies lower than 34 (1.01) and 37.
    assert protocol.choice().iteration == 26 * INTERVAL
    losses[33] = losses[36] = losses[25] = 0.98
    assert run(losses, accuracies).choice().iteration == 26 * INTERVAL


def test_a_large_regularisation_term_does_not_matter_because_it_is_not_in_the_loss():
    # Cross-entropy rises after its minimum while a penalty, falling, hides the rise in the sum.
    cross_entropy = valley(30)
    total = [loss + 100 / n for n, loss in enumerate(cross_entropy, start=1)]
    assert run(cross_entropy).status == PLATEAUED
    assert run(total, maximum_epochs=25).minimum.iteration > run(cross_entropy).minimum.iteration


def test_epochs_need_not_be_whole_numbers_of_iterations():
    protocol = run(valley(30), epoch=333.3)
    assert protocol.iteration - protocol.minimum.iteration >= 5 * 333.3
    assert all(abs(e.iteration - protocol.minimum.iteration) <= 5 * 333.3 for e in protocol.window)


curves = st.lists(st.floats(0.0625, 5, width=32), min_size=1, max_size=120)


@given(curves, curves)
def test_whatever_the_curve_no_weights_of_the_final_window_were_given_up(losses, scores):
    protocol = Protocol(ProtocolSettings(INTERVAL, maximum_epochs=40), EPOCH)
    on_disk = set()
    for number, loss in enumerate(losses, start=1):
        status = protocol.record(number * INTERVAL, loss, scores[number % len(scores)] / 5)
        on_disk = (on_disk | {protocol.iteration}) & set(protocol.weights_to_keep())
        assert protocol.iteration in protocol.weights_to_keep() or status
        # Two windows of 10 epochs at most.
        assert len(on_disk) <= 2 * (2 * 5 * EPOCH // INTERVAL + 1)
        if status:
            break
    assert {evaluation.iteration for evaluation in protocol.window} <= on_disk
    assert protocol.choice().iteration in on_disk
    if protocol.status == PLATEAUED:
        n, minimum = protocol.iteration, protocol.minimum
        assert minimum.iteration <= 0.85 * n
        assert n - minimum.iteration >= 5 * EPOCH
        assert n >= 10 * EPOCH
        assert sum(e.loss for e in protocol.evaluations[-3:]) / 3 > minimum.loss


@given(curves, st.integers(0, 119))
def test_a_restored_protocol_goes_on_as_if_nothing_had_happened(losses, cut):
    whole = run(losses)
    protocol = Protocol(whole.settings, EPOCH)
    for number, loss in enumerate(losses, start=1):
        if number == cut:
            state = protocol.state()
            protocol = Protocol(whole.settings, EPOCH)
            protocol.restore(state)
        if protocol.record(number * INTERVAL, loss, 0.5):
            break
    assert protocol.state() == whole.state()
    assert protocol.weights_to_keep() == whole.weights_to_keep()


@given(curves)
def test_it_never_ends_before_the_earliest_end_and_the_conditions_say_why(losses):
    protocol = Protocol(ProtocolSettings(INTERVAL, maximum_epochs=40), EPOCH)
    earliest = protocol.earliest_end
    for number, loss in enumerate(losses, start=1):
        status = protocol.record(number * INTERVAL, loss, 0.5)
        assert (status == PLATEAUED) == all(condition.met for condition in protocol.conditions())
        if status:
            assert protocol.iteration >= earliest
            break
        earliest = protocol.earliest_end


def test_the_earliest_end_is_met_when_no_lower_minimum_comes():
    protocol = run(valley(60))
    before = Protocol(protocol.settings, EPOCH, protocol.evaluations[:68])
    assert before.earliest_end == protocol.iteration == 17_750
    # 15,000 lies at 88 % of 17,000, and four epochs back.
    assert [condition.name for condition in before.conditions() if not condition.met] == [
        "minimum_before",
        "window_epochs",
    ]


def test_evaluations_come_in_order_and_have_a_loss():
    protocol = Protocol(ProtocolSettings(INTERVAL), EPOCH)
    protocol.record(250, 1.0, 0.5)
    with pytest.raises(ValueError, match="at iteration 250 after one at 250"):
        protocol.record(250, 1.0, 0.5)
    with pytest.raises(ValueError, match="is nan"):
        protocol.record(500, math.nan, 0.5)


@pytest.mark.parametrize(
    "fault", [{"evaluation_interval": 0}, {"minimum_before": 0}, {"minimum_epochs": 9, "maximum_epochs": 8}]
)
def test_settings_that_cannot_be(fault):
    with pytest.raises(ValueError, match="expected"):
        ProtocolSettings(**fault)
