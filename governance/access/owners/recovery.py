"""Who may be let in again by an administrator alone, and who only with a second person.

A link for a new password, the removal of second factors or another identity at the provider give
an account to whoever receives them. Where the account decides, an administrator could so cast
somebody else's vote; therefore a second person confirms it first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from governance.access.grants import assignments_of, counting
from governance.access.owners.group_ownerships import owned_in_production
from governance.access.owners.models import DeputyTerm, GrantProposal
from governance.access.owners.proposing import needs_second_person, recovery_proposal_create
from governance.audit.actors import Actor

# Once confirmed, whoever proposed a recovery may carry it out for so long.
RECOVERY_WINDOW: Final = timedelta(hours=24)


class RecoveryNotConfirmed(Exception):
    """The account decides, and no second person has confirmed its recovery; the message says."""


@dataclass(frozen=True, slots=True)
class RecoveryStanding:
    """What recovering an account takes. `why`: why a second person is needed; empty: none is.

    `until`: a second person has confirmed it, and it may be carried out until then. `waits`: it was
    proposed, and nobody has confirmed it yet.
    """

    why: str
    until: datetime | None = None
    waits: bool = False


def recovery_standing(*, actor: Actor, user: User, now: datetime) -> RecoveryStanding:
    """Return what it takes for `actor` to let `user` in again.

    Commands on the server and people themselves need nobody else.
    """
    if actor.kind not in ("person", "service account") or actor.user_id == user.pk:
        return RecoveryStanding("")
    why = why_decides(user, now=now)
    if not why:
        return RecoveryStanding("")
    proposed = GrantProposal.objects.filter(
        kind=GrantProposal.Kind.RECOVERY, user=user, proposed_by_id=actor.user_id
    )
    confirmed = proposed.filter(
        state=GrantProposal.State.CONFIRMED, decided_at__gt=now - RECOVERY_WINDOW
    ).first()
    if confirmed is not None and confirmed.decided_at is not None:
        return RecoveryStanding(why, until=confirmed.decided_at + RECOVERY_WINDOW)
    waits = proposed.filter(state=GrantProposal.State.PROPOSED).exists()
    return RecoveryStanding(why, waits=waits)


def require_recovery(*, actor: Actor, user: User, now: datetime) -> None:
    """Go on only where `actor` may let `user` in again.

    :raises RecoveryNotConfirmed: it needs a second person, and none has confirmed it.
    """
    standing = recovery_standing(actor=actor, user=user, now=now)
    if standing.why and standing.until is None:
        name = user.get_username()
        raise RecoveryNotConfirmed(f"{name} {standing.why}; a second person has to confirm it")


@transaction.atomic
def recovery_propose(*, actor: Actor, user: User, now: datetime) -> GrantProposal:
    """Ask a second person to confirm that an account is recovered; once, while it is open."""
    known = GrantProposal.objects.filter(
        kind=GrantProposal.Kind.RECOVERY,
        state=GrantProposal.State.PROPOSED,
        user=user,
        proposed_by_id=actor.user_id,
    ).first()
    if known is not None:
        return known
    return recovery_proposal_create(
        actor=actor, user=user, what=why_decides(user, now=now)[:240], now=now
    )


def why_decides(user: User, *, now: datetime) -> str:
    """Say by what somebody decides over others, also while deactivated; empty: by nothing."""
    if user.is_superuser:
        return "is a superuser"
    roles = assignments_of(user).filter(counting(now)).values_list("role", flat=True)
    deciding = sorted({role for role in roles if needs_second_person(role)})
    if deciding:
        return f"holds the role {deciding[0]}"
    stood_in_for = DeputyTerm.objects.filter(deputy=user, ends_at__gt=now).values("user_id")
    groups = User.groups.through.objects.filter(
        Q(user_id=user.pk) | Q(user_id__in=stood_in_for)
    ).values("group_id")
    owned = owned_in_production(
        Q(user_id=user.pk) | Q(user_id__in=stood_in_for) | Q(group_id__in=groups)
    )
    return f"decides for {owned}, which is production" if owned else ""
