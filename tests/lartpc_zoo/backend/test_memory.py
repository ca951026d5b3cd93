import keras

from lartpc_zoo.backend.memory import find_meter


def test_a_peak_is_that_of_the_work_and_is_forgotten():
    _, meter = find_meter()
    before = meter(lambda: None)
    peak = meter(lambda: keras.ops.ones(25_000_000))
    assert 90 < peak - before < 300  # 100 MB, and what making them may need
    assert meter(lambda: None) < peak - 80
