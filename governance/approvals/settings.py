"""Settings that decide over changes: versioned, and each new version agreed to by a second person.

The content that holds is the newest active version, or else what the product brings (version 0).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet

from governance.access import rights
from governance.access.viewers import holds
from governance.approvals.entitlement import right_holders
from governance.approvals.forms import SettingContent, form_of
from governance.approvals.models import SettingVersion
from governance.approvals.rules import ApprovalRules, read_rules
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.models import Connection

Kind = SettingVersion.Kind
State = SettingVersion.State
_MOST_NAMED: Final = 5


class CannotChangeSetting(ValueError):
    """A setting cannot be changed so; the message says why and what to do."""


class SettingMoved(CannotChangeSetting):
    """Another version became active since the page or the answer was read."""


class MayNotChangeSetting(CannotChangeSetting):
    """It is not this person's to propose or decide."""


class NoSuchSettingVersion(CannotChangeSetting):
    """The setting has no such version."""


@dataclass(frozen=True, slots=True)
class ActiveSetting:
    """What holds of a setting. `version` 0: the defaults, which no row holds."""

    version: int
    content: SettingContent
    row: SettingVersion | None = None


def active(connection: Connection, kind: str) -> ActiveSetting:
    """Return the version of a setting that holds."""
    row = (
        SettingVersion.objects.filter(connection=connection, kind=kind, state=State.ACTIVE)
        .select_related("proposed_by", "decided_by")
        .first()
    )
    if row is None:
        return ActiveSetting(0, form_of(kind).default(connection))
    return ActiveSetting(row.version, row.content, row)


def active_setting(connection: Connection, kind: str) -> tuple[int, SettingContent]:
    """Return the number and the content of the version of a setting that holds."""
    found = active(connection, kind)
    return found.version, found.content


def approval_rules(connection: Connection) -> ApprovalRules:
    """Return the approval rules that hold."""
    return read_rules(*active_setting(connection, Kind.APPROVAL_RULES))


def proposed_version(connection: Connection, kind: str) -> SettingVersion | None:
    """Return the version that waits for a second person, if one does."""
    return (
        SettingVersion.objects.filter(connection=connection, kind=kind, state=State.PROPOSED)
        .select_related("proposed_by", "connection")
        .first()
    )


def setting_versions(connection: Connection, kind: str) -> "QuerySet[SettingVersion]":
    """Return all versions of a setting, the newest first."""
    return (
        SettingVersion.objects.filter(connection=connection, kind=kind)
        .select_related("proposed_by", "decided_by")
        .order_by("-version")
    )


def setting_version(connection: Connection, kind: str, version: int) -> SettingVersion:
    """Return one version of a setting.

    :raises NoSuchSettingVersion: see there.
    """
    row = setting_versions(connection, kind).filter(version=version).first()
    if row is None:
        raise NoSuchSettingVersion(f"there is no version {version}")
    return row


def possible_confirmers(connection: Connection, proposer_id: int) -> list[User]:
    """Return who could confirm what somebody proposed: the right, and not the proposer."""
    ids = right_holders(connection, rights.MANAGE_APPROVAL_SETTINGS).whole - {proposer_id}
    return list(User.objects.filter(pk__in=ids).order_by("username"))


def lone_person_words(connection: Connection, proposer_id: int) -> str:
    """Say that nobody but the proposer could confirm, and what to do; empty: somebody can."""
    if possible_confirmers(connection, proposer_id):
        return ""
    return (
        "Nobody else may confirm this: no second person has the role Security or Administrator "
        "for the whole organization. An administrator can give it to someone under Roles, or "
        "confirm it on the server (manage.py confirm_setting)."
    )


@transaction.atomic
def setting_propose(
    *,
    actor: Actor,
    user: User,
    connection: Connection,
    kind: str,
    content: Any,
    base_version: int,
    reason: str = "",
    now: datetime,
) -> SettingVersion:
    """Propose a content; it holds once somebody else confirms it. Step-up is the caller's.

    `base_version`: the version that the proposer saw as active.

    :raises SettingInvalid: the content is not as its kind has it.
    :raises SettingMoved: another version is active now.
    :raises CannotChangeSetting: nothing differs, another proposal waits, or the right is missing.
    """
    _check_person(actor, user, connection)
    form = form_of(kind)
    cleaned = form.clean(connection, content)
    Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    was = active(connection, kind)
    if was.version != base_version:
        raise SettingMoved(f"version {was.version} is active now; read it and propose again")
    waiting = proposed_version(connection, kind)
    if waiting is not None:
        raise CannotChangeSetting(
            f"version {waiting.version} waits for a second person; confirm, refuse or withdraw it"
        )
    if cleaned == was.content:
        raise CannotChangeSetting("nothing differs from the active version")
    last = SettingVersion.objects.filter(connection=connection, kind=kind).aggregate(
        last=Max("version")
    )["last"]
    row = SettingVersion.objects.create(
        connection=connection,
        kind=kind,
        version=(last or 0) + 1,
        content=cleaned,
        reason=reason.strip(),
        proposed_by=user,
        proposed_at=now,
    )
    _record(row, actor, actions.SETTING_PROPOSE, now, before=was.content, after=cleaned)
    return row


@transaction.atomic
def setting_confirm(
    *, actor: Actor, user: User, connection: Connection, kind: str, version: int, now: datetime
) -> SettingVersion:
    """Make a proposed version the active one; somebody other than its proposer does.

    :raises NoSuchSettingVersion: there is none.
    :raises SettingInvalid: it was valid once and is no more, such as for want of a group.
    :raises CannotChangeSetting: it does not wait, it is one's own, or the right is missing.
    """
    row = _waiting(connection, kind, version)
    _check_person(actor, user, connection)
    if row.proposed_by_id == user.pk:
        raise MayNotChangeSetting(
            lone_person_words(connection, user.pk)
            or "you proposed it; a second person must confirm"
        )
    was = _activate(row, user, now)
    _record(row, actor, actions.SETTING_CONFIRM, now, before=was.content, after=row.content)
    return row


@transaction.atomic
def setting_confirm_by_command(
    *, actor: Actor, connection: Connection, kind: str, version: int, reason: str, now: datetime
) -> SettingVersion:
    """Confirm on the server what nobody else could: a first set-up has one administrator only.

    :raises NoSuchSettingVersion: there is none.
    :raises SettingInvalid: it was valid once and is no more, such as for want of a group.
    :raises CannotChangeSetting: it does not wait, no reason is given, or somebody could confirm it.
    """
    row = _waiting(connection, kind, version)
    if not reason.strip():
        raise CannotChangeSetting("give a reason; it is written to the audit log")
    able = possible_confirmers(connection, row.proposed_by_id)
    if able:
        names = ", ".join(one.get_username() for one in able[:_MOST_NAMED])
        raise CannotChangeSetting(f"a second person can confirm it: {names}")
    row.by_command = True
    was = _activate(row, None, now)
    _record(
        row,
        actor,
        actions.SETTING_CONFIRM_ALONE,
        now,
        before=was.content,
        after=row.content,
        confirmed_because=reason.strip(),
    )
    return row


@transaction.atomic
def setting_refuse(
    *, actor: Actor, user: User, connection: Connection, kind: str, version: int, now: datetime
) -> SettingVersion:
    """Refuse a proposed version.

    :raises NoSuchSettingVersion: there is none.
    :raises CannotChangeSetting: it does not wait, it is one's own, or the right is missing.
    """
    row = _waiting(connection, kind, version)
    _check_person(actor, user, connection)
    if row.proposed_by_id == user.pk:
        raise MayNotChangeSetting("you proposed it; withdraw it instead")
    _decide(row, State.REFUSED, user, now)
    _record(row, actor, actions.SETTING_REFUSE, now)
    return row


@transaction.atomic
def setting_withdraw(
    *, actor: Actor, user: User, connection: Connection, kind: str, version: int, now: datetime
) -> SettingVersion:
    """Withdraw one's own proposed version.

    :raises NoSuchSettingVersion: there is none.
    :raises CannotChangeSetting: it does not wait, or somebody else proposed it.
    """
    row = _waiting(connection, kind, version)
    if actor.token_id is not None or row.proposed_by_id != user.pk:
        raise MayNotChangeSetting("only who proposed it withdraws it, in their own session")
    _decide(row, State.WITHDRAWN, user, now)
    _record(row, actor, actions.SETTING_WITHDRAW, now)
    return row


def _check_person(actor: Actor, user: User, connection: Connection) -> None:
    if actor.token_id is not None:
        raise MayNotChangeSetting("people change this in their own session, never by a token")
    if not holds(user, rights.MANAGE_APPROVAL_SETTINGS, connection=connection):
        raise MayNotChangeSetting(
            f"this needs the right {rights.MANAGE_APPROVAL_SETTINGS} for the whole organization"
        )


def _waiting(connection: Connection, kind: str, version: int) -> SettingVersion:
    # The organization's row orders those who propose and decide at once.
    Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    row = setting_version(connection, kind, version)
    if row.state != State.PROPOSED:
        raise CannotChangeSetting(f"version {version} is {row.get_state_display().lower()} already")
    return row


def _activate(row: SettingVersion, user: User | None, now: datetime) -> ActiveSetting:
    """Make a version that waits the active one; return what was active before it.

    :raises SettingInvalid: what it names is gone since.
    """
    connection, kind = row.connection, row.kind
    form_of(kind).clean(connection, row.content)
    was = active(connection, kind)
    SettingVersion.objects.filter(connection=connection, kind=kind, state=State.ACTIVE).update(
        state=State.SUPERSEDED
    )
    _decide(row, State.ACTIVE, user, now)
    return was


def _decide(row: SettingVersion, state: "State", user: User | None, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, user, now
    row.save(update_fields=["state", "decided_by", "decided_at", "by_command"])


def _record(
    row: SettingVersion,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    before: SettingContent | None = None,
    after: SettingContent | None = None,
    **more: str,
) -> None:
    facts: dict[str, Any] = {
        "version": row.version,
        "state": row.state,
        "reason": row.reason,
        **more,
    }
    audit_record(
        actor=actor,
        action=action,
        object_kind=row.kind,
        object_id=str(row.version),
        object_name=str(row),
        connection_id=row.connection_id,
        before=None if before is None else {"content": before},
        after=facts if after is None else {**facts, "content": after},
        now=now,
    )
