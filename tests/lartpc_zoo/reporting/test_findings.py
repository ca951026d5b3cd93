import pytest

from lartpc_zoo.metrics.comparison import spread_of
from lartpc_zoo.reporting.contenders import gather
from lartpc_zoo.reporting.findings import Limit, find
from lartpc_zoo.reporting.wording import summary, verdict


def compared(contenders, margin=0.05, cost="macs"):
    spread = spread_of({contender.name: contender.accuracies for contender in contenders})
    findings = find(contenders, spread, margin, cost)
    return findings, "\n".join(summary(contenders, spread, findings))


def test_the_cheapest_of_the_equivalent_is_suggested(forge):
    runs = [forge("resnet29b_wd4", 0.90), forge("resnet14b_wd4", 0.895), forge("vgg16c_wd4", 0.60)]
    findings, text = compared(gather(runs))
    assert findings.ranking == ("resnet29b_wd4", "resnet14b_wd4", "vgg16c_wd4")
    assert findings.equivalent == ("resnet29b_wd4", "resnet14b_wd4")
    assert findings.suggested == "resnet14b_wd4"
    assert "Suggested network: resnet14b_wd4 gives 89.5 ± 1.0 % on testB, at " in text
    assert "it is functionally equivalent to the best, resnet29b_wd4, which costs 1.7 times as much" in text
    assert "Against resnet29b_wd4, the most accurate one: resnet29b_wd4 gives 90.0" in text
    assert "resnet14b_wd4 is functionally equivalent to it, that is, within 5 percentage points" in text
    assert "vgg16c_wd4 is less accurate" in text


def test_what_limits_a_verdict_is_found(forge):
    # Two seeds that differ by two percentage points say little of others, however many events there are.
    seeds = [forge("resnet29b_wd4", 0.90), forge("resnet29b_wd4", 0.88, 2), forge("resnet14b_wd4", 0.78)]
    findings, text = compared(gather(seeds))
    assert findings.undecided == {"resnet14b_wd4": Limit.SEEDS}
    assert "resnet14b_wd4 is neither shown to differ from it nor to be equivalent" in text
    # With as good as equal seeds, what is left is that of the events.
    events = [forge("vgg16c_wd4", 0.90), forge("vgg16c_wd4", 0.9, 2), forge("vgg16b_wd4", 0.898)]
    findings, text = compared(gather(events), margin=0.002)
    assert findings.undecided == {"vgg16b_wd4": Limit.EVENTS}


def test_a_margin_that_the_events_cannot_resolve_claims_nothing(forge):
    runs = [forge("resnet29b_wd4", 0.90), forge("resnet14b_wd4", 0.895)]
    findings, text = compared(gather(runs), margin=0.002)
    assert findings.equivalent == ("resnet29b_wd4",)
    assert findings.suggested == "resnet29b_wd4"
    assert "Suggested network, with reservations: resnet29b_wd4 gives 90.0" in text
    assert "it has the highest accuracy, but resnet14b_wd4 costs less and may be as good." in text
    assert "functionally equivalent" not in text
    assert verdict(findings.between("resnet14b_wd4", "resnet29b_wd4")) == "undecided"


def test_the_front_and_who_is_surpassed(forge):
    # By multiply-adds: plainresnet10b_wd4 < resnet14b_wd4 < vgg16c_wd4.
    runs = [forge("plainresnet10b_wd4", 0.7), forge("vgg16c_wd4", 0.75), forge("resnet14b_wd4", 0.9)]
    findings, text = compared(gather(runs))
    assert findings.front == ("plainresnet10b_wd4", "resnet14b_wd4")
    assert findings.surpassed == {"vgg16c_wd4": "resnet14b_wd4"}
    assert "Suggested network: resnet14b_wd4" in text
    assert "and no network that may be as good costs less" in text


def test_axes_give_the_gain_of_the_network_that_costs_more(forge):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd2", 0.85), forge("plainresnet10b_wd4", 0.7)]
    findings, text = compared(gather(runs))
    assert "Of 2 changes on one axis, 2 are decided between these trainings: see the table of axes." in text
    steps = {step.axis: step for step in findings.steps}
    assert set(steps) == {"width", "plain or bottleneck blocks"}
    width = steps["width"]
    assert (width.of_trainings.first, width.of_trainings.second) == ("resnet14b_wd2", "resnet14b_wd4")
    assert width.of_trainings.difference == pytest.approx(0.05)
    assert 3 < width.cost_ratio < 4
    assert (width.trainings, width.difference) == ((1, 1), None)


def test_another_recipe_is_no_axis_of_the_network(forge):
    runs = [forge("resnet14b_wd4", 0.8), forge("resnet14b_wd2", 0.85, recipe="other")]
    findings, _ = compared(gather(runs))
    assert findings.steps == ()
    runs.append(forge("resnet14b_wd4", 0.82, recipe="other"))
    findings, text = compared(gather(runs))
    assert sorted(step.axis for step in findings.steps) == ["recipe", "width"]
    (recipe,) = (step.of_trainings for step in findings.steps if step.axis == "recipe")
    assert (recipe.first, recipe.second) == ("resnet14b_wd4 (other)", "resnet14b_wd4 (tiny)")
    # At equal costs it goes to the better one, in whatever order the runs are given.

    (again,) = (step for step in compared(gather(runs[::-1]))[0].steps if step.axis == "recipe")
    assert again.of_trainings.first == recipe.first
    assert "resnet14b_wd2 (other)" in text


def test_a_training_without_a_plateau_is_said(forge):
    run = forge("resnet14b_wd4", 0.8)
    (run / "results.json").write_text((run / "results.json").read_text().replace('"plateaued"', '"no_plateau"'))
    _, text = compared(gather([run, forge("vgg16c_wd4", 0.7)]))
    assert "Without a plateau, at the maximum number of epochs, ended resnet14b_wd4 (seed 1)." in text


def test_of_the_trainings_the_events_decide_and_of_the_networks_the_seeds_too(forge):
    runs = [forge("resnet14b_wd4", accuracy, seed) for seed, accuracy in enumerate((0.80, 0.83, 0.86))]
    runs += [forge("resnet14b_wd2", accuracy, seed) for seed, accuracy in enumerate((0.84, 0.87, 0.90))]
    findings, text = compared(gather(runs), margin=0.01)
    (step,) = findings.steps
    assert (step.trainings, step.axis) == ((3, 3), "width")
    assert (verdict(step.of_trainings), verdict(step.difference)) == ("different", "undecided")
    assert step.of_trainings.difference == step.difference.difference == pytest.approx(0.04)
    assert "1 are decided between these trainings, 0 between the networks, whatever the seed" in text
    assert "the spread over seeds, 3.00 percentage points (standard deviation, 4 degrees of freedom" in text


def test_many_networks_are_counted_and_not_listed(forge):
    names = ["resnet29b_wd4", "resnet14b_wd4", "vgg16c_wd4", "vgg16b_wd4", "plainresnet10b_wd4"]
    runs = [forge(name, 0.9 if number == 0 else 0.6, events=500) for number, name in enumerate(names)]
    findings, text = compared(gather(runs))
    assert "4 networks are less accurate" in text
    assert len(summary(gather(runs), None, findings)) <= 5


def test_between_is_signed(forge):
    findings, _ = compared(gather([forge("resnet14b_wd4", 0.8), forge("vgg16c_wd4", 0.7)]))
    assert findings.between("resnet14b_wd4", "vgg16c_wd4").difference == pytest.approx(0.1)
    assert findings.between("vgg16c_wd4", "resnet14b_wd4").difference == pytest.approx(-0.1)


def test_what_one_training_can_say_and_what_several_can(forge):
    once = [forge("resnet14b_wd4", 0.8), forge("vgg16c_wd4", 0.79)]
    findings, text = compared(gather(once))
    assert findings.spread is None
    assert "so they hold for these weights" in text
    alone = findings.between("resnet14b_wd4", "vgg16c_wd4")
    again = [*once, forge("resnet14b_wd4", 0.83, 2)]
    findings, text = compared(gather(again))
    assert findings.spread.pooled == pytest.approx(0.03 / 2**0.5)
    assert "which is an assumption for vgg16c_wd4, trained once" in text
    assert "resnet14b_wd4 gives 81.5 ± 1.2 (events) ± 1.5 (seeds) % on testB, the mean of 2 trainings" in text
    with_spread = findings.between("resnet14b_wd4", "vgg16c_wd4")
    assert with_spread.error > 2 * alone.error
    assert with_spread.p > alone.p


def test_one_network_has_no_comparison(forge):
    contenders = gather([forge("resnet14b_wd4", 0.8)])
    assert summary(contenders, None, None) == ["resnet14b_wd4 gives 80.0 ± 1.3 % on testB."]
