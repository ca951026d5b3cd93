"""Reading a LArCV2 file into sparse events, and converting it, against uproot reading the pixels alone.

Usage: python benchmarks/read_larcv.py [FILE]      (default: the demo sample)

Readers have the file open; the conversion does everything. uproot reads `_image_v._img` with library="np" in steps of
five events, its fastest way in bounded memory. 'decompression alone' is what no reader on one core can go below. On
more than one core, data_tools decompresses the next basket while it looks for the hits of this one; `taskset -c 0` in
front of the command shows one core alone.
"""

import contextlib
import io
import statistics
import sys
import tempfile
from pathlib import Path

import uproot
from pairs import PAIRS, compare, print_table

from data_tools import convert
from data_tools.readers import open_file
from data_tools.readers.larcv.baskets import BasketReader

_DEMO = Path(__file__).parents[1] / "examples" / "data" / "singles_demo_288.root"
_UPROOT_STEP = 5
_UPROOT, _EVENTS = "uproot, pixels only", "data_tools, sparse events with truth"
_CONVERSION, _DECOMPRESSION = "lartpc-convert, from file to data set", "decompression alone"


def pixels(path):
    """The branch of the pixels, with nothing cached."""
    file = uproot.open(path, array_cache=None, object_cache=None)
    (name,) = (key for key in file.keys(cycle=False) if key.startswith("image2d_"))
    return next(branch for key, branch in file[name].iteritems() if key.endswith("_image_v._img"))


def _read_with_uproot(branch):
    for start in range(0, branch.num_entries, _UPROOT_STEP):
        branch.array(library="np", entry_start=start, entry_stop=start + _UPROOT_STEP)


def _read_events(reader):
    for _ in reader.events():
        pass


def _decompress(path, branch):
    reader = BasketReader(path)
    for number in range(branch.num_baskets):
        reader.read(branch, number)


def _convert(path):
    with tempfile.TemporaryDirectory() as directory, contextlib.redirect_stderr(io.StringIO()):
        convert(path, Path(directory) / "data", ["all"])


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else _DEMO
    reader, branch = open_file(path), pixels(path)
    taken = compare(
        {
            _UPROOT: lambda: _read_with_uproot(branch),
            _EVENTS: lambda: _read_events(reader),
            _CONVERSION: lambda: _convert(path),
            _DECOMPRESSION: lambda: _decompress(path, branch),
        }
    )
    print(f"{path.name}: {reader.entries} events of {' x '.join(map(str, reader.shape))}, median of {PAIRS} rounds\n")
    print_table(taken, reader.entries, _UPROOT)
    for name in (_EVENTS, _CONVERSION):
        share = statistics.median(a / b for a, b in zip(taken[_DECOMPRESSION], taken[name]))
        print(f"\n{name}: decompression alone takes {100 * share:.0f} % as long.", end="")
    print()


if __name__ == "__main__":
    main()
