"""Where published weights come from: the package, the cache, or a place that the user names; always what the card says.

A place is a directory that holds NAME.weights.h5, such a file itself, or the http address of either.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import zoo_configs
from data_tools.errors import UserError
from data_tools.files import sha256_of_file, written_aside
from data_tools.location import is_url, name_of, open_stream
from lartpc_zoo.errors import CorruptWeights, NoWeights
from lartpc_zoo.pretrained.card import WEIGHTS_SUFFIX, Card

SOURCE = "LARTPC_ZOO_WEIGHTS"
"""Environment variable: the place of weights that the package does not have."""
CACHE = "LARTPC_ZOO_CACHE"
"""Environment variable: the directory of fetched weights, instead of ~/.cache/lartpc-zoo."""
_BLOCK = 1 << 20
_HDF5 = ".h5"


def find_weights(card: Card, beside: Path | None = None, source: str | None = None) -> Path:
    """Path of a file with the card's weights, whose hash was checked.

    Args:
        card: of the network.
        beside: the directory of the card, if it is not one of the package.
        source: the place of the weights (default: that of the environment variable LARTPC_ZOO_WEIGHTS). What comes from
            there is kept in the cache, so that it is needed once.

    Raises:
        NoWeights: there are none.
        CorruptWeights: they are not those of the card.
    """
    if card.weights is None:
        raise NoWeights(
            f"{card.name}: its card and its results are published, its weights are not. Train it: lartpc-zoo train "
            f"{card.network} --data DIR --output RUN --recipe {card.recipe.name}."
        )
    own = _file_beside(card, beside)
    if own.is_file():
        _check(card, sha256_of_file(own), own, "Install the package again, or get the file again.")
        return own
    cached = _cache() / f"{card.name}-{card.weights.sha256[:16]}{WEIGHTS_SUFFIX}"
    if cached.is_file() and sha256_of_file(cached) == card.weights.sha256:
        return cached
    if not (source := source or os.environ.get(SOURCE)):
        raise NoWeights(
            f"{card.name}: no {own}, and the weights were not fetched before. Say where they are, a directory, a file "
            f"or an http address: source=..., --source or the environment variable {SOURCE}. A checkout of the "
            "repository has the zoo's in weights/."
        )
    _fetch(card, _file_in(source, card), cached)
    return cached


def is_packaged(card: Card) -> bool:
    """Whether the weights of a card of the package are in the package too."""
    return _file_beside(card).is_file()


def _file_beside(card: Card, directory: Path | None = None) -> Path:
    """Where weights are that came with their card."""
    return Path(directory or zoo_configs.directory("pretrained")) / f"{card.name}{WEIGHTS_SUFFIX}"


def _fetch(card: Card, place: str, cached: Path) -> None:
    """Copy the weights into the cache, whole and with the right hash or not at all."""
    cached.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with written_aside(cached) as aside:
        with open(aside, "wb") as file:
            for block in _blocks(card, place):
                digest.update(block)
                file.write(block)
        _check(card, digest.hexdigest(), place, "Nothing was kept. Is it the file of this version of the card?")


def _blocks(card: Card, place: str) -> Iterator[bytes]:
    """The content of a file, block by block. Raises NoWeights when it cannot be read to its end."""
    try:
        with open_stream(place) as stream:
            while block := stream.read(_BLOCK):
                yield block
    except Exception as error:  # every protocol has errors of its own
        known = f"{error}" if isinstance(error, UserError) else f"{place}: {type(error).__name__}: {error}."
        raise NoWeights(
            f"{card.name}: its weights could not be fetched. {known} Nothing was kept; try again, or get "
            f"{name_of(place)} another way and give its directory as source."
        ) from error


def _check(card: Card, sha256: str, place: str | Path, advice: str) -> None:
    expected = card.weights.sha256 if card.weights else "none"
    if sha256 != expected:
        raise CorruptWeights(
            f"{place}: not the weights of {card.name}, which have the sha256 {expected[:16]}..., "
            f"but {sha256[:16]}... {advice}"
        )


def _file_in(source: str, card: Card) -> str:
    """Address or path, as text, of the weights in a place."""
    if is_url(source):
        return source if urlsplit(source).path.endswith(_HDF5) else f"{source.rstrip('/')}/{card.name}{WEIGHTS_SUFFIX}"
    path = Path(source).expanduser()
    return str(path if path.suffix == _HDF5 else path / f"{card.name}{WEIGHTS_SUFFIX}")


def _cache() -> Path:
    return Path(os.environ.get(CACHE) or "~/.cache/lartpc-zoo").expanduser()
