"""Findings of structure: computed again for each state of an organization."""

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
        account_ids, reached_ids = ((), ()) if account_id else _concerned(finding)
        about_root = finding.kind.needs_whole and place.kind is PlaceKind.ROOT
        yield FoundItem(
            key=finding.key,
            kind=finding.kind.code,
            title=finding.title,
            target_kind=place.kind.value,
            target_id=place.key,
            target_name=place.name,
            account_id=account_id,
            account_ids=account_ids,
            # What is told by comparing it with the other accounts of its OU.
            place_id=finding.places[-1].key if account_id and finding.part_title else "",
            accounts=finding.accounts,
            reached_ids=reached_ids,
            part_title=finding.part_title,
            whole_only=about_root or not (account_id or account_ids or reached_ids),
            weight=WEIGHT_OF[finding.severity],
            environment_at=account_id or (place.key if place.kind in _IN_TREE else ""),
            detail={"label": finding.kind.label, "remedy": finding.remedy},
        )


def _account_of(place: FindingPlace) -> str:
    if place.kind is PlaceKind.ACCOUNT:
        return place.key
    return (account_of(place.key) or "") if place.kind is PlaceKind.ROLE else ""


def _concerned(finding: Finding) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the accounts that a finding names, or else the places whose accounts it concerns."""
    accounts = {_account_of(place) for place in finding.places} - {""}
    if accounts and finding.places[0].kind is not PlaceKind.POLICY:
        return tuple(accounts), ()
    return (), tuple(place.key for place in finding.places if place.kind in _IN_TREE)


SOURCE: Final = InboxSource(InboxItem.Source.STRUCTURE, structure_mark, read_structure)
