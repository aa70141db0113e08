"""Proposes what needs a second person, and withdraws it where it is needed no more."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction

from governance.access.models import ClaimRule, RoleAssignment
from governance.access.owners.acting import ActingPerson
from governance.access.owners.models import GrantProposal, Label, Ownership
from governance.access.roles import Role
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


def ownership_propose(
    *, by: ActingPerson, ownership: Ownership, reason: str, now: datetime
) -> GrantProposal:
    """Ask a second person to confirm an ownership in production; within a transaction."""
    return _propose(
        by.actor,
        now,
        kind=GrantProposal.Kind.OWNERSHIP,
        ownership=ownership,
        user=ownership.user,
        group=ownership.group,
        connection=ownership.connection,
        target_id=ownership.target_id,
        what="owner",
        reason=reason,
    )


def label_propose(*, by: ActingPerson, label: Label, reason: str, now: datetime) -> GrantProposal:
    """Ask a second person to confirm what takes a target out of production."""
    return _propose(
        by.actor,
        now,
        kind=GrantProposal.Kind.LABEL,
        label=label,
        connection=label.connection,
        target_id=label.target_id,
        what=label.value,
        reason=reason,
    )


@transaction.atomic
def role_propose(
    *, actor: Actor, assignment: RoleAssignment, reason: str = "", now: datetime
) -> GrantProposal:
    """Ask a second person to confirm a role, which counts from then on."""
    return _propose(
        actor,
        now,
        kind=GrantProposal.Kind.ROLE,
        role_assignment=assignment,
        user=assignment.user,
        group=assignment.group,
        connection=assignment.connection,
        target_id=assignment.target_id,
        what=assignment.role,
        reason=reason,
    )


@transaction.atomic
def membership_propose(*, actor: Actor, group: Group, user: User, now: datetime) -> GrantProposal:
    """Ask a second person to let somebody into a group that decides; once, while it is open."""
    known = GrantProposal.objects.filter(
        state=GrantProposal.State.PROPOSED, joined_group=group, user=user
    ).first()
    if known is not None:
        return known
    return _propose(
        actor,
        now,
        kind=GrantProposal.Kind.MEMBERSHIP,
        joined_group=group,
        user=user,
        what=group.name,
    )


@transaction.atomic
def claim_rule_propose(*, actor: Actor, rule: ClaimRule, now: datetime) -> GrantProposal:
    """Ask a second person to confirm that a claim gives a role that decides."""
    return _propose(
        actor,
        now,
        kind=GrantProposal.Kind.CLAIM,
        claim_rule=rule,
        connection=rule.connection,
        target_id=rule.target_id,
        what=str(rule),
    )


@transaction.atomic
def recovery_proposal_create(
    *, actor: Actor, user: User, what: str, now: datetime
) -> GrantProposal:
    """Ask a second person to confirm that somebody who decides is let in again."""
    return _propose(actor, now, kind=GrantProposal.Kind.RECOVERY, user=user, what=what)


def _propose(actor: Actor, now: datetime, **values: Any) -> GrantProposal:
    made = GrantProposal.objects.create(
        proposed_at=now,
        proposed_by_id=actor.user_id,
        expires_at=now + timedelta(days=settings.GRANT_PROPOSAL_DAYS),
        **values,
    )
    audit_record(
        actor=actor,
        action=actions.GRANT_PROPOSE,
        object_kind="grant",
        object_id=str(made.pk),
        object_name=str(made),
        connection_id=made.connection_id,
        target_id=made.target_id,
        after=proposal_facts(made),
        now=now,
    )
    return made


def needs_second_person(role: str) -> bool:
    """Whether a role that a person gives counts only once a second person has confirmed it."""
    return role in (Role.APPROVER, Role.SECURITY, Role.ADMINISTRATOR)


def proposal_facts(proposal: GrantProposal) -> dict[str, Any]:
    """Return what the audit log says of a proposal."""
    to = proposal.user or proposal.group
    return {
        "kind": proposal.kind,
        "what": proposal.what,
        "to": "" if to is None else str(to),
        "target_id": proposal.target_id,
        "reason": proposal.reason,
    }


def withdraw(
    *, now: datetime, **of: Ownership | Label | RoleAssignment | ClaimRule | Group | User
) -> None:
    """Let the open proposal of what was ended expire. `of`: one of the proposal's links."""
    GrantProposal.objects.filter(state=GrantProposal.State.PROPOSED, **of).update(
        state=GrantProposal.State.EXPIRED,
        decided_at=now,
        decision_note="Withdrawn: what was granted was taken back.",
    )
