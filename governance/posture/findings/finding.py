"""What a structure finding is: what was measured, where, against which threshold, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple


class FindingKind(StrEnum):
    """The questions that are asked of an organization's structure."""

    BROKEN_ALLOW_CHAIN = "broken_allow_chain"
    ROLE_TRUST_DRIFT = "role_trust_drift"
    ROLE_POLICY_DRIFT = "role_policy_drift"
    ROLE_NAME_DRIFT = "role_name_drift"
    ACCOUNT_UNDER_ROOT = "account_under_root"
    MIXED_ENVIRONMENTS = "mixed_environments"
    NO_SCP_OF_ITS_OWN = "no_scp_of_its_own"
    SCP_DENIES_MOST = "scp_denies_most"
    SCP_WITHOUT_EFFECT = "scp_without_effect"
    SCP_ATTACHED_NOWHERE = "scp_attached_nowhere"
    FLAT_TREE = "flat_tree"


class Severity(StrEnum):
    """How much a finding matters, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


SEVERITY_ORDER: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind in words. `asks`: the question that is answered."""

    label: str
    asks: str


KIND_WORDS: Final[Mapping[FindingKind, KindWords]] = {
    FindingKind.BROKEN_ALLOW_CHAIN: KindWords(
        "Broken allow chain", "Is there a level at which no SCP allows anything?"
    ),
    FindingKind.ROLE_TRUST_DRIFT: KindWords(
        "Role trust differs",
        "Do roles of one name let in the same principals in all accounts of an OU?",
    ),
    FindingKind.ROLE_POLICY_DRIFT: KindWords(
        "Role policies differ",
        "Do roles of one name have the same policies in all accounts of an OU?",
    ),
    FindingKind.ROLE_NAME_DRIFT: KindWords(
        "Role missing", "Does an account lack roles that the other accounts of its OU have?"
    ),
    FindingKind.ACCOUNT_UNDER_ROOT: KindWords(
        "Account under the root", "Which accounts lie in no OU?"
    ),
    FindingKind.MIXED_ENVIRONMENTS: KindWords(
        "Mixed environments", "Which OUs hold production beside non-production?"
    ),
    FindingKind.NO_SCP_OF_ITS_OWN: KindWords(
        "No SCP of its own", "Which accounts have nothing but FullAWSAccess below the root?"
    ),
    FindingKind.SCP_DENIES_MOST: KindWords(
        "SCP denies most", "Which SCPs deny most of what AWS offers?"
    ),
    FindingKind.SCP_WITHOUT_EFFECT: KindWords(
        "SCP without effect", "Which attached SCPs change nothing?"
    ),
    FindingKind.SCP_ATTACHED_NOWHERE: KindWords(
        "SCP attached nowhere", "Which SCPs are attached to no target?"
    ),
    FindingKind.FLAT_TREE: KindWords("Flat OU tree", "Where do many accounts share one level?"),
}


class PlaceKind(StrEnum):
    """What a finding can be about, targets in AWS's words."""

    ROOT = "ROOT"
    ORGANIZATIONAL_UNIT = "ORGANIZATIONAL_UNIT"
    ACCOUNT = "ACCOUNT"
    POLICY = "POLICY"
    ROLE = "ROLE"


# Named tuples: hundreds of thousands of both are put into the cache and taken out of it.
class Place(NamedTuple):
    """Where something was found. `key`: an id, or a role's ARN. `said`: what was measured there."""

    kind: PlaceKind
    key: str
    name: str
    said: str = ""


class Measure(NamedTuple):
    """One thing that was measured, with its value in words."""

    label: str
    value: str


Threshold = Mapping[str, int | float | str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `title` is a sentence.

    `places`: the first is what the finding is about. `threshold`: the limits it was held against,
    by name. `accounts`: how many accounts it bears on.
    """

    kind: FindingKind
    severity: Severity
    title: str
    places: tuple[Place, ...]
    measured: tuple[Measure, ...]
    threshold: Threshold
    remedy: str
    accounts: int
    about: str = ""

    @property
    def key(self) -> str:
        """What names the finding as long as it holds: its kind and what it is about."""
        return f"{self.kind}:{self.places[0].key}" + (f":{self.about}" if self.about else "")


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Places of which a question cannot be answered, and why. Never the same as fine."""

    kind: FindingKind
    places: tuple[Place, ...]
    reason: str


@dataclass(slots=True)
class Answer:
    """What one question found. `examined`: how many things of what kind (`noun`) were looked at."""

    kind: FindingKind
    noun: str
    examined: int = 0
    findings: list[Finding] = field(default_factory=list)
    unjudged: list[Unjudged] = field(default_factory=list)

    def cannot_judge(self, places: Sequence[Place], reason: str) -> None:
        """Note places of which nothing can be said."""
        if places:
            self.unjudged.append(Unjudged(self.kind, tuple(places), reason))
