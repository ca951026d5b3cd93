"""Effects of a detector by name, as zoo_configs/effects has them, or from a file of one's own."""

from pathlib import Path

from data_tools.configs import read_config
from data_tools.detector.combination import Effects
from data_tools.detector.disturbance import Disturbance
from data_tools.errors import Argument, BadEffects, BadOption, UnknownEffects
from data_tools.record import read_record


def load_effects(name: str | Path) -> Effects:
    """The Effects of a name in zoo_configs/effects, or of the path of a YAML file.

    Raises:
        UnknownEffects: there is neither.
        BadEffects: the file is not one of effects.

    Example:
        >>> data_tools.load_effects("dead_wires").dead_wires
        DeadWires(fraction=0.1, together=1)
    """
    content, where, _ = read_config("effect", name, UnknownEffects, BadEffects)
    return read_record(Effects, content, where, BadEffects)


def parse_disturbance(text: str | None, seed: int = 0) -> Disturbance | None:
    """The Disturbance of a text NAME[:STRENGTH], as in 'noise:0.5'; None of None.

    Raises:
        BadOption: the strength is not a number from 0 to 1.
        UnknownEffects, BadEffects: as load_effects.
    """
    if text is None:
        return None
    name, _, strength = text.rpartition(":") if _ends_in_a_number(text) else (text, "", "1")
    effects = load_effects(name)
    try:
        return Disturbance(effects, float(strength), seed, Path(name).stem)
    except ValueError as error:
        raise BadOption(Argument("effect", text), f": {error}") from error


def _ends_in_a_number(text: str) -> bool:
    try:
        float(text.rpartition(":")[2])
    except ValueError:
        return False
    return ":" in text
