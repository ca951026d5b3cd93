"""testA during one training: with batch normalisation's moving statistics, and with re-estimated ones.

Usage: python benchmarks/normalization_curve.py DIR [--epochs 12] [--output normalization]

DIR is a converted data set with samples train and testA. These statistics do not act on a training, only on what is
evaluated, so one training gives both curves. After every 250 iterations the same weights score testA twice. Writes
OUTPUT.csv and OUTPUT.png, and prints for both curves the largest fall of accuracy from one evaluation to the next.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import click
import keras
import pandas as pd
from matplotlib.figure import Figure

import data_tools
import lartpc_zoo
from lartpc_zoo.metrics import scores
from lartpc_zoo.models.normalization import Normalization, PreciseStatistics
from lartpc_zoo.plots import style
from lartpc_zoo.training.batches import feed_of
from lartpc_zoo.training.trainer import compile_for_training

_INTERVAL = 250
_RECIPE = "quickstart"
_MOVING, _ESTIMATED = "moving statistics", "re-estimated statistics"


class ScoreTwice(keras.callbacks.Callback):
    """Scores testA with both kinds of statistics; the moving ones are put back afterwards."""

    def __init__(self, network, feed, output):
        super().__init__()
        self._network, self._feed, self._output = network, feed, output
        self._estimator = PreciseStatistics(network, feed.statistics_steps)
        self._layers = [layer for layer in network.layers if isinstance(layer, Normalization)]
        self.rows = []

    def on_epoch_end(self, epoch, logs=None):
        moving = [layer.get_weights() for layer in self._layers]
        row = {"iteration": (epoch + 1) * _INTERVAL} | self._score(_MOVING)
        self._estimator.estimate(self._feed.statistics())
        row |= self._score(_ESTIMATED)
        for layer, weights in zip(self._layers, moving):
            layer.set_weights(weights)
        self.rows.append(row)
        pd.DataFrame(self.rows).to_csv(f"{self._output}.csv", index=False, float_format="%.5g")
        print(row, flush=True)

    def _score(self, kind):
        labels = self._feed.test_labels
        logits = scores.logits_of(self._network, self._feed.test(), len(labels))
        return {
            f"accuracy, {kind}": scores.accuracy(logits, labels),
            f"loss, {kind}": float(scores.cross_entropy(logits, labels).mean()),
        }


def _figure(table, iterations_per_epoch, title, path):
    with style.in_style():
        figure = Figure(figsize=(style.COLUMN_WIDTH, 3.2), layout="constrained")
        axes = figure.add_subplot()
        for kind, look in ((_MOVING, {"color": style.VERMILION, "marker": "s"}), (_ESTIMATED, {"color": style.BLUE})):
            epochs = table["iteration"] / iterations_per_epoch
            axes.plot(
                epochs, 100 * table[f"accuracy, {kind}"], **{"marker": "o", "ms": 3, "lw": 1.2, **look}, label=kind
            )
        axes.set(xlabel="Epoch", ylabel="testA accuracy [%]")
        axes.set_title(title, fontsize=9)
        axes.legend(frameon=False)
        style.save(figure, path)


@click.command(context_settings={"show_default": True})
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--network", default="resnet29b_wd4")
@click.option("--epochs", default=12)
@click.option("--dtype", default="auto")
@click.option("--seed", default=1)
@click.option("--output", default="normalization")
def main(directory, network, epochs, dtype, seed, output):
    data = data_tools.open_dataset(directory)
    recipe = lartpc_zoo.load_recipe(_RECIPE)
    keras.utils.set_random_seed(seed)
    model = lartpc_zoo.create_model(network, data.image_shape, len(data.classes), recipe.inputs, dtype)
    trained = compile_for_training(model, recipe)
    feed = feed_of(data, recipe, seed, trained, trained)
    scoring = ScoreTwice(model, feed, output)
    iterations_per_epoch = feed.train_events / recipe.batch_size
    trained.model.fit(
        feed.training(0),
        steps_per_epoch=_INTERVAL,
        epochs=int(epochs * iterations_per_epoch) // _INTERVAL,
        callbacks=[scoring],
        verbose=0,
    )
    table = pd.DataFrame(scoring.rows)
    rows, cols, _ = data.image_shape
    title = f"{network}, {rows} x {cols}, {feed.train_events:,} train and {len(feed.test_labels):,} testA events"
    _figure(table, iterations_per_epoch, title, Path(f"{output}.png"))
    print("| evaluated with | best accuracy | last accuracy | largest fall between two evaluations |")
    print("| --- | ---: | ---: | ---: |")
    for kind in (_MOVING, _ESTIMATED):
        accuracy = 100 * table[f"accuracy, {kind}"]
        print(f"| {kind} | {accuracy.max():.1f} | {accuracy.iloc[-1]:.1f} | {-accuracy.diff().min():.1f} |")


if __name__ == "__main__":
    main()
