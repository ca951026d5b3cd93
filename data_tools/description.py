"""What a network depends on of the data it was trained on, as runs and cards hold it."""

from dataclasses import dataclass, field

from data_tools.record import Record


@dataclass(frozen=True)
class Adc(Record):
    """What was done to ADC, and so what an ADC value of the converted images means.

    Attributes:
        unit: of the values.
        down_sample: so many pixels in a row and in a column were summed into one, which raises ADC.
        threshold: hits below it were dropped, after down-sampling; None: none were.
        crop: (rows, cols) of the window that was kept, None without one.
    """

    unit: str = "ADC"
    down_sample: int = 1
    threshold: float | None = None
    crop: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class DataDescription(Record):
    """A converted data set, as its manifest describes it.

    Attributes:
        fingerprint: hex SHA-256 of the content.
        sources: hex SHA-256 of the files it was made from.
        classes: (name, PDG codes) in the order of labels.
        image_shape: (rows, cols, planes).
        planes: plane ids in the order of channels.
        pixel_cm: (drift, wire) size of a pixel in cm, None where it is not known.
        adc: what an ADC value means.
        samples: events of each sample.
    """

    fingerprint: str
    sources: tuple[str, ...] = ()
    classes: tuple[tuple[str, tuple[int, ...]], ...]
    image_shape: tuple[int, int, int]
    planes: tuple[int, ...]
    # Runs did not always know it, and it follows from the content.
    pixel_cm: tuple[float, float] | None = field(default=None, compare=False)
    adc: Adc = field(default_factory=Adc)
    samples: dict[str, int] = field(default_factory=dict)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in the order of labels."""
        return tuple(name for name, _ in self.classes)
