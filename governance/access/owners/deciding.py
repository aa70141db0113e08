"""Confirms and refuses proposed grants: always a second person, never who gains by it."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from governance.access import rights
from governance.access.claim_values import has_claim
from governance.access.models import ClaimRule, RoleAssignment
from governance.access.owners.acting import ActingPerson
from governance.access.owners.memberships import CannotEnterGroup, membership_begin
from governance.access.owners.models import GrantProposal, Label
from governance.access.owners.proposing import proposal_facts
from governance.access.viewers import holds
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.viewing import Viewer, at_visible_places

State = GrantProposal.State


class CannotDecide(ValueError):
    """A proposal cannot be decided so; the message says why."""


class MayNotDecide(CannotDecide):
    """It is not this person's to decide; the message says why."""


class SessionOnly(MayNotDecide):
    """A token was sent; a person decides in their own session."""


@transaction.atomic
def grant_confirm(
    *, by: ActingPerson, proposal_id: int, note: str = "", now: datetime
) -> GrantProposal:
    """Confirm what somebody else proposed; from now on it counts.

    :raises GrantProposal.DoesNotExist: there is none.
    :raises CannotDecide: it was decided already, has run out, or is not theirs to decide.
    """
    proposal = _open_proposal(proposal_id, now)
    reason = why_not(by, proposal)
    if reason:
        raise MayNotDecide(reason)
    _apply(proposal, by.user, by.actor, now)
    return _decide(proposal, State.CONFIRMED, by.user, by.actor, note, now)


@transaction.atomic
def grant_refuse(
    *, by: ActingPerson, proposal_id: int, note: str = "", now: datetime
) -> GrantProposal:
    """Refuse a proposal, or withdraw one's own; what was proposed is taken back.

    :raises GrantProposal.DoesNotExist: there is none.
    :raises CannotDecide: it was decided already, has run out, or is not theirs to decide.
    """
    proposal = _open_proposal(proposal_id, now)
    if by.token is not None:
        raise SessionOnly("grants are decided by people in their own session, never by a token")
    if proposal.proposed_by_id != by.user.pk and not _entitled(by, proposal):
        raise MayNotDecide(_RIGHT_MISSING)
    _take_back(proposal, by.user, now)
    return _decide(proposal, State.REFUSED, by.user, by.actor, note, now)


@transaction.atomic
def grant_confirm_by_command(
    *, proposal_id: int, reason: str, actor: Actor, now: datetime
) -> GrantProposal:
    """Confirm on the server what nobody else could: a first set-up has one administrator only.

    :raises GrantProposal.DoesNotExist: there is none.
    :raises CannotDecide: it was decided already, has run out, or somebody could confirm it.
    """
    proposal = _open_proposal(proposal_id, now)
    if not reason.strip():
        raise CannotDecide("give a reason; it is written to the audit log")
    able = possible_confirmers(proposal)
    if able:
        names = ", ".join(sorted(one.get_username() for one in able)[:5])
        raise CannotDecide(f"a second person can confirm it: {names}")
    proposal.by_command = True
    _apply(proposal, None, actor, now)
    return _decide(proposal, State.CONFIRMED, None, actor, reason, now)


@transaction.atomic
def grants_expire(*, actor: Actor, now: datetime) -> int:
    """Let proposals expire whose time has run out, and take back what they proposed."""
    due = GrantProposal.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=State.PROPOSED, expires_at__lte=now
    )
    proposals = list(due)
    for proposal in proposals:
        _take_back(proposal, None, now)
        _decide(proposal, State.EXPIRED, None, actor, "Nobody decided in time.", now)
    return len(proposals)


_RIGHT_MISSING = f"this needs the right {rights.CONFIRM_OWNERS} at the place"


def why_not(by: ActingPerson, proposal: GrantProposal) -> str:
    """Return why somebody cannot confirm a proposal; empty: they can."""
    if by.token is not None:
        raise SessionOnly("grants are confirmed by people in their own session, never by a token")
    if proposal.proposed_by_id == by.user.pk:
        return "you proposed it; a second person must confirm"
    if _gains(by.user, proposal):
        return "you would gain by it; someone else must confirm"
    return "" if _entitled(by, proposal) else _RIGHT_MISSING


def _gains(user: User, proposal: GrantProposal) -> bool:
    if proposal.claim_rule is not None:
        return has_claim(user, proposal.claim_rule)
    if proposal.user_id is not None:
        return proposal.user_id == user.pk
    group_id = proposal.group_id
    return group_id is not None and user.groups.filter(pk=group_id).exists()


def _entitled(by: ActingPerson, proposal: GrantProposal) -> bool:
    return by.may(rights.CONFIRM_OWNERS, proposal.connection, proposal.target_id)


def possible_confirmers(proposal: GrantProposal) -> list[User]:
    """Return the active people who could confirm a proposal."""
    found = []
    for user in User.objects.filter(is_active=True).order_by("pk"):
        if not holds(user, rights.CONFIRM_OWNERS):
            continue
        acting = ActingPerson(user, Actor(kind="person", user_id=user.pk, name=user.username))
        if not why_not(acting, proposal):
            found.append(user)
    return found


def _open_proposal(proposal_id: int, now: datetime) -> GrantProposal:
    proposal = (
        GrantProposal.objects.select_for_update(of=("self",))
        .select_related(
            "connection",
            "ownership",
            "label",
            "role_assignment",
            "user",
            "group",
            "joined_group",
            "claim_rule",
        )
        .get(pk=proposal_id)
    )
    if proposal.state != State.PROPOSED:
        raise CannotDecide(f"it was {proposal.state} already")
    if proposal.expires_at <= now:
        raise CannotDecide("it has expired; propose it again")
    return proposal


def _apply(proposal: GrantProposal, user: User | None, actor: Actor, now: datetime) -> None:
    if proposal.kind == GrantProposal.Kind.RECOVERY:
        return  # whoever proposed it carries it out: `recovery.require_recovery`
    if proposal.joined_group is not None and proposal.user is not None:
        try:
            membership_begin(actor=actor, group=proposal.joined_group, user=proposal.user, now=now)
        except CannotEnterGroup as error:
            raise CannotDecide(str(error)) from error
        return
    row = proposal.ownership or proposal.label or proposal.role_assignment or proposal.claim_rule
    if row is None:
        raise CannotDecide("what it proposed no longer exists")
    if isinstance(row, Label):
        for other in Label.objects.as_of(None).filter(
            connection_id=row.connection_id, target_id=row.target_id, kind=row.kind
        ):
            if other.pk != row.pk:
                other.ended_at, other.ended_by = now, user
                other.save(update_fields=["ended_at", "ended_by"])
    row.confirmed_at, row.confirmed_by = now, user
    row.save(update_fields=["confirmed_at", "confirmed_by"])


def _take_back(proposal: GrantProposal, user: User | None, now: datetime) -> None:
    row = proposal.ownership or proposal.label
    if row is not None and row.ended_at is None:
        row.ended_at, row.ended_by = now, user
        row.save(update_fields=["ended_at", "ended_by"])
    if proposal.role_assignment_id is not None:
        RoleAssignment.objects.filter(
            pk=proposal.role_assignment_id, confirmed_at__isnull=True
        ).delete()
        proposal.role_assignment = None
    if proposal.claim_rule_id is not None:
        ClaimRule.objects.filter(pk=proposal.claim_rule_id, confirmed_at__isnull=True).delete()
        proposal.claim_rule = None


_ACTIONS = {
    State.CONFIRMED: actions.GRANT_CONFIRM,
    State.REFUSED: actions.GRANT_REFUSE,
    State.EXPIRED: actions.GRANT_EXPIRE,
}


def _decide(
    proposal: GrantProposal,
    state: "GrantProposal.State",
    user: User | None,
    actor: Actor,
    note: str,
    now: datetime,
) -> GrantProposal:
    proposal.state, proposal.decided_by, proposal.decided_at = state, user, now
    proposal.decision_note = note[:500]
    proposal.save()
    action = actions.GRANT_CONFIRM_ALONE if proposal.by_command else _ACTIONS[state]
    audit_record(
        actor=actor,
        action=action,
        object_kind="grant",
        object_id=str(proposal.pk),
        object_name=str(proposal),
        connection_id=proposal.connection_id,
        target_id=proposal.target_id,
        before={"state": State.PROPOSED.value},
        after={**proposal_facts(proposal), "state": state.value, "note": note},
        now=now,
    )
    return proposal


def proposals(viewer: Viewer, *, user: User) -> "QuerySet[GrantProposal]":
    """Return the proposals at places that may be seen, and one's own; the newest first.

    Roles that hold everywhere, or in a whole organization, are for who sees all of that.
    """
    seen = at_visible_places(viewer)
    shown = Q() if seen is None else Q(proposed_by=user) | Q(user=user) | seen
    return (
        GrantProposal.objects.filter(shown)
        .select_related(
            "connection", "user", "group", "joined_group", "claim_rule", "proposed_by", "decided_by"
        )
        .order_by("-proposed_at", "-pk")
    )


def waiting_for(by: ActingPerson, *, now: datetime) -> list[GrantProposal]:
    """Return the open proposals that somebody could confirm."""
    waiting = GrantProposal.objects.filter(state=State.PROPOSED, expires_at__gt=now)
    # Every page asks, and mostly there are none: that is found out without six joins.
    if not waiting.exists():
        return []
    rows = waiting.select_related(
        "connection", "user", "group", "joined_group", "claim_rule", "proposed_by"
    )
    return [row for row in rows.order_by("proposed_at", "pk") if not why_not(by, row)]
