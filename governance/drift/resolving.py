"""Puts drift right: the baseline takes the collected side, or it is ignored or excepted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.targets import target_tree
from governance.audit import actions
from governance.audit.services import audit_record
from governance.baseline.exceptions.asking import exception_ask
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.terms import read_exception_terms
from governance.baseline.structure.adopting import baseline_take
from governance.baseline.structure.models import BaselineVersion
from governance.drift.finding import STRUCTURE_PREFIXES, refresh_drift
from governance.drift.ignoring import LONGEST_REASON, ignore_rule_add
from governance.drift.models import DriftItem, IgnoreRule
from governance.drift.signals import drift_changed
from governance.drift.storing import ACCEPTED, write_events
from inventory.models import Connection
from inventory.store.locks import hold_lock

State = DriftItem.State
MOST_AT_ONCE: Final = 200
ADOPTED: Final = "adopted"
# What has another way, as nothing of it is for the baseline to say.
_INSTEAD: Final[Mapping[str, str]] = {
    DriftItem.Kind.GUARDRAIL_FAILS: "request an exception, or change what makes it fail",
    DriftItem.Kind.TRUST_OUTSIDE_CONTRACT: "declare a contract for it, or remove the trust",
    DriftItem.Kind.CONTROL_INEFFECTIVE: "repair it in Control Tower, or ignore it until a day",
}


class CannotResolve(ValueError):
    """Drift cannot be put right so; the message says why and what to do."""


def is_structural(item: DriftItem) -> bool:
    """Whether an item is a difference from the baseline of the structure."""
    return item.subject.startswith(STRUCTURE_PREFIXES)


def resolvable_items(
    by: ActingPerson, connection: Connection, item_ids: Collection[int]
) -> list[DriftItem]:
    """Return items to be put right, locked, in the order of their ids.

    :raises CannotResolve: one is not there or is resolved, or there are too many.
    :raises MayNot: whoever acts may not resolve drift where one lies.
    """
    if not item_ids:
        raise CannotResolve("name the drift to resolve")
    if len(item_ids) > MOST_AT_ONCE:
        raise CannotResolve(f"resolve at most {MOST_AT_ONCE} at once")
    items = list(
        DriftItem.objects.select_for_update()
        .filter(connection=connection, pk__in=item_ids)
        .order_by("pk")
    )
    if len(items) != len(set(item_ids)):
        raise CannotResolve("some of this drift is not there")
    closed = [item for item in items if item.state == State.RESOLVED]
    if closed:
        raise CannotResolve(f"{closed[0]} is resolved already")
    by.require_at_all(
        rights.RESOLVE_DRIFT,
        connection,
        target_tree(connection),
        {item.place_id for item in items},
    )
    return items


def _may_be_gone(item: DriftItem) -> bool:
    """Whether it is a control that is not enabled any more, which may be meant."""
    return item.kind == DriftItem.Kind.CONTROL_INEFFECTIVE and item.collected is None


@transaction.atomic
def drift_adopt(
    *,
    by: ActingPerson,
    connection: Connection,
    item_ids: Collection[int],
    reason: str,
    now: datetime,
) -> BaselineVersion | None:
    """Agree to the collected side of some drift; of structure the baseline has a new version.

    Logging, roles and writes have no baseline of their own: theirs is accepted as it is now, and
    is drift again when it changes again. None: nothing of it was structure.

    :raises CannotResolve: an item cannot be adopted, or cannot be verified.
    :raises CannotAdoptBaseline: see `baseline_take`.
    :raises MayNot: whoever acts may not.
    """
    hold_lock(f"drift:{connection.pk}")
    items = resolvable_items(by, connection, item_ids)
    said = _required(reason)
    for item in items:
        if item.kind in _INSTEAD and not _may_be_gone(item):
            raise CannotResolve(f"{item} cannot be adopted: {_INSTEAD[item.kind]}")
        if not item.verified:
            raise CannotResolve(f"{item} could not be verified in the last run: read it again")
    structural = [item for item in items if is_structural(item)]
    others = [item for item in items if not is_structural(item)]
    version = None
    if structural:
        tree = target_tree(connection)
        by.require_at_all(
            rights.ADOPT_BASELINE, connection, tree, {item.place_id for item in structural}
        )
        subjects = {item.subject for item in structural}
        version = baseline_take(
            by=by, connection=connection, subjects=subjects, reason=said, now=now
        )
    for item in items:
        item.resolution = (
            f"adopted in baseline version {version.number}"
            if version is not None and item in structural
            else ACCEPTED
        )
    for item in others:
        item.state = State.RESOLVED
        item.resolved_at = now
    DriftItem.objects.bulk_update(items, ["resolution", "state", "resolved_at"])
    what = [
        (item, ADOPTED, {"reason": said})
        if item in structural
        else (item, ACCEPTED, {"reason": said, "value": item.collected})
        for item in items
    ]
    write_events(what, at=now, actor_id=by.user.pk)
    _audit(by, items, "adopt", said, now)
    _tell(connection, items, now)
    if structural:
        refresh_drift(connection, now=now, changed={item.subject for item in structural})
    return version


@transaction.atomic
def drift_ignore(
    *,
    by: ActingPerson,
    connection: Connection,
    item_ids: Collection[int],
    reason: str,
    until: date,
    now: datetime,
) -> list[IgnoreRule]:
    """Ignore some drift until a day: a rule for each kind, place and attribute among it.

    :raises CannotResolve: see `resolvable_items`.
    :raises IgnoreRuleInvalid: see `ignore_rule_add`.
    :raises MayNot: whoever acts may not.
    """
    hold_lock(f"drift:{connection.pk}")
    items = resolvable_items(by, connection, item_ids)
    wanted = dict.fromkeys((item.kind, item.place_id, item.attribute) for item in items)
    made = [
        ignore_rule_add(
            by=by,
            connection=connection,
            kind=kind,
            target_id=place_id,
            attribute=attribute,
            reason=reason,
            until=until,
            now=now,
        )
        for kind, place_id, attribute in wanted
    ]
    _audit(by, items, "ignore", reason, now)
    _tell(connection, items, now)
    return made


@transaction.atomic
def drift_except(
    *,
    by: ActingPerson,
    connection: Connection,
    item_ids: Collection[int],
    reason: str,
    until: date,
    now: datetime,
) -> list[GuardrailException]:
    """Request an exception from each guardrail that fails, where it fails: drafts, to be submitted.

    The drift is excepted once its exception is approved, by the next look.

    :raises CannotResolve: one of it is no guardrail's, or see `resolvable_items`.
    :raises AgreementInvalid: see `read_exception_terms`.
    :raises MayNot: whoever acts may not.
    """
    hold_lock(f"drift:{connection.pk}")
    items = resolvable_items(by, connection, item_ids)
    said = _required(reason)
    targets: dict[str, list[str]] = {}
    for item in items:
        if item.kind != DriftItem.Kind.GUARDRAIL_FAILS:
            raise CannotResolve(f"{item} is not a guardrail's: adopt, revert or ignore it")
        named = [one["account_id"] for one in (item.collected or {}).get("accounts", ())]
        whole = (item.collected or {}).get("count") != len(named)
        targets.setdefault(item.target_id, []).extend([item.place_id] if whole else named)
    made = []
    for guardrail_id, target_ids in targets.items():
        given = {
            "guardrail_id": guardrail_id,
            "kind": GuardrailException.Kind.WAIVER.value,
            "targets": sorted(set(target_ids)),
            "reason": said,
            "until": until.isoformat(),
        }
        terms = read_exception_terms(given, connection, today=now.date(), by=by.user)
        made.append(exception_ask(by=by, connection=connection, terms=terms, now=now))
    numbers = ", ".join(str(one) for one in made)
    drift_noted(items, by=by, how="except", reason=numbers, now=now)
    return made


def _required(reason: str) -> str:
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise CannotResolve("say why this is the desired state")
    return said


def _audit(
    by: ActingPerson, items: Sequence[DriftItem], how: str, reason: str, now: datetime
) -> None:
    for item in items:
        audit_record(
            actor=by.actor,
            action=actions.DRIFT_RESOLVE,
            object_kind="drift_item",
            object_id=str(item.pk),
            object_name=str(item),
            connection_id=item.connection_id,
            target_id=item.place_id,
            after={"how": how, "reason": reason},
            now=now,
        )


def drift_noted(
    items: Sequence[DriftItem], *, by: ActingPerson, how: str, reason: str, now: datetime
) -> None:
    """Write into history and record that some drift is being put right, in the caller's way."""
    write_events([(item, how, {"reason": reason}) for item in items], at=now, actor_id=by.user.pk)
    _audit(by, items, how, reason, now)


def _tell(connection: Connection, items: Sequence[DriftItem], now: datetime) -> None:
    drift_changed.send(
        sender=DriftItem,
        connection=connection,
        appeared=[],
        changed={item.pk for item in items},
        now=now,
    )
