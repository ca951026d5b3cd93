import builtins

import numpy as np
import pandas as pd
import pytest
import uproot
from scipy.special import log_softmax

from lartpc_zoo.errors import MissingExtra
from lartpc_zoo.metrics.formats import FORMATS
from lartpc_zoo.metrics.predictions import averaged, prediction_table, write_predictions
from lartpc_zoo.metrics.table_files import check_format

LOGITS = np.random.default_rng(0).normal(0, 3, (50, 4)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 4, 50)
EVENTS = pd.DataFrame({"run": 1, "subrun": np.arange(50) // 7, "event": np.arange(50), "label": LABELS})
CLASSES = ["electron", "gamma", "shower-like", "d"]


def read_root(path):
    with uproot.open(path) as file:
        return file["predictions"].arrays(library="pd")


READERS = {"csv.gz": pd.read_csv, "parquet": pd.read_parquet, "root": read_root}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_gives_the_same_table_back(format_, tmp_path):
    table = prediction_table(EVENTS, LOGITS, CLASSES)
    path = tmp_path / f"predictions.{format_}"
    write_predictions(path, table, format_)
    back = READERS[format_](path)
    assert list(back.columns) == list(table.columns)
    pd.testing.assert_frame_equal(back, table, check_dtype=False, rtol=1e-8)
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


def test_several_networks_say_the_class_with_the_highest_mean_score():
    sure, unsure, other = np.log([[0.9, 0.1]]), np.log([[0.55, 0.45]]), np.log([[0.2, 0.8]])
    event, classes = EVENTS.head(1), ["a", "b"]
    of_two = averaged([prediction_table(event, logits, classes) for logits in (sure, other)], classes)
    assert (of_two.loc[0, "prediction"], *of_two.loc[0, ["score_a", "score_b"]]) == pytest.approx((0, 0.55, 0.45))
    of_three = averaged([prediction_table(event, logits, classes) for logits in (unsure, other, other)], classes)
    assert of_three.loc[0, "prediction"] == 1
    assert of_three.columns.tolist() == of_two.columns.tolist()


def test_a_root_tree_has_the_branches_an_index_is_built_from(tmp_path):
    write_predictions(tmp_path / "p.root", prediction_table(EVENTS, LOGITS, CLASSES), "root")
    with uproot.open(tmp_path / "p.root") as file:
        types = file["predictions"].typenames()
        assert file["predictions"].num_entries == 50
    assert [types[name] for name in ("run", "subrun", "event")] == ["int64_t"] * 3
    assert types["score_electron"] == "double"


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "pyarrow":
            raise ModuleNotFoundError(name=name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"\.\[parquet\]"):
        check_format("parquet")
    check_format("root")


def test_scores_add_up_to_one_and_the_highest_is_the_prediction():
    table = prediction_table(pd.DataFrame({"label": LABELS}), LOGITS, ["a", "b", "c", "d"])
    scores = table.filter(like="score_").to_numpy()
    assert np.allclose(scores.sum(axis=1), 1)
    assert np.array_equal(scores.argmax(axis=1), table["prediction"])
    assert np.allclose(np.log(scores[np.arange(50), LABELS]), log_softmax(LOGITS, axis=1)[np.arange(50), LABELS])
