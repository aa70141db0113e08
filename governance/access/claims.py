"""Gives people the roles that the claims of their identity provider name, and takes them back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from governance.access.actors import system_actor
from governance.access.claim_values import group_values
from governance.access.grants import forget_grants
from governance.access.models import ClaimRule, RoleAssignment
from governance.access.owners.proposing import claim_rule_propose, needs_second_person
from governance.access.owners.proposing import withdraw as withdraw_proposal
from governance.access.role_assignments import (
    CannotAssignRole,
    RolePlace,
    checked_target,
    role_assign,
    take_back,
)
from governance.access.roles import Role
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record


class CannotMakeClaimRule(ValueError):
    """A rule cannot be made as asked; the message says why."""


@transaction.atomic
def roles_from_claims(*, user: User, now: datetime) -> list[RoleAssignment]:
    """Give a person exactly the roles that the claims of their recent sign-ins name.

    They lapse `OIDC_ROLE_HOURS` after the sign-in whose claim named them: a sign-in at one provider
    has roles of another last no longer. Roles given by hand stay as they are. A role
    goes with its claim even where nobody else is an administrator: a break-glass account remains.
    """
    lapse = timedelta(hours=settings.OIDC_ROLE_HOURS)
    rules: dict[tuple[str, int | None, str], tuple[ClaimRule, datetime]] = {}
    recent = SocialAccount.objects.filter(user=user, last_login__gt=now - lapse)
    for account in recent.order_by("last_login"):
        values = group_values(account.extra_data)
        for rule in (
            ClaimRule.objects.filter(provider_id=account.provider, value__in=values)
            .exclude(needs_confirmation=True, confirmed_at=None)
            .select_related("connection")
        ):
            key = (rule.role, rule.connection_id, rule.target_id)
            rules[key] = (rule, account.last_login + lapse)
    actor = system_actor("identity provider")
    held = {
        (row.role, row.connection_id, row.target_id): row
        for row in RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("user", "group", "connection")
        .filter(user=user, source=RoleAssignment.Source.CLAIM)
    }
    for key, row in held.items():
        if key not in rules:
            take_back(row, actor=actor, now=now)
    given = [
        _give(actor, user, rule, held.get(key), ends_at=ends_at, now=now)
        for key, (rule, ends_at) in rules.items()
    ]
    forget_grants(user)
    return [row for row in given if row is not None]


def _give(
    actor: Actor,
    user: User,
    rule: ClaimRule,
    held: RoleAssignment | None,
    *,
    ends_at: datetime,
    now: datetime,
) -> RoleAssignment | None:
    """Give the role, or have the one that is held last longer; None: its place is no more."""
    if held is not None and held.ends_at is not None and held.ends_at > now:
        RoleAssignment.objects.filter(pk=held.pk).update(ends_at=ends_at)
        return held
    try:
        return role_assign(
            actor=actor,
            role=rule.role,
            place=RolePlace(rule.connection, rule.target_id),
            user=user,
            ends_at=ends_at,
            source=RoleAssignment.Source.CLAIM,
            now=now,
        )
    except CannotAssignRole:
        return None


@transaction.atomic
def claim_rule_create(
    *, actor: Actor, provider_id: str, value: str, role: str, place: RolePlace, now: datetime
) -> ClaimRule:
    """Have a claim's value give a role at a place, from each person's next sign-in on.

    Where a person makes a rule whose role needs a second one, it gives nothing before somebody
    else has confirmed it: otherwise whoever may map claims could hand out deciding roles alone.

    :raises CannotMakeClaimRule: no value, no such role or place, or the rule is there.
    """
    if not value.strip():
        raise CannotMakeClaimRule("name the value of the claim")
    if role not in Role.values:
        raise CannotMakeClaimRule(f"there is no role {role!r}")
    try:
        target_id = checked_target(place)
    except CannotAssignRole as error:
        raise CannotMakeClaimRule(str(error)) from None
    by_person = actor.kind in ("person", "service account")
    try:
        with transaction.atomic():
            row = ClaimRule.objects.create(
                provider_id=provider_id,
                value=value.strip(),
                role=role,
                connection=place.connection,
                target_id=target_id,
                created_at=now,
                created_by_id=actor.user_id,
                needs_confirmation=by_person and needs_second_person(role),
            )
    except IntegrityError:
        raise CannotMakeClaimRule("this rule already exists") from None
    _record_rule(actor, actions.CLAIM_RULE_CREATE, row, now=now)
    if row.needs_confirmation:
        claim_rule_propose(actor=actor, rule=row, now=now)
    return row


@transaction.atomic
def claim_rule_delete(*, actor: Actor, rule_id: int, now: datetime) -> None:
    """Remove a rule; its roles go at each person's next sign-in, or lapse before.

    :raises ClaimRule.DoesNotExist: there is no such rule.
    """
    row = ClaimRule.objects.select_for_update().get(pk=rule_id)
    withdraw_proposal(now=now, claim_rule=row)
    _record_rule(actor, actions.CLAIM_RULE_DELETE, row, now=now)
    row.delete()


def claim_rules() -> Iterable[ClaimRule]:
    """Return all rules with their organizations."""
    return ClaimRule.objects.select_related("connection")


def _record_rule(actor: Actor, action: str, row: ClaimRule, *, now: datetime) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="claim rule",
        object_id=str(row.pk),
        object_name=f"{row.value} gives {row.role}",
        connection_id=row.connection_id,
        target_id=row.target_id,
        after={"provider": row.provider_id, "value": row.value, "role": row.role},
        now=now,
    )
