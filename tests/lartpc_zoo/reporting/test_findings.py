import pytest

from lartpc_zoo.evaluation.comparison import pooled_spread
from lartpc_zoo.reporting.contenders import gather
from lartpc_zoo.reporting.findings import find
from lartpc_zoo.reporting.wording import summary, verdict


def compared(contenders, margin=0.05, cost="macs"):
    spread = pooled_spread([contender.accuracies for contender in contenders])
    findings = find(contenders, spread, margin, cost)
    return findings, "\n".join(summary(contenders, spread, findings))


def test_the_cheapest_of_the_equivalent_is_suggested_and_the_blanks_are_filled(forge):
    runs = [forge("resnet29b_wd4", 0.90), forge("resnet14b_wd4", 0.895), forge("vgg16c_wd4", 0.60)]
    findings, text = compared(gather(runs))
    assert findings.ranking == ("resnet29b_wd4", "resnet14b_wd4", "vgg16c_wd4")
    assert findings.equivalent == ("resnet29b_wd4", "resnet14b_wd4")
    assert findings.suggested == "resnet14b_wd4"
    assert "Networks resnet29b_wd4 and resnet14b_wd4 give functionally equivalent high performance" in text
    assert "with gains in network resnet14b_wd4 in resource consumption" in text
    assert "The best ResNet is resnet29b_wd4" in text
    assert "The best VGG is vgg16c_wd4" in text
    assert findings.families == {"ResNet": "resnet29b_wd4", "VGG": "vgg16c_wd4"}


def test_a_margin_that_the_events_cannot_resolve_claims_nothing(forge):
    runs = [forge("resnet29b_wd4", 0.90), forge("resnet14b_wd4", 0.895)]
    findings, text = compared(gather(runs), margin=0.002)
    assert findings.equivalent == ("resnet29b_wd4",)
    assert findings.suggested == "resnet29b_wd4"
    assert "No other network is shown to be functionally equivalent" in text
    assert "Undecided: resnet14b_wd4." in text
    assert "with reserve: it is not shown to be better than resnet14b_wd4, which costs less." in text
    assert "functionally equivalent high performance" not in text
    assert verdict(findings.between("resnet14b_wd4", "resnet29b_wd4")) == "undecided"


def test_the_front_and_who_is_surpassed(forge):
    # By multiply-adds: plainresnet10b_wd4 < resnet14b_wd4 < vgg16c_wd4.
    runs = [forge("plainresnet10b_wd4", 0.7), forge("vgg16c_wd4", 0.75), forge("resnet14b_wd4", 0.9)]
    findings, text = compared(gather(runs))
    assert findings.front == ("plainresnet10b_wd4", "resnet14b_wd4")
    assert findings.surpassed == {"vgg16c_wd4": "resnet14b_wd4"}
    assert "vgg16c_wd4 is surpassed: resnet14b_wd4 costs no more and is significantly better." in text


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
    assert findings.spread.deviation == pytest.approx(0.03 / 2**0.5)
    assert "vgg16c_wd4 was trained once" in text
    assert "resnet14b_wd4 gives 81.5 ± 1.2 (events) ± 1.5 (seeds) % on testB, the mean of 2 trainings." in text
    with_spread = findings.between("resnet14b_wd4", "vgg16c_wd4")
    assert with_spread.error > 2 * alone.error
    assert with_spread.p > alone.p


def test_one_network_has_no_comparison(forge):
    contenders = gather([forge("resnet14b_wd4", 0.8)])
    assert summary(contenders, None, None) == ["resnet14b_wd4 gives 80.0 ± 1.3 % on testB."]
