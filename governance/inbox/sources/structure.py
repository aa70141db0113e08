"""Findings of structure: computed anew for each state of an organization."""

from collections.abc import Iterator
from typing import Final

from governance.access.owners.severity import WEIGHT_OF
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from governance.posture.findings.finding import Finding, FindingPlace, PlaceKind
from governance.posture.findings.structure import findings_state, structure_findings
from inventory.models import Connection
from inventory.viewing import Viewer
from policies.evaluation.principal import account_of

_WHOLE: Final = Viewer(sees_inventory=True)
_IN_TREE: Final = (PlaceKind.ROOT, PlaceKind.ORGANIZATIONAL_UNIT, PlaceKind.ACCOUNT)


def structure_mark(connection: Connection) -> str:
    """Return what names the state that the findings follow from."""
    return findings_state(_WHOLE, connection=connection) or ""


def read_structure(connection: Connection) -> SourceReading:
    """Return the findings; what their question cannot be answered of is not judged."""
    report = structure_findings(_WHOLE, connection=connection)
    if not report.is_known:
        return SourceReading(problem="The organization was never read.")
    unjudged = {(one.kind.code, place.key) for one in report.unjudged for place in one.places}
    # A question that is not answered at all names the root.
    unanswered = {
        one.kind.code
        for one in report.unjudged
        if any(place.kind is PlaceKind.ROOT for place in one.places)
    }
    return SourceReading(
        items=_items(report.findings),
        unjudged=lambda item: (
            item.kind in unanswered
            or (item.kind, item.target_id) in unjudged
            or (item.kind, item.account_id) in unjudged
        ),
    )


def _items(findings: tuple[Finding, ...]) -> Iterator[FoundItem]:
    for finding in findings:
        place = finding.places[0]
        account_id = _account_of(place)
        yield FoundItem(
            key=finding.key,
            kind=finding.kind.code,
            title=finding.title,
            target_kind=place.kind.value,
            target_id=place.key,
            target_name=place.name,
            account_id=account_id,
            accounts=finding.accounts,
            whole_only=finding.kind.needs_whole or _names_others(finding, account_id),
            weight=WEIGHT_OF[finding.severity],
            environment_at=account_id or (place.key if place.kind in _IN_TREE else ""),
            detail={"label": finding.kind.label, "remedy": finding.remedy},
        )


def _account_of(place: FindingPlace) -> str:
    if place.kind is PlaceKind.ACCOUNT:
        return place.key
    return (account_of(place.key) or "") if place.kind is PlaceKind.ROLE else ""


def _names_others(finding: Finding, account_id: str) -> bool:
    """Return whether a finding tells of more than its own account or OU."""
    if account_id:
        return any(_account_of(place) != account_id for place in finding.places)
    return len(finding.places) > 1


SOURCE: Final = InboxSource(InboxItem.Source.STRUCTURE, structure_mark, read_structure)
