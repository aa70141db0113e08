"""Detections that nobody closed: one item a rule and subject, however many windows it was found in.

So who mutes it until a day is not disturbed by the next window before.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import Count, Max

from governance.access.owners.severity import WEIGHT_OF
from governance.access.owners.targets import OwnedTree, target_tree
from governance.detections.models import Detection
from governance.detections.naming import policy_names, subject_name
from governance.detections.rules.document import DetectionSubjectKind
from governance.detections.written_rules import DetectionRuleInForce, rules_in_force
from governance.drift.explaining import actor_words
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from inventory.digests import sha256
from inventory.models import Connection
from inventory.selectors.logs import reads_logs

_LONGEST_KEY: Final = 255
# Raised when items are written otherwise than before, so that those stored are written anew.
_FORM: Final = 3


def detections_mark(connection: Connection) -> str:
    """Return what changes whenever a detection is raised, grows or is closed."""
    rows = Detection.objects.filter(connection=connection, raised_at__isnull=False)
    newest = rows.aggregate(at=Max("updated_at"), rows=Count("pk"))
    return repr((_FORM, *newest.values(), reads_logs(connection)))


def read_detections(connection: Connection) -> SourceReading:
    """Return what is not closed. Without logs nothing is judged, and nothing is resolved."""
    if not reads_logs(connection):
        return SourceReading(problem="No CloudTrail logs are read.")
    return SourceReading(items=_items(connection))


def _items(connection: Connection) -> Iterator[FoundItem]:
    tree = target_tree(connection)
    rows = Detection.objects.filter(
        connection=connection, raised_at__isnull=False, closed_at__isnull=True
    )
    together: dict[tuple[str, str], list[Detection]] = {}
    for row in rows.order_by("last_at", "pk"):
        together.setdefault((row.rule_id, row.subject_id), []).append(row)
    rules = rules_in_force(connection)
    names = {target.target_id: target.name for target in tree.by_id.values()}
    names |= policy_names(connection)
    for each in together.values():
        yield _item(each, tree, rules, names)


def _item(
    rows: list[Detection],
    tree: OwnedTree,
    rules: Mapping[str, DetectionRuleInForce],
    names: Mapping[str, str],
) -> FoundItem:
    newest = rows[-1]
    kind = DetectionSubjectKind(newest.subject_kind)
    place = newest.subject_account_id or newest.account_id
    target = tree.by_id.get(newest.subject_id)
    named = subject_name(newest.subject_id, names)
    rule = rules.get(newest.rule_id)
    key = f"{newest.rule_id}:{newest.subject_id}"
    if len(key) > _LONGEST_KEY:
        key = f"{newest.rule_id}:{sha256(newest.subject_id)}"
    return FoundItem(
        key=key,
        kind=newest.rule_id,
        title=newest.title
        if kind is DetectionSubjectKind.ORGANIZATION
        else f"{newest.title}: {named}",
        part_title="" if kind is DetectionSubjectKind.ORGANIZATION else newest.title,
        target_kind=target.kind if target is not None else kind.value.upper(),
        target_id=newest.subject_id,
        target_name=named,
        account_id=place,
        account_ids=tuple(
            sorted({one.account_id for one in rows if one.account_id} | ({place} - {""}))
        ),
        accounts=1 if place else 0,
        whole_only=not place,
        weight=WEIGHT_OF[newest.severity],
        environment_at=place if place in tree.by_id else "",
        detail={
            "label": "Detection",
            "detection_id": newest.pk,
            "remedy": rule.document.remedy if rule is not None else "",
            "why": rule.document.why if rule is not None else "",
            "count": sum(one.count for one in rows),
            "principal": newest.principal,
            "happened_in": newest.account_id,
            "who": actor_words({"principal": newest.principal}),
            "first_at": min(one.first_at for one in rows).isoformat(),
            "last_at": newest.last_at.isoformat(),
        },
    )


SOURCE: Final = InboxSource(InboxItem.Source.DETECTION, detections_mark, read_detections)
