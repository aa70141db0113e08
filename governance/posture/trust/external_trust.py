"""How many roles of each account let in principals from outside the organization."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.posture.state.organization import IAM_COLLECTOR, iam_marks
from governance.posture.state.process_cache import ProcessCache
from governance.posture.trust.trusted_outsiders import Inside, LetsIn, outsiders_let_in
from inventory.models import Connection
from inventory.selectors.accounts import account_parents, organization_account_ids
from inventory.selectors.hierarchy import organization
from inventory.selectors.roles import RoleMarks, role_marks, roles_by_trust, trust_texts
from inventory.selectors.state_marks import (
    CollectedMarks,
    StateMarks,
    accounts_ever_complete,
    state_marks,
)
from inventory.viewing import Viewer, sees_whole

_KEPT: Final = 12


@dataclass(frozen=True, slots=True)
class OutsideRoles:
    """Roles of one account that let in somebody from outside, and those that let in anyone."""

    roles: int
    open_to_anyone: int


NO_OUTSIDE_ROLES: Final = OutsideRoles(0, 0)


@dataclass(frozen=True, slots=True)
class ExternalTrust:
    """By account; accounts without such a role are absent. Shared: never change it.

    `unknown`: accounts whose IAM was never read whole, or with a trust policy nobody can read.
    """

    by_account: Mapping[str, OutsideRoles]
    unknown: frozenset[str]


def external_trust(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> ExternalTrust:
    """Count the roles that let outsiders in, once a process for each state of the organization.

    What counts as outside: see `trusted_outsiders`. Each trust policy is read once by its content.
    """
    key = (
        connection.pk,
        state_marks(viewer, connection=connection, as_of=as_of),
        role_marks(viewer, connection=connection, as_of=as_of),
        iam_marks(viewer, connection=connection, as_of=as_of),
    )
    return _counted.get(key, lambda: _count(viewer, connection, as_of))


_Key = tuple[int, StateMarks, RoleMarks, CollectedMarks]
_counted: Final[ProcessCache[_Key, ExternalTrust]] = ProcessCache(most=_KEPT)


def _count(viewer: Viewer, connection: Connection, as_of: datetime | None) -> ExternalTrust:
    own = organization(viewer, connection=connection, as_of=as_of)
    account_ids = set(account_parents(viewer, connection=connection, as_of=as_of))
    every = organization_account_ids(connection=connection, as_of=as_of)
    own_ids = {own.management_account_id} if own is not None else set[str]()
    if sees_whole(viewer, connection):
        account_ids |= own_ids
    inside = Inside(own.organization_id if own else None, every | own_ids)
    answers = {
        sha256: answer
        for sha256, text in trust_texts(viewer, connection=connection, as_of=as_of).items()
        if (answer := outsiders_let_in(sha256, text, inside)) is not LetsIn.NOBODY
    }
    unknown = account_ids - accounts_ever_complete(
        viewer, connection=connection, collector=IAM_COLLECTOR, as_of=as_of
    )
    by_account: dict[str, OutsideRoles] = {}
    for account_id, sha256, roles in roles_by_trust(
        viewer, connection=connection, hashes=answers, as_of=as_of
    ):
        if answers[sha256] is LetsIn.UNKNOWN:
            unknown.add(account_id)
            continue
        before = by_account.get(account_id, NO_OUTSIDE_ROLES)
        by_account[account_id] = OutsideRoles(
            before.roles + roles,
            before.open_to_anyone + (roles if answers[sha256] is LetsIn.ANYONE else 0),
        )
    return ExternalTrust(by_account, frozenset(unknown))
