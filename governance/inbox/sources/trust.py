"""Findings of trust: rows that trust keeps as versions."""

import re
from collections.abc import Iterator
from typing import Final

from django.db.models import Max

from governance.access.owners.severity import WEIGHT_OF
from governance.drift.sources.trust import OUTSIDE_CONTRACTS
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from governance.posture.state.organization import IAM_COLLECTOR
from governance.posture.trust.models import TrustFinding, TrustReading
from inventory.models import Account, Connection, Coverage

_CHUNK: Final = 2000
_SENTENCE: Final = re.compile(r"(?<=[^.\s]{2})\.\s")


def trust_mark(connection: Connection) -> str:
    """Return what changes whenever a finding begins or ends, or what is read does."""
    rows = TrustFinding.objects.filter(connection=connection)
    newest = rows.order_by("-pk").values_list("pk", flat=True).first()
    closed = rows.aggregate(at=Max("seen_until"))["at"]
    return repr((newest, closed, sorted(_unread(connection))))


def read_trust(connection: Connection) -> SourceReading:
    """Return the findings that hold; those of accounts that cannot be read are not verified."""
    if not TrustReading.objects.filter(connection=connection).exists():
        return SourceReading(problem="Trust was not evaluated yet.")
    unread = _unread(connection)
    return SourceReading(
        items=_items(connection, unread),
        unjudged=lambda item: item.account_id in unread,
    )


def _unread(connection: Connection) -> frozenset[str]:
    """Return the accounts whose IAM the last run could not read, or trust could not work out."""
    refused = Coverage.objects.filter(
        connection=connection, collector=IAM_COLLECTOR, held_until__isnull=True
    ).exclude(state__in=(Coverage.State.COMPLETE, Coverage.State.UNSUPPORTED))
    failed = TrustReading.objects.filter(connection=connection).exclude(problem="")
    return frozenset(refused.values_list("account_id", flat=True)) | frozenset(
        failed.values_list("account_id", flat=True)
    )


def _items(connection: Connection, unread: frozenset[str]) -> Iterator[FoundItem]:
    names = dict(
        Account.objects.as_of(None).filter(connection=connection).values_list("account_id", "name")
    )
    rows = TrustFinding.objects.as_of(None).filter(connection=connection)
    # Drift reports these, with all that can be done about them: one finding, not two.
    rows = rows.exclude(code=OUTSIDE_CONTRACTS)
    for finding in rows.order_by("pk").iterator(chunk_size=_CHUNK):
        yield FoundItem(
            key=finding.key,
            kind=finding.code,
            title=first_sentence(finding.message),
            target_kind="ROLE" if ":role/" in finding.subject_arn else "RESOURCE",
            target_id=finding.subject_arn or finding.account_id,
            target_name=names.get(finding.account_id, ""),
            account_id=finding.account_id,
            accounts=1,
            weight=WEIGHT_OF[finding.severity],
            environment_at=finding.account_id,
            verified=finding.account_id not in unread,
            detail={
                "label": finding.code.replace("_", " ").capitalize(),
                "remedy": str(finding.remedy.get("text", "")) if finding.remedy else "",
                "edge_key": finding.edge_key,
            },
        )


def first_sentence(message: str) -> str:
    """Return the first sentence of a message, without its full stop."""
    return _SENTENCE.split(message, maxsplit=1)[0].rstrip(".")


SOURCE: Final = InboxSource(InboxItem.Source.TRUST, trust_mark, read_trust)
