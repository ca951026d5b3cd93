"""Cards as text: one of them whole, and all of them as the league table."""

from collections.abc import Iterable, Sequence

from data_tools.particles import TOTAL, symbol
from data_tools.record import plain
from lartpc_zoo.backend.environment import Environment
from lartpc_zoo.cli.text.tables import rendered
from lartpc_zoo.metrics.efficiency import Accuracy
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.pretrained.card import Card, ChosenEvaluation, Training
from lartpc_zoo.pretrained.weights import SOURCE, is_packaged

_WIDTH = 110


def league_text(cards: Iterable[Card]) -> str:
    """The league table: a line per card, the best first, with accuracies on testB in percent and costs for one image.

    Cards of different data sets cannot be compared: each data set has a table of its own.
    """
    groups: dict[object, list[Card]] = {}
    for card in cards:
        groups.setdefault((card.data.fingerprint, card.limits), []).append(card)
    return "\n".join(_league(group) for group in groups.values()) or "No pretrained network matches.\n"


def _league(cards: Sequence[Card]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    first = cards[0]
    events = first.testB.accuracies[TOTAL].events
    rows, cols, _ = first.input_shape
    title = f"testB accuracy in %, {events:,} events of {rows} x {cols} pixels, data set {first.data.fingerprint[:12]}"
    table = Table(title=title, box=SIMPLE_HEAD)
    table.add_column("name", no_wrap=True)
    for column in (*map(symbol, (*first.classes, TOTAL)), "parameters", "mult-adds", "weights"):
        table.add_column(column, justify="right", no_wrap=True)
    for card in cards:
        table.add_row(
            card.name,
            *(_percent(card.testB.accuracies.get(name)).partition(" ")[0] for name in first.classes),
            _percent(card.testB.accuracies[TOTAL]),
            f"{card.parameters / 1e6:.2f} M",
            f"{card.costs.macs / 1e9:.2f} G" if card.costs else "",
            _where(card),
        )
    notes = [f"Limits: {first.limits}", "`lartpc-zoo card NAME` says the rest."]
    if any(card.weights and not is_packaged(card) for card in cards):
        notes.append(f"Weights 'elsewhere': say where with --source or the environment variable {SOURCE}.")
    return rendered(table, _WIDTH) + "\n".join(notes)


def _where(card: Card) -> str:
    if card.weights is None:
        return "none"
    return "package" if is_packaged(card) else "elsewhere"


def _percent(accuracy: Accuracy | None) -> str:
    if accuracy is None:
        return ""
    return f"{100 * accuracy.accuracy:.1f} ± {100 * accuracy.error:.1f}"


def card_text(card: Card) -> str:
    """A card as text: what the network takes and gives, what it was trained on and how, and how well."""
    data, training, chosen = card.data, card.training, card.training.chosen
    adc = ", ".join(f"{key} {value}" for key, value in plain(data.adc).items() if value is not None)
    pixel = " x ".join(f"{side:g}" for side in data.pixel_cm) + " cm" if data.pixel_cm else "unknown"
    lines = [
        f"{card.name}: {card.network}, {card.parameters:,} parameters",
        f"  classes   {', '.join(f'{name} ({_codes(codes)})' for name, codes in data.classes)}",
        *_costs(card),
        f"  input     images of {' x '.join(map(str, card.input_shape))}, planes {', '.join(map(str, data.planes))}",
        f"            pixel {pixel} (drift, wires); ADC: {adc}",
        f"            inside the model: {_inputs(card.inputs)}",
        f"  data      fingerprint {data.fingerprint}",
        f"            {', '.join(f'{name} {events:,}' for name, events in data.samples.items())} events",
        f"  training  recipe {card.recipe.name}, seed {card.seed}: {_ended(training)}",
        f"            weights of iteration {chosen.iteration:,}: testA {_at(chosen)}",
        *(f"  begun with {_environment(start)}" for start in card.made_with.before),
        f"  made with {_environment(card.made_with)}",
        f"  weights   {_weights(card)}",
        f"  licence   {card.licence}",
        f"  limits    {card.limits}",
        "testB:",
        *(f"  {line}" for line in _testb(card).splitlines()),
    ]
    return "\n".join(lines)


def _costs(card: Card) -> list[str]:
    if card.costs is None:
        return []
    dense = card.costs.dense_macs
    active = f" at the active pixels of its data, {dense / 1e9:.3g} G at all" if dense else ""
    return [f"  costs     {card.costs.macs / 1e9:.3g} G multiply-adds per image{active}"]


def _ended(training: Training) -> str:
    return f"{training.status.replace('_', ' ')} after {training.epochs:.1f} epochs"


def _at(chosen: ChosenEvaluation) -> str:
    return f"loss {chosen.testA_loss:.4f}, accuracy {100 * chosen.testA_accuracy:.2f} %"


def _environment(environment: Environment) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in environment.versions.items())
    devices = ", ".join(environment.devices or ["unknown device"])
    return f"{versions}; Keras on {environment.keras_backend}, {devices}"


def _testb(card: Card) -> str:
    """Accuracies with their errors beside the confusion matrix in events."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("true class", box=SIMPLE_HEAD)
    for column in ("events", "accuracy %", *(f"as {symbol(name)}" for name in card.classes)):
        table.add_column(column, justify="right")
    for name, row in zip(card.classes, card.testB.confusion_matrix):
        accuracy = card.testB.accuracies.get(name)
        table.add_row(name, f"{sum(row):,}", _percent(accuracy), *(f"{count:,}" for count in row))
    whole = card.testB.accuracies[TOTAL]
    table.add_row(TOTAL, f"{whole.events:,}", _percent(whole))
    return rendered(table, _WIDTH)


def _weights(card: Card) -> str:
    if card.weights is None:
        return "not published"
    return f"{card.weights.bytes / 1e6:.1f} MB, sha256 {card.weights.sha256}"


def _codes(codes: Iterable[int]) -> str:
    return ", ".join(f"{code:+d}" for code in codes)


def _inputs(inputs: InputSpec) -> str:
    parts = [f"{name} {value}" for name, value in plain(inputs).items() if value is not None]
    return ", ".join(parts)
