import keras
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util.tensor_util import make_ndarray

from lartpc_zoo.training.callbacks import WriteTensorBoard


def row(iteration):
    keys = ("train_loss_with_penalty", "learning_rate", "testA_loss", "testA_accuracy")
    return {"iteration": iteration, **dict.fromkeys(keys, 1 / iteration)}


def written(directory, tag):
    """{iteration: value} of a tag in the one file of a directory."""
    (file,) = directory.iterdir()
    events = EventFileLoader(str(file)).Load()
    values = [(event.step, value) for event in events for value in event.summary.value if value.tag == tag]
    return {step: make_ndarray(value.tensor).item() for step, value in values}


def test_tensorboard_has_every_evaluation_also_those_before_an_interruption(tmp_path):
    (tmp_path / "tensorboard" / "validation").mkdir(parents=True)
    (tmp_path / "tensorboard" / "validation" / "events.of.an.earlier.start").write_text("")
    callback = WriteTensorBoard(tmp_path / "tensorboard", interval=10, history=[row(10), row(20)])
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_end(2, {"loss": 0.5, "val_loss": 0.25, "val_accuracy": 0.75})
    callback.on_train_end()
    assert written(tmp_path / "tensorboard" / "validation", "epoch_loss") == pytest.approx(
        {10: 0.1, 20: 0.05, 30: 0.25}
    )
    assert written(tmp_path / "tensorboard" / "validation", "epoch_accuracy")[30] == 0.75
    assert written(tmp_path / "tensorboard" / "train", "epoch_loss")[20] == pytest.approx(0.05)
