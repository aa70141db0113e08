"""Confirming core accounts: a person says which account does which piece of work."""

import re
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.audit.services import audit_record
from governance.baseline.landing_zone.models import CoreAccount
from inventory.models import Account, Connection, Organization

_ACCOUNT: Final = re.compile(r"\d{12}")
_KIND: Final = "core_account"


class CannotConfirmCoreAccount(ValueError):
    """An account cannot be confirmed so. `member`: which part is wrong."""

    def __init__(self, member: str, message: str) -> None:
        self.member = member
        super().__init__(message)


class NoSuchCoreAccount(LookupError):
    """Nobody confirmed an account for this work."""


@transaction.atomic
def core_account_confirm(
    *, by: ActingPerson, connection: Connection, purpose: str, account_id: str, now: datetime
) -> CoreAccount:
    """Confirm which account does a piece of work, in the place of any confirmed before.

    :raises MayNot: without the right to confirm core accounts.
    :raises CannotConfirmCoreAccount: no such purpose, no account of the organization, or another
        account than AWS's for the management account.
    """
    by.require(rights.CONFIRM_CORE_ACCOUNTS, connection)
    if purpose not in CoreAccount.Purpose.values:
        raise CannotConfirmCoreAccount(
            "purpose", f"choose one of {', '.join(CoreAccount.Purpose.values)}"
        )
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    account = _account(connection, purpose, account_id.strip())
    row = CoreAccount.objects.filter(connection=connection, purpose=purpose).first()
    before = {} if row is None else {"account_id": row.account_id}
    if row is not None and row.account_id == account.account_id:
        return row
    if row is None:
        row = CoreAccount(connection=connection, purpose=purpose)
    row.account_id = account.account_id
    row.confirmed_by, row.confirmed_at = by.user, now
    row.save()
    _record(by, row, actions.CORE_ACCOUNT_CONFIRM, before, now, account.name)
    return row


@transaction.atomic
def core_account_remove(
    *, by: ActingPerson, connection: Connection, purpose: str, now: datetime
) -> None:
    """Forget who was confirmed; the evidence counts again.

    :raises MayNot: without the right to confirm core accounts.
    :raises NoSuchCoreAccount: see there.
    """
    by.require(rights.CONFIRM_CORE_ACCOUNTS, connection)
    row = (
        CoreAccount.objects.select_for_update()
        .filter(connection=connection, purpose=purpose)
        .first()
    )
    if row is None:
        raise NoSuchCoreAccount(f"nobody confirmed an account for {purpose}")
    _record(by, row, actions.CORE_ACCOUNT_REMOVE, {"account_id": row.account_id}, now)
    row.delete()


def _account(connection: Connection, purpose: str, account_id: str) -> Account:
    if not _ACCOUNT.fullmatch(account_id):
        raise CannotConfirmCoreAccount("account_id", "give an account id of 12 digits")
    account: Account | None = (
        Account.objects.as_of(None).filter(connection=connection, account_id=account_id).first()
    )
    if account is None:
        raise CannotConfirmCoreAccount(
            "account_id", f"{account_id} is not an account of this organization"
        )
    if purpose == CoreAccount.Purpose.MANAGEMENT:
        own = Organization.objects.as_of(None).filter(connection=connection).first()
        if own is None or own.management_account_id != account_id:
            raise CannotConfirmCoreAccount(
                "account_id",
                "AWS Organizations says which account manages the organization: "
                f"{own.management_account_id if own else 'no run has read it yet'}",
            )
    return account


def _record(
    by: ActingPerson,
    row: CoreAccount,
    action: str,
    before: dict[str, str],
    now: datetime,
    name: str = "",
) -> None:
    confirmed = action == actions.CORE_ACCOUNT_CONFIRM
    audit_record(
        actor=by.actor,
        action=action,
        object_kind=_KIND,
        object_id=row.purpose,
        object_name=str(CoreAccount.Purpose(row.purpose).label),
        connection_id=row.connection_id,
        before=before,
        after={"account_id": row.account_id, "name": name} if confirmed else {},
        now=now,
    )
