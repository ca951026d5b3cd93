"""The converter: inputs (sources), what is done to every event (spool, crop), which events go where (split, selection),
in how many processes (workers), and the steps from one to the other (converter)."""

from data_tools import lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    {
        "convert": "data_tools.conversion.converter",
        "EmptyImages": "data_tools.conversion.sharing",
        "RepeatedEvents": "data_tools.conversion.sharing",
    },
)
