"""What can be wrong with an entry of a LArCV file, and what is done about it: one table for all readers.

Whatever a policy does is counted, per source, in the manifest and in the converter's summary.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from data_tools.errors import Argument, BadOption, UserError, did_you_mean

STOP = "stop"
SKIP = "skip"


@dataclass(frozen=True)
class Defect:
    """Something that may be wrong with an entry or a file.

    Attributes:
        name: as options and manifests have it.
        found: what is found then.
        policies: {policy: what it does about it}; the first one is the default.
    """

    name: str
    found: str
    policies: dict[str, str]

    @property
    def default(self) -> str:
        """The policy where the user names none."""
        return next(iter(self.policies))


UNKNOWN_PDG = "unknown-pdg"
"""The defect of an event without a class, which is none where nothing needs classes."""

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
        Defect(UNKNOWN_PDG, "PDG codes of no class", {**_STOP, **_SKIP}),
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
"""Every defect by name."""


class Policies(dict[str, str]):
    """{defect name: policy} for every defect."""

    def __init__(self, chosen: Mapping[str, str] | None = None) -> None:
        """The defaults where `chosen` says nothing. Raises BadOption."""
        super().__init__({name: defect.default for name, defect in DEFECTS.items()})
        for name, policy in (chosen or {}).items():
            if name not in DEFECTS:
                raise BadOption(
                    f"There is no defect {name!r}; there are {', '.join(DEFECTS)}.",
                    did_you_mean(name, DEFECTS),
                    choices=DEFECTS,
                )
            choices = DEFECTS[name].policies
            if policy not in choices:
                raise BadOption(
                    Argument("on", policy, key=name),
                    f": expected one of {', '.join(choices)}.",
                    did_you_mean(policy, choices),
                    choices=choices,
                )
            self[name] = policy

    def settle(self, name: str, error: UserError) -> str:
        """The policy to follow for a defect that was met.

        Args:
            name: of the defect.
            error: what to raise where the policy is 'stop'; the way out is added to its message.

        Raises:
            SkipEntry: the policy is 'skip'.
        """
        policy = self[name]
        if policy == STOP:
            others = [other for other in DEFECTS[name].policies if other != STOP]
            raise type(error)(*error.parts, " To go on all the same: ", Argument("on", *others, key=name), ".")
        if policy == SKIP:
            raise SkipEntry(name)
        return policy


class SkipEntry(Exception):
    """An entry is to be left out because of the named defect; never seen by users."""


def describe(name: str, policy: str) -> str:
    """'a missing plane (the plane has no hits)': a defect and what was done about it."""
    return f"{DEFECTS[name].found} ({DEFECTS[name].policies[policy]})"
