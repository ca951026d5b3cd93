"""Pretrained weights on another sample with classes of its own: showers and tracks from a few hundred events.

python examples/fine_tune.py                # the bundled demo sample, a minute on two cores

The backbone of a pretrained network gets a new last layer for two classes. First that layer alone is trained, then all
of them at a low rate. Beside it the same network is trained from random weights, on the same events and as long.
"""

from pathlib import Path

import click
import keras

import data_tools
import lartpc_zoo
from data_tools.cli.command import clean_errors

DEMO = Path(__file__).parent / "data" / "singles_demo_288.root"
CLASSES = ["shower=11,22", "track=13,-211,211,2212"]
BATCH, EPOCHS = 20, 5


@click.command(context_settings={"show_default": True})
@click.option("--data", default=DEMO, show_default="the bundled demo sample", type=Path, help="LArCV file.")
@click.option("--network", default="resnet14b_wd4", help="A pretrained network: lartpc-zoo list --pretrained.")
@click.option("--events", default=200, help="Events to train on, half of them showers.")
@click.option("--test-events", default=1000, help="Events to test on.")
@click.option("--output", default="runs", type=Path, help="Folder for the converted data and the weights.")
@clean_errors
def main(data, network, events, test_events, output):
    """Fine-tune a pretrained network on showers and tracks, and compare with one from random weights."""
    down_sample = lartpc_zoo.card(network).data.adc.down_sample
    samples = [f"train={events}", f"test={test_events}"]
    dataset = data_tools.convert(
        data,
        output / f"shower-track-{data.stem}-{events}-{test_events}",
        samples,
        down_sample=down_sample,
        classes=CLASSES,
    )
    print(dataset)
    keras.utils.set_random_seed(1)
    tuned = lartpc_zoo.create_model(network, weights="pretrained", num_classes=len(CLASSES))
    for rate, trainable in ((1e-2, False), (5e-4, True)):
        for layer in tuned.layers[:-1]:
            layer.trainable = trainable
        fit(tuned, dataset, rate)
    scratch = lartpc_zoo.create_model(network, dataset.image_shape, num_classes=len(CLASSES))
    for rate in (2e-3, 5e-4):
        fit(scratch, dataset, rate)
    labels = dataset.hits("test").label
    for name, model in (("fine-tuned", tuned), ("from random weights", scratch)):
        right = lartpc_zoo.score(model, dataset, "test").argmax(axis=1) == labels
        print(f"{name}: {100 * right.mean():.1f} % of {len(right):,} events right")
    tuned.save(output / f"{network}-shower-track.keras")


def fit(network, dataset, rate):
    """Train a network for some epochs at one learning rate, with plain Keras."""
    ran = lartpc_zoo.executed(network)  # a submanifold network on sites where that is faster
    batches = ran.batches(dataset)("train", BATCH, training=True, mirror=True, cache=True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    ran.model.compile(keras.optimizers.AdamW(rate), loss, metrics=["accuracy"])
    ran.model.fit(batches, steps_per_epoch=dataset.size("train") // BATCH, epochs=EPOCHS, shuffle=False, verbose=0)


if __name__ == "__main__":
    main()
