import pytest

from lartpc_zoo.metrics.comparison import spread_of
from lartpc_zoo.reporting.contenders import gather
from lartpc_zoo.reporting.findings import Limit, find
from lartpc_zoo.reporting.wording import summary, verdict


def compared(contenders, margin=0.05, cost="macs"):
    spread = spread_of({contender.name: contender.accuracies for contender in contenders})
    findings = find(contenders, spread, margin, cost)
    return findings, "\n".join(summary(contenders, spread, findings))


def test_the_cheapest_of_the_equivalent_is_suggested_and_the_blanks_are_filled(forge):
    runs = [forge("resnet29b_wd4", 0.90), forge("resnet14b_wd4", 0.895), forge("vgg16c_wd4", 0.60)]
    findings, text = compared(gather(runs))
    assert findings.ranking == ("resnet29b_wd4", "resnet14b_wd4", "vgg16c_wd4")
    assert findings.equivalent == ("resnet29b_wd4", "resnet14b_wd4")
    assert findings.suggested == "resnet14b_wd4"
    assert "Networks resnet29b_wd4 and resnet14b_wd4 give functionally equivalent performance" in text
    assert "with gains in network resnet14b_wd4 in resource consumption" in text
    assert "The ResNet with the highest accuracy is resnet29b_wd4, 90.0 %." in text
    assert "The VGG with the highest accuracy is vgg16c_wd4" in text
    assert findings.families == {"ResNet": "resnet29b_wd4", "VGG": "vgg16c_wd4"}


def test_what_limits_a_verdict_is_advised(forge):
    # Two seeds that differ by two percentage points say little of others, however many events there are.
    seeds = [forge("resnet29b_wd4", 0.90), forge("resnet29b_wd4", 0.88, 2), forge("resnet14b_wd4", 0.78)]
    findings, text = compared(gather(seeds))
    assert findings.undecided == {"resnet14b_wd4": Limit.SEEDS}
    assert "The data show neither that it differs from resnet29b_wd4 nor that it is equivalent to it." in text
    assert "more seeds would help" in text
    # With as good as equal seeds, what is left is that of the events.
    events = [forge("vgg16c_wd4", 0.90), forge("vgg16c_wd4", 0.9, 2), forge("vgg16b_wd4", 0.898)]
    findings, text = compared(gather(events), margin=0.002)
    assert findings.undecided == {"vgg16b_wd4": Limit.EVENTS}
    assert "more events of testB would help" in text


def test_a_margin_that_the_events_cannot_resolve_claims_nothing(forge):
    runs = [forge("resnet29b_wd4", 0.90), forge("resnet14b_wd4", 0.895)]
    findings, text = compared(gather(runs), margin=0.002)
    assert findings.equivalent == ("resnet29b_wd4",)
    assert findings.suggested == "resnet29b_wd4"
    assert "No other network is shown to be functionally equivalent" in text
    assert "Undecided: resnet14b_wd4." in text
    reason = "it has the highest accuracy, but resnet14b_wd4 costs less and may be as good."
    assert f"with reservations: resnet29b_wd4; {reason}" in text
    assert "The number of events limits this: more events of testB would help." in text
    assert "functionally equivalent performance" not in text
    assert verdict(findings.between("resnet14b_wd4", "resnet29b_wd4")) == "undecided"


def test_the_front_and_who_is_surpassed(forge):
    # By multiply-adds: plainresnet10b_wd4 < resnet14b_wd4 < vgg16c_wd4.
    runs = [forge("plainresnet10b_wd4", 0.7), forge("vgg16c_wd4", 0.75), forge("resnet14b_wd4", 0.9)]
    findings, text = compared(gather(runs))
    assert findings.front == ("plainresnet10b_wd4", "resnet14b_wd4")
    assert findings.surpassed == {"vgg16c_wd4": "resnet14b_wd4"}
    assert (
        "vgg16c_wd4 is surpassed: resnet14b_wd4 costs no more and is significantly better, by 15.00 percentage points."
        in text
    )


def test_the_best_of_a_family_is_compared_with_the_earlier_networks(forge):
    runs = [forge("resnet14b_wd4", 0.9), forge("resnet29b_wd4", 0.8), forge("googlenet_wd2", 0.7)]
    findings, text = compared(gather(runs))
    assert [(one.first, one.second) for one in findings.references] == [("resnet14b_wd4", "googlenet_wd2")]
    assert "resnet14b_wd4 against googlenet_wd2: +20.00 ± " in text
    assert "(different), at " in text


def test_axes_give_the_gain_of_the_network_that_costs_more(forge):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd2", 0.85), forge("plainresnet10b_wd4", 0.7)]
    findings, _ = compared(gather(runs))
    steps = {step.axis: step for step in findings.steps}
    assert set(steps) == {"width", "plain or bottleneck blocks"}
    width = steps["width"]
    assert (width.difference.first, width.difference.second) == ("resnet14b_wd2", "resnet14b_wd4")
    assert width.difference.difference == pytest.approx(0.05)
    assert 3 < width.cost_ratio < 4


def test_another_recipe_is_no_axis_of_the_network(forge):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd2", 0.85, recipe="other")]
    findings, _ = compared(gather(runs))
    assert findings.steps == ()
    runs.append(forge("resnet14b_wd4", 0.82, recipe="other"))
    findings, text = compared(gather(runs))
    assert sorted(step.axis for step in findings.steps) == ["recipe", "width"]
    assert "resnet14b_wd2 (other) gives 85.0" in text


def test_a_training_without_a_plateau_is_said(forge):
    run = forge("resnet14b_wd4", 0.8)
    (run / "results.json").write_text((run / "results.json").read_text().replace('"plateaued"', '"no_plateau"'))
    _, text = compared(gather([run, forge("vgg16c_wd4", 0.7)]))
    assert "Without a plateau: resnet14b_wd4 (seed 1)." in text


def test_spreads_that_differ_are_said(forge):
    runs = [forge("resnet14b_wd4", accuracy, seed) for seed, accuracy in enumerate((0.80, 0.801, 0.802))]
    runs += [forge("vgg16c_wd4", accuracy, seed) for seed, accuracy in enumerate((0.7, 0.8, 0.9))]
    _, text = compared(gather([*runs, forge("resnet29b_wd4", 0.85)]))
    assert "percentage points: resnet14b_wd4 0.10, vgg16c_wd4 10.00; Bartlett's p " in text
    assert "of resnet29b_wd4, trained once, nothing can be said" in text
    assert "resnet29b_wd4 gives 85.0 ± 1.1 % on testB." in text


def test_between_is_signed(forge):
    findings, _ = compared(gather([forge("resnet14b_wd4", 0.8), forge("vgg16c_wd4", 0.7)]))
    assert findings.between("resnet14b_wd4", "vgg16c_wd4").difference == pytest.approx(0.1)
    assert findings.between("vgg16c_wd4", "resnet14b_wd4").difference == pytest.approx(-0.1)


def test_what_one_training_can_say_and_what_several_can(forge):
    once = [forge("resnet14b_wd4", 0.8), forge("vgg16c_wd4", 0.79)]
    findings, text = compared(gather(once))
    assert findings.spread is None
    assert "this holds for these weights" in text
    alone = findings.between("resnet14b_wd4", "vgg16c_wd4")
    again = [*once, forge("resnet14b_wd4", 0.83, 2)]
    findings, text = compared(gather(again))
    assert findings.spread.pooled == pytest.approx(0.03 / 2**0.5)
    assert "for vgg16c_wd4, trained once, that is an assumption" in text
    assert "resnet14b_wd4 gives 81.5 ± 1.2 (events) ± 1.5 (seeds) % on testB, the mean of 2 trainings." in text
    with_spread = findings.between("resnet14b_wd4", "vgg16c_wd4")
    assert with_spread.error > 2 * alone.error
    assert with_spread.p > alone.p


def test_one_network_has_no_comparison(forge):
    contenders = gather([forge("resnet14b_wd4", 0.8)])
    assert summary(contenders, None, None) == ["resnet14b_wd4 gives 80.0 ± 1.3 % on testB."]
