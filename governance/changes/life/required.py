"""The approvals that a request needs: worked out of its evidence, and as stored with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from governance.access.owners.labels import read_labels
from governance.access.owners.targets import target_tree
from governance.approvals.effects import TargetEffect
from governance.approvals.requirements import RequiredApproval, required_approvals
from governance.changes.evidence.contents import read_target
from governance.changes.life.reviews import excluded_people
from governance.changes.models import ChangeRequest, Evidence
from governance.changes.states import ChangeState


def effects_of(evidence: Evidence) -> tuple[TargetEffect, ...]:
    """Return the accounts in which a request changes something, as its evidence has them."""
    return tuple(map(read_target, evidence.content["targets"]))


def required_of(
    change_request: ChangeRequest, effects: Iterable[TargetEffect], *, now: datetime
) -> tuple[RequiredApproval, ...]:
    """Return who has to agree as rules, owners and deputies stand now."""
    return required_approvals(
        change_request.connection,
        tuple(effects),
        excluded=excluded_people(change_request),
        now=now,
        waiting_since=waiting_since(change_request),
    )


def waiting_since(change_request: ChangeRequest) -> datetime | None:
    """Return since when a request waits for approvals, or waited; None: it does not.

    Owners further up who agreed for want of an answer below stay entitled once it is approved.
    """
    if change_request.state == ChangeState.IN_REVIEW:
        return change_request.state_at
    agreed = {
        *(ChangeState.APPROVED, ChangeState.SCHEDULED),
        *(ChangeState.HANDED_OUT, ChangeState.DIFFERS),
    }
    return change_request.submitted_at if change_request.state in agreed else None


def required_json(required: Iterable[RequiredApproval]) -> list[dict[str, Any]]:
    """Return approvals as a request stores them: by keys of people as well as by their names."""
    return [
        {
            **one.as_json(),
            "entitled_ids": sorted(one.entitled),
            "security_ids": sorted(one.security),
        }
        for one in required
    ]


def read_required(stored: Iterable[Mapping[str, Any]]) -> tuple[RequiredApproval, ...]:
    """Read approvals that a request has stored, without the names."""
    return tuple(
        RequiredApproval(
            key=one["key"],
            label=one["label"],
            target_ids=tuple(one["target_ids"]),
            account_count=one["account_count"],
            count=one["count"],
            entitled=frozenset(one["entitled_ids"]),
            source=one["source"],
            needs_security=one["needs_security"],
            needs_step_up=one["needs_step_up"],
            problem=one["problem"],
            security=frozenset(one["security_ids"]),
            owners=tuple(one["owners"]),
            rules=tuple(one["rules"]),
            escalated=one["escalated"],
        )
        for one in stored
    )


def entitled_people(change_request: ChangeRequest) -> frozenset[int]:
    """Return the keys of the people who may agree to a request, as last worked out."""
    return frozenset(
        person
        for one in read_required(change_request.required_approvals)
        for person in one.entitled | one.security
    )


def reaches_protected(
    change_request: ChangeRequest,
    effects: Iterable[TargetEffect],
    required: Iterable[RequiredApproval],
) -> bool:
    """Return whether a request reaches the root or production, so that acts need a fresh proof."""
    if any(one.needs_step_up for one in required):
        return True
    if any(one.startswith("r-") for one in change_request.reaching_ids):
        return True
    tree = target_tree(change_request.connection)
    labels = read_labels(change_request.connection, tree)
    changed = {one.target_id for one in effects}.union(change_request.touched_target_ids)
    return any(labels.is_protected(one) for one in changed if one in tree.by_id)
