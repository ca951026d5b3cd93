import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lartpc_zoo.backend import rows
from lartpc_zoo.backend.rows import capacities, first_rows, gather_rows, with_rows_of_zeros

X = np.arange(12, dtype=np.float32).reshape(4, 3)

numbers = st.lists(st.integers(0, 10**6), min_size=1, max_size=7)


@given(numbers, st.booleans())
def test_there_is_always_a_row_of_zeros_and_not_many_more(sites, on_jax):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "is_jax", lambda: on_jax)
        found = capacities(sites)
    assert all(capacity > number for capacity, number in zip(found, sites, strict=True))
    if not on_jax:
        assert all(capacity <= 1.07 * number + 9 for capacity, number in zip(found, sites))


def test_like_batches_have_few_shapes(monkeypatch):
    batches = [[int(number * (0.9 + 0.01 * step)) for number in (12000, 5500, 2900, 1640)] for step in range(20)]
    assert len({capacities([batch[0]])[0] for batch in batches}) < 8
    monkeypatch.setattr(rows, "is_jax", lambda: True)
    tied = {tuple(capacities(batch)) for batch in batches}
    assert 1 < len(tied) < 4


def test_rows_are_gathered_by_number():
    table = np.array([[3, 0], [1, 3]], np.int32)
    assert np.array_equal(gather_rows(X, table), X[table])


def test_the_first_rows_come_back_with_rows_of_zeros_behind_them():
    real, mask = first_rows(X, np.array([2], np.int32))
    assert mask is None
    assert np.array_equal(real, X[:2])
    assert np.array_equal(with_rows_of_zeros(real, mask, X), [*X[:2], [0, 0, 0], [0, 0, 0]])


def test_on_jax_all_rows_stay_and_a_mask_says_which_are_meant(monkeypatch):
    monkeypatch.setattr(rows, "is_tensorflow", lambda: False)
    same, mask = first_rows(X, np.array([2], np.int32))
    assert np.array_equal(same, X)
    assert np.array_equal(mask, [1, 1, 0, 0])
    assert np.array_equal(with_rows_of_zeros(X + 1, mask, X), [*(X[:2] + 1), [0, 0, 0], [0, 0, 0]])
