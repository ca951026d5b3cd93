from dataclasses import replace

from lartpc_zoo.models.scoring import Scoring
from lartpc_zoo.training.protocol import NO_PLATEAU, PLATEAUED, Condition, Evaluation, Window
from lartpc_zoo.training.records import Chosen, Results
from lartpc_zoo.training.sentences import ended_text, protocol_log

STOP = (
    Condition("minimum_before", 1500, 1700, True),
    Condition("mean_of_last", 0.5321, 0.5, True),
    Condition("window_epochs", 500, 250, True),
    Condition("minimum_epochs", 2000, 1000, True),
)
RESULTS = Results(
    status=PLATEAUED,
    iterations=2000,
    epochs=20.0,
    evaluations=8,
    minimum=Evaluation(1500, 0.5, 0.8),
    stop=STOP,
    window=Window(1250, 1750, 3, 2.5, 2.5),
    chosen=Chosen(1250, 0.51, 0.8125, "weights.h5", "ab12"),
    class_names=("electron", "muon"),
    table1_caption="",
    accuracies={},
    confusion_matrix=(),
    predictions_sha256="cd34",
)
OWN = Scoring(
    date="2030-01-02T03:04:05",
    sample="testB",
    data_fingerprint="ef56",
    events=12_345,
    complete=True,
    weights="ab12",
    id="own",
)
WINDOW_TEXT = (
    "The window holds 3 evaluations from iteration 1,250 to 1,750: 2.5 epochs before the lowest loss and 2.5 after it."
)


def test_every_step_of_the_protocol_has_its_sentence():
    assert list(protocol_log(RESULTS, [OWN])) == [
        "testA was evaluated 8 times in 2,000 iterations.",
        "Its loss was lowest at iteration 1,500: 0.5000 per event.",
        "Plateaued after 20.0 epochs.",
        "Condition minimum_before: the lowest loss, at iteration 1,500, must lie at or before 1,700 (met).",
        "Condition mean_of_last: the mean of the last losses, 0.5321, must lie above the lowest, 0.5000 (met).",
        "Condition window_epochs: it must be 250 iterations old for the window to exist, and is 500 (met).",
        "Condition minimum_epochs: 1,000 iterations must have passed, and 2,000 have (met).",
        WINDOW_TEXT,
        "The weights of iteration 1,250 have the best accuracy on testA there: 81.25 % with a loss of 0.5100.",
        "testB was scored with them on 2030-01-02: 12,345 events.",
    ]


def test_a_training_without_a_plateau_says_which_conditions_it_missed():
    stop = (replace(STOP[0], found=1900, met=False), STOP[1], replace(STOP[2], found=100, met=False), STOP[3])
    results = replace(RESULTS, status=NO_PLATEAU, stop=stop)
    text = ended_text(results)
    assert text.startswith(
        "No plateau after 20.0 epochs, the maximum: the lowest loss, at iteration 1,900, must lie at or before 1,700; "
        "it must be 250 iterations old for the window to exist, and is 100. The weights are the best of the window "
    )
    assert "a higher maximum_epochs" in text
    log = list(protocol_log(results, [OWN]))
    assert text in log
    conditions = [sentence.endswith("(not met).") for sentence in log if sentence.startswith("Condition")]
    assert conditions == [True, False, True, False]


def test_a_scoring_that_was_interrupted_is_told_with_the_date_of_the_last():
    begun = replace(OWN, date="2030-01-01T00:00:00", complete=False, id="first")
    assert list(protocol_log(RESULTS, [begun, OWN]))[-2:] == [
        "testB was scored with them on 2030-01-02: 12,345 events.",
        "That scoring was interrupted 1 time before, and begun again.",
    ]
    twice = protocol_log(RESULTS, [begun, replace(begun, date="2030-01-01T12:00:00", id="second"), OWN])
    assert list(twice)[-1] == "That scoring was interrupted 2 times before, and begun again."


def test_later_scorings_are_told_of_testb_only():
    later = replace(OWN, weights=None, date="2030-05-06T00:00:00", id="later")
    again = replace(later, date="2030-07-08T00:00:00", id="again")
    other = replace(later, sample="testA", date="2031-01-02T00:00:00", id="other")
    log = list(protocol_log(RESULTS, iter([OWN, later, other, again])))
    assert log[-1] == "testB of this or another data set was scored again with these weights on 2030-05-06, 2030-07-08."
    assert not any("2031" in sentence for sentence in log)
