"""All structure findings of one organization at one time."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.conf import settings

from governance.access.owners.labels import (
    TargetLabel,
    environment_marks,
    stated_environments,
)
from governance.posture.findings.dispatch import send_to_find
from governance.posture.findings.facts import StructureFacts
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingSeverity,
    Unjudged,
)
from governance.posture.findings.registry import CHECKS, StructureCheck
from governance.posture.findings.shared_reports import (
    is_shared,
    report_name,
    share_answers,
    shared_answers,
)
from governance.posture.findings.thresholds import USUAL
from governance.posture.state.organization import (
    CompiledOrganization,
    InForce,
    accounts_without_iam,
    iam_marks,
    load_organization,
)
from governance.posture.state.process_cache import ProcessCache
from inventory.garbage_collection import freeze_gc, growing
from inventory.models import Connection
from inventory.selectors.connections import state_before_active_run
from inventory.selectors.hierarchy import accounts
from inventory.selectors.roles import RoleRow, marks_afterwards, policy_texts, role_marks, roles
from inventory.selectors.state_marks import organization_collectors_complete
from inventory.viewing import Viewer

_TAGS: Final = "organizations.tags"
_KEPT: Final = 8
_MANY: Final = 1000
_NOT_IN_FORCE: Final = {
    InForce.NOT_COLLECTED: "The SCPs were never read completely.",
    InForce.NOT_ENABLED: "SCPs are not enabled in this organization.",
}
_PART_ONLY: Final = "Your roles show a part of the organization; this needs all of it."


@dataclass(frozen=True)
class StructureReport:
    """What was found and what could not be told. `is_known`: the organization was read by then.

    `findings`: worst first. `answers`: one a kind. Shared: never change it.
    """

    is_known: bool
    answers: tuple[FindingAnswer, ...]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, worst first, then by how many accounts it applies to: see `rank`."""
        return tuple(sorted((one for answer in self.answers for one in answer.findings), key=rank))

    @cached_property
    def by_severity(self) -> Mapping[FindingSeverity, int]:
        """How many findings are how bad; 0 for none."""
        return Counter(finding.severity for finding in self.findings)

    @cached_property
    def _by_key(self) -> Mapping[str, Finding]:
        return {finding.key: finding for finding in self.findings}

    @cached_property
    def unjudged(self) -> tuple[Unjudged, ...]:
        """Every place of which a question cannot be answered."""
        return tuple(one for answer in self.answers for one in answer.unjudged)

    @cached_property
    def _by_place(self) -> Mapping[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for at, finding in enumerate(self.findings):
            for key in {place.key for place in finding.places}:
                found.setdefault(key, []).append(at)
        return {key: tuple(numbers) for key, numbers in found.items()}

    def chosen(
        self,
        *,
        kinds: Collection[FindingKind] = (),
        severities: Collection[FindingSeverity] = (),
        places: Collection[str] = (),
    ) -> list[Finding]:
        """Return the findings of some kinds, severities and places by key; none given: of all."""
        found: Iterable[Finding] = self.findings
        if places:
            numbers = {at for key in places for at in self._by_place.get(key, ())}
            found = (self.findings[at] for at in sorted(numbers))
        return [
            finding
            for finding in found
            if (not kinds or finding.kind in kinds)
            and (not severities or finding.severity in severities)
        ]

    def finding(self, key: str) -> Finding | None:
        """Return a finding by its key, None where nothing of the kind is found there."""
        return self._by_key.get(key)


def rank(finding: Finding) -> list[int | str]:
    """Return a finding's place among all, which is its own: the least is the worst."""
    return [
        _SEVERITY_RANKS[finding.severity],
        finding.kind.order,
        -finding.accounts,
        finding.title,
        finding.key,
    ]


_SEVERITY_RANKS: Final = {severity: at for at, severity in enumerate(FindingSeverity)}


def structure_findings(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> StructureReport:
    """Ask all questions of an organization as it is now or was at `as_of`.

    While a run goes on, now is as the last run left it: rows change account by account, and half
    a run is no state of the organization. What was found in a state is kept, in this process and
    in the cache; then it takes a few short queries.
    """
    asked = _StateOfFindings(viewer, connection, as_of)
    if not asked.organization.is_known:
        return StructureReport(False, ())
    return _kept(asked) or _found(asked)


def ready_findings(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> StructureReport | None:
    """Return the same without letting anybody wait for it.

    None where nobody asked the questions of that state of a large organization before: now a
    worker does, which takes some ten seconds at 10,000 accounts. Ask again.
    """
    asked = _StateOfFindings(viewer, connection, as_of)
    if not asked.organization.is_known:
        return StructureReport(False, ())
    report = _kept(asked)
    if report is not None:
        return report
    is_small = len(asked.organization.account_ids) <= settings.STRUCTURE_AT_ONCE_ACCOUNTS
    if is_small or not send_to_find(asked.name, connection_id=connection.pk, as_of=as_of):
        return _found(asked)
    return None


def _kept(asked: "_StateOfFindings") -> StructureReport | None:
    known = _reports.known(asked.name)
    if known is not None:
        return known
    with growing():
        answers = shared_answers(asked.name)
    return None if answers is None else _put_aside(asked.name, answers)


def _found(asked: "_StateOfFindings") -> StructureReport:
    answers = tuple(answers_to(asked.facts()))
    share_answers(asked.names, answers)
    return _put_aside(asked.name, answers)


def _put_aside(name: str, answers: tuple[FindingAnswer, ...]) -> StructureReport:
    report = _reports.get(name, lambda: StructureReport(True, answers))
    if len(report.findings) >= _MANY:
        freeze_gc()
    return report


def load_shared_findings(viewer: Viewer, *, connection: Connection) -> None:
    """Take what a worker found of the state of now into this process, if one did."""
    asked = _StateOfFindings(viewer, connection, None)
    if asked.organization.is_known:
        _kept(asked)


def findings_state(viewer: Viewer, *, connection: Connection) -> str | None:
    """Return what names the state of now that findings follow from; None: never read."""
    asked = _StateOfFindings(viewer, connection, None)
    return asked.name if asked.organization.is_known else None


def prepare_findings(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> bool:
    """Find what is wrong, for other processes to show; False where it was found before."""
    asked = _StateOfFindings(viewer, connection, as_of)
    if not asked.organization.is_known or is_shared(asked.name):
        return False
    share_answers(asked.names, answers_to(asked.facts()))
    return True


class _StateOfFindings:
    """One state of one organization. `name`: equal for equal states, in every process.

    `names`: that, and what the state is called once the next run has begun.
    """

    def __init__(self, viewer: Viewer, connection: Connection, as_of: datetime | None) -> None:
        self._viewer = viewer
        self._connection = connection
        self._as_of = as_of or state_before_active_run(viewer, connection=connection)
        where: dict[str, Any] = {"connection": connection, "as_of": self._as_of}
        self.organization = load_organization(viewer, **where)
        if not self.organization.is_known:
            return
        self._tags_read = _TAGS in organization_collectors_complete(
            viewer, collectors=(_TAGS,), **where
        )
        marks, collected = role_marks(viewer, **where), iam_marks(viewer, **where)
        # People set environments while a run goes on too, so they are those of now.
        self._labels_as_of = as_of
        environments = environment_marks(connection, as_of=as_of)
        self.name, *_ = self.names = tuple(
            report_name(self.organization.key, each, collected, self._tags_read, environments)
            for each in (marks, marks_afterwards(marks))
        )

    def facts(self) -> StructureFacts:
        """Read what the questions are asked of."""
        return _facts(
            self._viewer,
            self._connection,
            self._as_of,
            self.organization,
            accounts_without_iam(
                self._viewer,
                connection=self._connection,
                organization=self.organization,
                as_of=self._as_of,
            ),
            self._tags_read,
            stated_environments(self._connection, as_of=self._labels_as_of),
        )


def answers_to(facts: StructureFacts) -> list[FindingAnswer]:
    """Ask every question, in the order of the kinds."""
    return [_answer_to(facts, one) for one in CHECKS]


def _answer_to(facts: StructureFacts, one: StructureCheck) -> FindingAnswer:
    in_force = facts.organization.service_control.in_force
    if in_force is not InForce.IN_FORCE and one.kind.needs_scps:
        return _unanswerable(facts, one.kind, _NOT_IN_FORCE[in_force])
    if one.kind.needs_whole and not facts.organization.is_whole:
        return _unanswerable(facts, one.kind, _PART_ONLY)
    return one.check(facts)


def _unanswerable(facts: StructureFacts, kind: FindingKind, reason: str) -> FindingAnswer:
    answer = FindingAnswer(kind)
    root_id = facts.organization.root_id
    if root_id is not None:
        answer.cannot_judge([facts.place(root_id)], reason)
    return answer


_reports: Final[ProcessCache[str, StructureReport]] = ProcessCache(most=_KEPT)


def _facts(
    viewer: Viewer,
    connection: Connection,
    as_of: datetime | None,
    organization: CompiledOrganization,
    without_iam: frozenset[str],
    tags_read: bool,
    environments: Mapping[str, TargetLabel],
) -> StructureFacts:
    by_account: dict[str, list[RoleRow]] = {}
    for role in roles(viewer, connection=connection, as_of=as_of):
        by_account.setdefault(role.account_id, []).append(role)
    rows = accounts(viewer, connection=connection, as_of=as_of)
    return StructureFacts(
        organization=organization,
        thresholds=USUAL,
        tags=dict(rows.values_list("account_id", "tags")) if tags_read else None,
        roles=by_account,
        read_texts=policy_texts,
        without_iam=without_iam,
        environments=environments,
    )
