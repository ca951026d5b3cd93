"""The training engine: keras.Model.fit in pieces of one evaluation interval, from any iterable of batches.

After every interval the weights, or their averages, are copied to a network in float32 and its statistics of
normalisation re-estimated; it is evaluated on testA, saved and offered to the protocol. Then the exact state is saved,
so that the same command goes on after an interruption.
"""

import math
from dataclasses import replace
from typing import Any

import keras

from lartpc_zoo.backend.group import is_first, shared
from lartpc_zoo.backend.interruption import EndWhenAsked
from lartpc_zoo.backend.updates import compile_updates
from lartpc_zoo.errors import BadRecipe
from lartpc_zoo.models.execution import Executed
from lartpc_zoo.models.executions import AUTO
from lartpc_zoo.training.auxiliary import trained_network
from lartpc_zoo.training.batches import Feed
from lartpc_zoo.training.callbacks import Evaluate, WriteTensorBoard
from lartpc_zoo.training.progress import ShowProgress
from lartpc_zoo.training.protocol import Protocol
from lartpc_zoo.training.recipe import Recipe
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.state import load_variables


@keras.saving.register_keras_serializable("lartpc_zoo")
class InverseDecay(keras.optimizers.schedules.LearningRateSchedule):
    """base * (1 + gamma * iteration) ** -power: no preset end (Caffe's 'inv')."""

    def __init__(self, base: float, gamma: float, power: float) -> None:
        self.base, self.gamma, self.power = base, gamma, power

    def __call__(self, step: Any) -> Any:
        return self.base * (1.0 + self.gamma * keras.ops.cast(step, "float32")) ** -self.power

    def get_config(self) -> dict[str, Any]:
        return {"base": self.base, "gamma": self.gamma, "power": self.power}


def compile_for_training(network: keras.Model, recipe: Recipe, execution: str = AUTO) -> Executed:
    """A network as it is trained: its model is compiled, and has the weights of the network. Raises BadRecipe.

    The network itself stays without optimizer and auxiliary heads, so that its saved weights are its own only. To be
    called in the scope of the devices. execution: as of lartpc_zoo.models.execution.executed.
    """
    rate = recipe.learning_rate
    schedule = InverseDecay(rate.base, rate.gamma, rate.power)
    try:
        # By its name in keras.optimizers: keras.optimizers.get does not know all of them.
        optimizer = getattr(keras.optimizers, recipe.optimizer.class_name)(schedule, **recipe.optimizer.config)
    except (AttributeError, TypeError, ValueError) as error:
        raise BadRecipe(
            f"Recipe {recipe.name}: optimizer: Keras has no {recipe.optimizer.class_name} with the arguments "
            f"{recipe.optimizer.config} ({error}). See keras.io/api/optimizers."
        ) from error
    ran, loss = trained_network(network, recipe.dtype, execution)
    model = keras.Model(ran.model.input, ran.model.output)
    if recipe.l2:
        for weight in model.trainable_variables:
            if weight.name == "kernel":
                weight.regularizer = keras.regularizers.L2(recipe.l2)
    model.compile(optimizer, loss)
    optimizer.build(model.trainable_variables)
    compile_updates(optimizer, model.trainable_variables)
    return replace(ran, model=model)


def check_interval(feed: Feed, recipe: Recipe) -> None:
    """Raise BadRecipe when the training would be over before its first evaluation."""
    interval, most = recipe.protocol.evaluation_interval, _new_protocol(feed, recipe).maximum_iterations
    if interval > most:
        raise BadRecipe(
            f"Recipe {recipe.name}: an evaluation every {interval} iterations, but maximum_epochs is reached after "
            f"{most} ({feed.train_events} train events in batches of {recipe.batch_size}). Lower evaluation_interval."
        )


def train_network(
    trained: Executed,
    measured: Executed,
    feed: Feed,
    recipe: Recipe,
    run: RunDirectory,
    tensorboard: bool = False,
) -> Protocol:
    """Train until the protocol stops; returns the Protocol. Raises TrainingDiverged.

    trained: of compile_for_training. measured: the same network in float32, which is given the weights to evaluate and
    to save. Goes on from the state in `run` (a RunDirectory) where there is one. To be called in the
    scope of the devices.
    """
    protocol = _new_protocol(feed, recipe)
    history, model = [], trained.model
    if (saved := shared(run.load_state)) is not None:
        variables, content = saved
        load_variables(model, variables)
        protocol.restore(content["protocol"])
        history = content["history"]
        # An interruption between the state and these leaves them one evaluation behind.
        shared(lambda: run.bring_up_to_date(protocol.weights_to_keep(), history))
    interval = recipe.protocol.evaluation_interval
    if protocol.status is None:
        with ShowProgress(protocol, recipe.batch_size) as progress:
            callbacks = [progress, Evaluate(trained.network, measured, feed, protocol, history, run, progress)]
            callbacks.append(EndWhenAsked())
            if tensorboard and is_first():
                callbacks.append(WriteTensorBoard(run.tensorboard, interval, history))
            model.fit(
                feed.training(protocol.iteration),
                steps_per_epoch=interval,
                initial_epoch=protocol.iteration // interval,
                epochs=math.ceil(protocol.maximum_iterations / interval),
                callbacks=callbacks,
                shuffle=False,
                verbose=0,
            )
    return protocol


def _new_protocol(feed: Feed, recipe: Recipe) -> Protocol:
    return Protocol(recipe.protocol, feed.train_events / recipe.batch_size)
