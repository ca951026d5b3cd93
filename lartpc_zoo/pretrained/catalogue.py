"""The cards of the package, and those that a user has."""

import fnmatch
from pathlib import Path

import zoo_configs
from lartpc_zoo.errors import BadCard, NotARun, NoWeights, UnknownNetwork, did_you_mean
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.pretrained.card import SUFFIX, Card, read_card


def card(name: str | Path) -> Card:
    """The card of a published network.

    Args:
        name: as in list_models(pretrained=True), or the path of a NAME.card.yaml of one's own.

    Raises:
        NoWeights: there is no such card.
        BadCard: it is not whole.

    Example:
        >>> lartpc_zoo.card("resnet14b_wd4").parameters  # doctest: +SKIP
        508949
    """
    return find_card(name)[0]


def cards(pattern: str = "*") -> list[Card]:
    """The cards of the package whose names match a glob, those with the best accuracy on testB first."""
    paths = sorted(zoo_configs.directory("pretrained").glob(f"*{SUFFIX}"))
    names = fnmatch.filter([path.name.removesuffix(SUFFIX) for path in paths], pattern)
    return sorted((card(name) for name in names), key=lambda card: -card.accuracy)


def check_trained(what: str | Path) -> None:
    """Raise NotARun where there is neither a directory, as of a run, nor a pretrained network or card of this name."""
    if Path(what).is_dir():
        return
    try:
        find_card(what)
    except NoWeights as error:
        raise NotARun(f"{what}: no such directory, so it is not that of a run. {error}") from error


def find_card(name: str | Path) -> tuple[Card, Path | None]:
    """The card of a name or path, and the directory where its weights may be beside it (None of the package's)."""
    if str(name).endswith(SUFFIX):
        if not Path(name).is_file():
            raise NoWeights(f"{name}: no such card.")
        return _read(Path(name)), Path(name).parent
    directory = zoo_configs.directory("pretrained")
    path = directory / f"{name}{SUFFIX}"
    if path.parent != directory or not path.is_file():
        raise NoWeights(_no_card(name))
    return _read(path), None


def _no_card(name: str | Path) -> str:
    names = [card.name for card in cards()]
    text = f"No pretrained network {str(name)!r}: there are {', '.join(names)}; or give the path of a NAME{SUFFIX}."
    try:
        parse_network(str(name))
    except UnknownNetwork:
        return text + did_you_mean(str(name), names)
    return text + " The zoo has a network of this name: create_model gives it with random weights, `train` trains it."


def _read(path: Path) -> Card:
    card = read_card(path.read_text(encoding="utf-8"), path)
    if path.name != card.file_name:
        raise BadCard(f"{path}: the file of this card is called {card.file_name}; rename it.")
    return card
