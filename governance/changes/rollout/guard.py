"""What must hold before a write, read again from the database: no message and no page is trusted.

Each turn of a worker begins with the plan: its digest is worked out again, and the steps that are
made are those of the evidence that bears it. Before each write comes what may have changed
meanwhile: the request, its reviews, who may give them, and what the audit log has of all this.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User

from governance.access import rights
from governance.access.viewers import holds, holds_within
from governance.approvals.models import Review
from governance.approvals.requirements import ApprovalStanding
from governance.approvals.reviews import reviews_of, still_entitled
from governance.audit import actions
from governance.audit.canonical import entry_bytes
from governance.audit.merkle import leaf_hash
from governance.audit.models import AuditEntry, AuditLeaf
from governance.changes.evidence.digests import plan_digest
from governance.changes.life.required import effects_of
from governance.changes.life.reviewing import review_subject
from governance.changes.life.reviews import review_marks_of
from governance.changes.models import ChangeRequest, Evidence, JournalEntry, Rollout
from governance.changes.rollout.plans import plan_json, rings_of, steps_digest, steps_of
from governance.edits.operations import OperationsInvalid, read_operations

_NOT_STARTED: Final = "the audit log does not have who started this"


class NotApproved(Exception):
    """What is about to be written is not what was approved; the message says why."""


def check_plan(request: ChangeRequest, rollout: Rollout) -> None:
    """Let steps be made that are those of the evidence whose digest was approved.

    Those of a way back are bound in the audit log when it is prepared.

    :raises NotApproved: see there.
    """
    _check_created(rollout)
    if rollout.kind != Rollout.Kind.FORWARD:
        _check_way_back(request, rollout)
        return
    evidence = request.evidence
    if evidence is None or not request.plan_sha256:
        raise NotApproved("the request has no evidence")
    check_digest(request, evidence)
    if rollout.plan_sha256 != request.plan_sha256:
        raise NotApproved("the plan is not the one that the evidence was made of")
    if rollout.plan != plan_json(evidence.plan):
        raise NotApproved("the rollout's steps are not those of the evidence")
    entry = rollout.audit_entry
    if entry is None:
        raise NotApproved(_NOT_STARTED)
    if (entry.after or {}).get("steps_sha256") != steps_digest(rollout.plan):
        raise NotApproved("the steps are not those with which the rollout was started")


def _check_created(rollout: Rollout) -> None:
    """Let placeholders stand for what AWS has created by the journal, which is never changed."""
    creating = {step.number: step.creates for step in steps_of(rollout) if step.creates}
    lines = JournalEntry.objects.filter(
        rollout=rollout, step__in=creating, phase=JournalEntry.Phase.ANSWER
    ).values_list("step", "detail")
    made = {creating[step]: detail.get("created_id") for step, detail in lines.order_by("pk")}
    if any(made.get(name) != created_id for name, created_id in rollout.created.items()):
        raise NotApproved("what the rollout says AWS has created is not what the journal says")


def _check_way_back(request: ChangeRequest, rollout: Rollout) -> None:
    """Let the steps of a way back be made that were worked out when it was prepared."""
    if rollout.base is None:
        return
    entries = AuditEntry.objects.filter(
        action=actions.CHANGE_WAY_BACK,
        object_kind="change_request",
        object_id=str(request.number),
        connection_id=request.connection_id,
        after__rollout=rollout.pk,
    )
    # It is prepared once: with two entries one is not of the worker.
    said = [(entry.after or {}).get("steps_sha256") for entry in entries]
    if said != [steps_digest(rollout.plan)]:
        raise NotApproved("the steps of the way back are not those with which it was prepared")
    check_sealed(entries[0])


def check_digest(request: ChangeRequest, evidence: Evidence) -> None:
    """Work out again what the approvals bind, from the rows that it is made of.

    :raises NotApproved: it is not what the request and its evidence say.
    """
    try:
        digest = plan_digest(
            operations=read_operations(request.operations),
            targets=evidence.base["targets"],
            rings=rings_of(evidence.plan),
            conclusions=evidence.conclusions,
        )
    except (OperationsInvalid, LookupError, TypeError) as error:
        raise NotApproved(f"the request cannot be read any more: {error}") from error
    if not digest == evidence.plan_sha256 == request.plan_sha256:
        raise NotApproved("operations, rings or conclusions are not those that were approved")


class Guard:
    """Looks at what was approved before each write of one turn of a worker.

    Reviews are read each time. What they rest on, rules, rights, owners, deputies and proofs, is
    worked out again where anything was recorded since, and at least once a minute: each of these
    changes by an act that the audit log has.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: tuple[Any, ...] | None = None

    def check_before_write(
        self, request: ChangeRequest, rollout: Rollout, *, now: datetime
    ) -> None:
        """Let a write be made that was approved, and still is. Both rows are locked.

        :raises NotApproved: see there.
        """
        _check_start(request, rollout)
        if rollout.kind == Rollout.Kind.FORWARD and rollout.plan_sha256 != request.plan_sha256:
            raise NotApproved("the request was edited after its rollout began")
        needed = rollout.kind == Rollout.Kind.FORWARD and not request.emergency
        given = review_marks_of(request) if needed else []
        known = (now.replace(second=0, microsecond=0), _last_recorded(), given)
        if known == self._known:
            return
        if rollout.audit_entry is not None:
            check_sealed(rollout.audit_entry)
        if needed:
            check_approvals(request)
        elif rollout.kind == Rollout.Kind.FORWARD:
            _check_emergency(request, rollout)
        self._known = known


def _last_recorded() -> int | None:
    """Return the newest audit entry that no rollout has written."""
    return (
        AuditEntry.objects.exclude(action=actions.CHANGE_WRITE)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )


def _check_start(request: ChangeRequest, rollout: Rollout) -> None:
    entry = rollout.audit_entry
    if entry is None or entry.action not in _started_by(request, rollout):
        raise NotApproved(_NOT_STARTED)
    if entry.object_id != str(request.number) or entry.connection_id != request.connection_id:
        raise NotApproved("the audit entry of the start is of another request")


def _started_by(request: ChangeRequest, rollout: Rollout) -> frozenset[str]:
    """Return the acts that start such a rollout: what passes over reviews is said to do so."""
    if rollout.kind != Rollout.Kind.FORWARD:
        return frozenset({actions.CHANGE_ROLL_BACK})
    return frozenset({actions.CHANGE_EMERGENCY if request.emergency else actions.CHANGE_START})


def _check_emergency(request: ChangeRequest, rollout: Rollout) -> None:
    """Let an emergency go on whose starter still has the break-glass right."""
    actor_id = rollout.audit_entry.actor_id if rollout.audit_entry is not None else None
    person = None
    if actor_id is not None:
        person = User.objects.filter(pk=actor_id, is_active=True).first()
    if person is None or not holds(person, rights.EMERGENCY_CHANGE, connection=request.connection):
        raise NotApproved("whoever began this emergency may not do so any more")


def check_approvals(request: ChangeRequest) -> None:
    """Let a plan pass to which all have agreed who must, by their rights as they are now.

    Who was away or escalated to is taken as of the last approval: nobody's word lapses because
    they are away when it is carried out.

    :raises NotApproved: see there.
    """
    evidence = request.evidence
    if evidence is None or not request.plan_sha256:
        raise NotApproved("the request has no evidence")
    check_digest(request, evidence)
    subject = review_subject(request)
    reviews = reviews_of(subject)
    found = still_entitled(
        request.connection,
        subject,
        effects_of(evidence),
        now=max((one.created_at for one in reviews), default=request.state_at),
        waiting_since=request.submitted_at,
    )
    names = {one.reviewer_id: str(one.reviewer) for one in reviews}
    for person in (*found.rejected, *found.changes_requested):
        raise NotApproved(f"{names[person]} no longer approves")
    for required in found.missing:
        raise NotApproved(f"an approval is missing or no longer counts: {required.label}")
    _check_people(request, reviews, found)
    for entry in _entries_of(reviews):
        check_sealed(entry)


def _check_people(
    request: ChangeRequest, reviews: Iterable[Review], found: ApprovalStanding
) -> None:
    counted = {
        person
        for met in found.by_requirement.values()
        for person in (*met.approved_by, *met.security_by)
    }
    for reviewer in {one.reviewer for one in reviews if one.reviewer_id in counted}:
        may = holds_within(reviewer, rights.REVIEW_CHANGE, connection=request.connection)
        if not reviewer.is_active or not may:
            raise NotApproved(f"{reviewer} may not approve any more")


def _entries_of(reviews: Iterable[Review]) -> Iterator[AuditEntry]:
    """Yield the audit entries that bear reviews out, of those they were carried from too."""
    for one in reviews:
        step: Review | None = one
        while step is not None:
            if step.audit_entry is not None:
                yield step.audit_entry
            step = step.carried_from


def check_sealed(entry: AuditEntry) -> None:
    """Compare an audit entry with its leaf, where it has been sealed.

    :raises NotApproved: it was changed after it was written.
    """
    leaf = AuditLeaf.objects.filter(entry_id=entry.pk).values_list("leaf_hash", flat=True).first()
    if leaf is not None and bytes(leaf) != leaf_hash(entry_bytes(entry)):
        raise NotApproved(f"audit entry {entry.pk} was changed after it was written")
