"""What can be wrong with an entry of a LArCV file, and what is done about it: one table for all readers.

Whatever a policy does is counted, per source, in the manifest and in the converter's summary.
"""

from dataclasses import dataclass

from data_tools.errors import BadOption, did_you_mean

STOP = "stop"
SKIP = "skip"


@dataclass(frozen=True)
class Defect:
    """A defect: what was `found`, and what each of the `policies` does about it; the first policy is the default."""

    name: str
    found: str
    policies: dict[str, str]

    @property
    def default(self):
        """The policy where the user names none."""
        return next(iter(self.policies))


_STOP = {STOP: "stops"}
_SKIP = {SKIP: "the entry is left out"}

DEFECTS = {
    defect.name: defect
    for defect in (
        Defect(
            "accumulated",
            "images of other events before their own",
            {"last": "the last of each plane is taken", **_SKIP, **_STOP},
        ),
        Defect("missing-plane", "a missing plane", {**_STOP, **_SKIP, "empty": "the plane has no hits"}),
        Defect("bad-pixels", "NaN or infinite pixels", {**_STOP, **_SKIP, "zero": "these pixels are set to 0"}),
        Defect("empty", "no hits", {"keep": "the event is kept", **_SKIP, **_STOP}),
        Defect("several-particles", "several particles", {"primary": "the primary is taken", **_SKIP, **_STOP}),
        Defect("no-primary", "several particles, not one of them the primary", {**_STOP, **_SKIP}),
        Defect("neutrino", "a neutrino or cosmic ROI", {"ignore": "the particle's is taken", **_SKIP, **_STOP}),
        Defect("bad-truth", "NaN or infinite numbers in the truth", {"keep": "they are kept", **_SKIP, **_STOP}),
        Defect("unknown-pdg", "PDG codes of no class", {**_STOP, **_SKIP}),
        Defect(
            "mismatch",
            "images and truth that do not belong together",
            {**_STOP, "match": "matched by run, subrun and event; entries without a partner are left out"},
        ),
        Defect("corrupt", "data that cannot be decompressed or parsed", {**_STOP, **_SKIP}),
        Defect("truncated", "a file that cannot be opened or is empty", {**_STOP, SKIP: "the file is left out"}),
        Defect("cut-hits", "hits outside the crop window", {"cut": "these hits are cut off", **_SKIP, **_STOP}),
    )
}
"""Every defect by name; `lartpc-convert --on-NAME POLICY` sets its policy."""


class Policies(dict):
    """{defect name: policy} for every defect; the defaults where `chosen` says nothing. Raises BadOption."""

    def __init__(self, chosen=None):
        super().__init__({name: defect.default for name, defect in DEFECTS.items()})
        for name, policy in (chosen or {}).items():
            if name not in DEFECTS:
                raise BadOption(
                    f"There is no defect {name!r}; there are {', '.join(DEFECTS)}." + did_you_mean(name, DEFECTS)
                )
            if policy not in DEFECTS[name].policies:
                raise BadOption(
                    f"--on-{name} {policy}: expected one of {', '.join(DEFECTS[name].policies)}."
                    + did_you_mean(policy, DEFECTS[name].policies)
                )
            self[name] = policy

    def settle(self, name, error):
        """The policy to follow for a defect that was met; raises `error`, with the way out added, where it is 'stop'.

        Raises SkipEntry where the policy is 'skip'.
        """
        policy = self[name]
        if policy == STOP:
            others = [other for other in DEFECTS[name].policies if other != STOP]
            raise type(error)(f"{error} To go on all the same: --on-{name} {' or '.join(others)}.")
        if policy == SKIP:
            raise SkipEntry(name)
        return policy


class SkipEntry(Exception):
    """An entry is to be left out because of the named defect; never seen by users."""


def describe(name, policy):
    """'a missing plane (the plane has no hits)': a defect and what was done about it."""
    return f"{DEFECTS[name].found} ({DEFECTS[name].policies[policy]})"
