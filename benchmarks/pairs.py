"""What the benchmarks share: alternating runs, medians, and a table of ratios.

Machines are noisy: a time is only worth something beside another one of the same run. So the ways that are compared
take turns, and what counts is the median of the ratios of the pairs.
"""

import statistics
import time

PAIRS = 5


def seconds(function):
    """How long one call takes."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def compare(ways, pairs=PAIRS):
    """{name: [seconds of each round]} of {name: function}; every way is run once before, unmeasured."""
    for function in ways.values():
        function()
    taken = {name: [] for name in ways}
    for _ in range(pairs):
        for name, function in ways.items():
            taken[name].append(seconds(function))
    return taken


def ratio(taken, slower, faster):
    """Median of the ratios of the pairs: how many times faster `faster` is."""
    return statistics.median(a / b for a, b in zip(taken[slower], taken[faster]))


def print_table(taken, events, against):
    """One Markdown row per way: median ms per event, and how many times faster than the way `against`."""
    print(f"| way | ms per event | faster than {against} |")
    print("| --- | ---: | ---: |")
    for name, rounds in taken.items():
        print(f"| {name} | {1e3 * statistics.median(rounds) / events:.2f} | {ratio(taken, against, name):.2f} times |")
