"""Core accounts: what evidence says, what a person confirmed, and where the two differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from governance.baseline.landing_zone.evidence import (
    NAME,
    CoreEvidence,
    LandingZoneRows,
    Purpose,
    core_evidence,
    landing_zone_rows,
)
from governance.baseline.landing_zone.models import CoreAccount
from inventory.collectors.collector import GLOBAL_REGION
from inventory.models import Account, Connection
from inventory.selectors.service_configurations import (
    AccountReadings,
    ReadingState,
    service_readings,
)
from inventory.service_facts import LANDING_ZONE, TRAIL
from inventory.viewing import Viewer, sees_whole, visible

_ACTIVE: Final = ("ACTIVE", "")


class CoreAccountState(StrEnum):
    """How certain it is which account does a piece of work.

    CONFIRMED: a person said so, and no evidence is against it. CONTRADICTED: a person said so, and
    the account has left or is closed, or strong evidence names another. FOUND: the evidence names
    one. AMBIGUOUS: it names several alike. MISSING: there is none, and what would show it was read.
    UNKNOWN: there is none, and not everything that would show it was read.
    """

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CoreCandidate:
    """An account that may do a piece of work, with what speaks for it.

    `name`, `account_state`: empty where it is no account of the organization.
    """

    account_id: str
    name: str
    account_state: str
    evidence: tuple[CoreEvidence, ...]

    @property
    def weight(self) -> int:
        """How much speaks for it."""
        return sum(each.weight for each in self.evidence)

    @property
    def by_name_alone(self) -> bool:
        """Whether nothing but its name speaks for it."""
        return all(each.weight <= NAME for each in self.evidence)

    @property
    def is_inside(self) -> bool:
        """Whether it is an account of the organization, in use."""
        return bool(self.name) and self.account_state in _ACTIVE


@dataclass(frozen=True, slots=True)
class CoreAccountStanding:
    """One piece of the landing zone's work and who does it.

    `account_id`: who was confirmed, or who the evidence names; empty where nobody. `because`: why
    it is CONTRADICTED, AMBIGUOUS, MISSING or UNKNOWN, in words.
    """

    purpose: CoreAccount.Purpose
    state: CoreAccountState
    account_id: str
    candidates: tuple[CoreCandidate, ...]
    confirmed: CoreAccount | None = None
    because: str = ""

    @property
    def label(self) -> str:
        """The purpose in words."""
        return str(self.purpose.label)

    @property
    def candidate(self) -> CoreCandidate | None:
        """The candidate of `account_id`, with its name."""
        return next((each for each in self.candidates if each.account_id == self.account_id), None)


def core_accounts(
    viewer: Viewer, *, connection: Connection, now: datetime, as_of: datetime | None = None
) -> tuple[CoreAccountStanding, ...]:
    """Return who does each piece of work, in the order of the purposes.

    Who was confirmed is as of now, the evidence as of `as_of`.
    """
    rows = landing_zone_rows(viewer, connection=connection, as_of=as_of)
    confirmed = {
        row.purpose: row
        for row in visible(
            CoreAccount.objects.filter(connection=connection), viewer
        ).select_related("confirmed_by")
    }
    evidence: dict[CoreAccount.Purpose, list[CoreEvidence]] = {}
    for each in core_evidence(rows):
        evidence.setdefault(each.purpose, []).append(each)
    unread = _unread(viewer, connection, now, as_of, rows)
    return tuple(
        _standing(purpose, evidence.get(purpose, ()), confirmed.get(purpose), rows, unread)
        for purpose in CoreAccount.Purpose
    )


def _unread(
    viewer: Viewer,
    connection: Connection,
    now: datetime,
    as_of: datetime | None,
    rows: LandingZoneRows,
) -> str:
    """Return in words what was not read that could show a core account; empty: everything was."""
    if not rows.accounts:
        return "no run has read the organization yet"
    if not sees_whole(viewer, connection):
        return "you see a part of the organization"
    readings = service_readings(
        viewer, connection=connection, kinds=(TRAIL, LANDING_ZONE), now=now, as_of=as_of
    )
    trails = [
        account_id
        for account_id, account in rows.accounts.items()
        if account.state in _ACTIVE and not _is_read(readings, account_id, TRAIL.collector)
    ]
    if trails:
        some = "1 account" if len(trails) == 1 else f"{len(trails)} accounts"
        return f"CloudTrail was not read in {some}"
    if not _is_read(readings, "", LANDING_ZONE.collector):
        return "Control Tower was not read"
    return ""


def _is_read(
    readings: Mapping[tuple[str, str], AccountReadings], account_id: str, collector: str
) -> bool:
    found = readings.get((account_id, collector))
    return found is not None and found.of(GLOBAL_REGION).state is ReadingState.READ


def _standing(
    purpose: CoreAccount.Purpose,
    evidence: Sequence[CoreEvidence],
    confirmed: CoreAccount | None,
    rows: LandingZoneRows,
    unread: str,
) -> CoreAccountStanding:
    candidates = _candidates(evidence, confirmed, rows)
    if confirmed is not None:
        because = _against(confirmed, candidates, rows)
        state = CoreAccountState.CONTRADICTED if because else CoreAccountState.CONFIRMED
        return CoreAccountStanding(
            purpose, state, confirmed.account_id, candidates, confirmed, because
        )
    if not candidates:
        if unread:
            return CoreAccountStanding(purpose, CoreAccountState.UNKNOWN, "", (), because=unread)
        return CoreAccountStanding(
            purpose,
            CoreAccountState.MISSING,
            "",
            (),
            because="no account is delegated, named or used for it",
        )
    first = candidates[0]
    alike = [each for each in candidates if each.weight == first.weight]
    if len(alike) > 1:
        names = ", ".join(each.name or each.account_id for each in alike)
        return CoreAccountStanding(
            purpose,
            CoreAccountState.AMBIGUOUS,
            "",
            candidates,
            because=f"{names} are equally likely",
        )
    return CoreAccountStanding(purpose, CoreAccountState.FOUND, first.account_id, candidates)


def _candidates(
    evidence: Iterable[CoreEvidence], confirmed: CoreAccount | None, rows: LandingZoneRows
) -> tuple[CoreCandidate, ...]:
    by_account: dict[str, list[CoreEvidence]] = {}
    for each in evidence:
        by_account.setdefault(each.account_id, []).append(each)
    if confirmed is not None:
        by_account.setdefault(confirmed.account_id, [])
    found = [
        _candidate(account_id, signs, rows.accounts.get(account_id))
        for account_id, signs in by_account.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.weight, each.name, each.account_id)))


def _candidate(
    account_id: str, evidence: Sequence[CoreEvidence], account: Account | None
) -> CoreCandidate:
    return CoreCandidate(
        account_id,
        account.name if account else "",
        account.state if account else "",
        tuple(evidence),
    )


def _against(
    confirmed: CoreAccount, candidates: Sequence[CoreCandidate], rows: LandingZoneRows
) -> str:
    """Return in words what speaks against a confirmed account; empty: nothing."""
    account = rows.accounts.get(confirmed.account_id)
    if account is None:
        return "the account is not in the organization, or not visible to you"
    if account.state not in _ACTIVE:
        return f"the account is {account.state.lower().replace('_', ' ')}"
    others = [
        each
        for each in candidates
        if each.account_id != confirmed.account_id and not each.by_name_alone
    ]
    own = next(each for each in candidates if each.account_id == confirmed.account_id)
    for other in others:
        if other.weight > own.weight:
            said = other.evidence[0].words
            return f"{other.name or other.account_id} {said}"
    return ""


# Work that one account must not do beside other work: what guards others would be guarded by them.
_APART: Final = (
    (Purpose.MANAGEMENT, "it is bound by no SCP, so nothing else belongs there"),
    (Purpose.LOG_ARCHIVE, "people who work in it could alter the logs"),
    (Purpose.SECURITY_TOOLING, "monitored accounts must not run the monitoring"),
    (Purpose.BACKUP, "backups must outlive the account that made them"),
)


def merged_purposes(
    standings: Sequence[CoreAccountStanding],
) -> dict[str, tuple[tuple[CoreAccountStanding, ...], str]]:
    """Return the accounts that do several pieces of work that belong apart, with why."""
    by_account: dict[str, list[CoreAccountStanding]] = {}
    for each in standings:
        if each.account_id:
            by_account.setdefault(each.account_id, []).append(each)
    found = {}
    for account_id, several in by_account.items():
        purposes = {each.purpose for each in several}
        why = next((words for purpose, words in _APART if purpose in purposes), "")
        if len(several) > 1 and why:
            found[account_id] = tuple(several), why
    return found
