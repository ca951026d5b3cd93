"""Several effects of a detector on one event, as recipes and files name them."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from data_tools.detector.additions import NoiseHits, Tracks
from data_tools.detector.charge import Attenuation, Gain, Noise, Saturation, WireGain
from data_tools.detector.effect import Effect, EventHits
from data_tools.detector.losses import DeadWires, LostHits, MissingPlane, Threshold
from data_tools.detector.response import Broadening
from data_tools.detector.window import Shift
from data_tools.index import Shape
from data_tools.record import Record


@dataclass(frozen=True)
class Effects(Record):
    """Effects of a detector, in the order in which they act: from the argon to the computer.

    Attributes:
        shift: of the window around the event.
        tracks: of other particles.
        attenuation: of charge along the drift.
        broadening: of charge over pixels.
        gain: of planes.
        wire_gain: of single wires.
        noise: on hits.
        saturation: of charge.
        noise_hits: where there was nothing.
        threshold: of hits.
        dead_wires: single ones, or groups.
        dead_regions: the same again, for regions beside single wires.
        missing_plane: a plane without hits.
        lost_hits: missing ones.

    Example:
        >>> effects = Effects(gain=Gain(0.03), lost_hits=LostHits(0.1))
        >>> effects.apply(hits, (288, 288, 3), seed=(1, 7))
    """

    shift: Shift | None = None
    tracks: Tracks | None = None
    attenuation: Attenuation | None = None
    broadening: Broadening | None = None
    gain: Gain | None = None
    wire_gain: WireGain | None = None
    noise: Noise | None = None
    saturation: Saturation | None = None
    noise_hits: NoiseHits | None = None
    threshold: Threshold | None = None
    dead_wires: DeadWires | None = None
    dead_regions: DeadWires | None = None
    missing_plane: MissingPlane | None = None
    lost_hits: LostHits | None = None

    def __bool__(self) -> bool:
        return any(self._chosen())

    def apply(
        self, hits: EventHits, image_shape: Shape, seed: tuple[int, ...], strength: float | None = 1.0
    ) -> EventHits:
        """The hits of an event with all effects, a function of the arguments alone.

        Args:
            hits: of the event.
            image_shape: (rows, cols, planes).
            seed: whole numbers from 0; the random numbers of an effect do not depend on which others there are.
            strength: of every effect, see Effect.apply; None: of each effect at random from 0 to 1.
        """
        for name, effect in self._chosen():
            random = np.random.default_rng((*seed, zlib.crc32(name.encode())))
            drawn = random.random()
            hits = effect.apply(hits, image_shape, random, drawn if strength is None else strength)
        return hits

    def _chosen(self) -> Iterator[tuple[str, Effect]]:
        for field in fields(self):
            if isinstance(effect := getattr(self, field.name), Effect):
                yield field.name, effect
