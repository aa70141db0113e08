"""What must hold before each write, read anew from the database: nobody's message is trusted."""

from datetime import datetime

from governance.approvals.models import Review, ReviewVerdict
from governance.audit import actions
from governance.audit.canonical import entry_bytes
from governance.audit.merkle import leaf_hash
from governance.audit.models import AuditEntry, AuditLeaf
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.rollout.plans import plan_json

STARTED_BY = {
    Rollout.Kind.FORWARD: frozenset({actions.CHANGE_START, actions.CHANGE_EMERGENCY}),
    Rollout.Kind.ROLLBACK: frozenset({actions.CHANGE_ROLL_BACK}),
    Rollout.Kind.REVERT: frozenset({actions.CHANGE_ROLL_BACK}),
}


class NotApproved(Exception):
    """What is about to be written is not what was approved; the message says why."""


def check_before_write(request: ChangeRequest, rollout: Rollout, *, now: datetime) -> None:
    """Let a write be made that was approved as it stands.

    :raises NotApproved: see there.
    """
    _check_start(request, rollout)
    if rollout.kind != Rollout.Kind.FORWARD:
        return
    evidence = request.evidence
    if evidence is None or not request.plan_sha256:
        raise NotApproved("the request has no evidence")
    if not rollout.plan_sha256 == evidence.plan_sha256 == request.plan_sha256:
        raise NotApproved("the plan is not the one that the evidence was made of")
    if rollout.plan != plan_json(evidence.plan):
        raise NotApproved("the rollout's steps are not those of the evidence")
    if not request.emergency:
        check_reviews(request)


def _check_start(request: ChangeRequest, rollout: Rollout) -> None:
    entry = rollout.audit_entry
    if entry is None or entry.action not in STARTED_BY[Rollout.Kind(rollout.kind)]:
        raise NotApproved("the audit log does not have who started this")
    if entry.object_id != str(request.number) or entry.connection_id != request.connection_id:
        raise NotApproved("the audit entry of the start is of another request")
    check_sealed(entry)


def check_reviews(request: ChangeRequest) -> None:
    """Let a plan pass that somebody has approved by its digest, as the audit log has it.

    :raises NotApproved: see there.
    """
    reviews = Review.objects.filter(
        subject_kind="change_request",
        subject_id=str(request.pk),
        digest=request.plan_sha256,
        voided_at__isnull=True,
    ).select_related("audit_entry", "carried_from__audit_entry", "reviewer")
    for review in reviews:
        if review.verdict in (ReviewVerdict.REJECT, ReviewVerdict.REQUEST_CHANGES):
            raise NotApproved(f"{review.reviewer} does not agree any more")
        entry = review.audit_entry
        if review.verdict == ReviewVerdict.APPROVE:
            if entry is None or entry.actor_id != review.reviewer_id:
                raise NotApproved(f"the audit log does not have the approval of {review.reviewer}")
            check_sealed(entry)


def check_sealed(entry: AuditEntry) -> None:
    """Compare an audit entry with its leaf, where it has been sealed.

    :raises NotApproved: it was changed after it was written.
    """
    leaf = AuditLeaf.objects.filter(entry_id=entry.pk).values_list("leaf_hash", flat=True).first()
    if leaf is not None and bytes(leaf) != leaf_hash(entry_bytes(entry)):
        raise NotApproved(f"audit entry {entry.pk} was changed after it was written")
