"""Which collected resources let in callers from outside that a changed RCP may shut out.

And which edges of trust a changed RCP or SCP closes or opens.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from governance.edits.checks import CheckMark, DraftCheck
from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation
from governance.edits.trust_changes import trust_checks
from governance.posture.state.organization import RCP, SCP, CompiledOrganization
from governance.posture.state.public_access import is_public
from governance.posture.state.resources import Resource, ResourceKnowledge, resource_of
from governance.posture.trust.models import TrustEdge
from inventory.models import Connection, ResourcePolicy
from inventory.selectors.resource_policies import (
    account_public_access_blocks,
    resource_policies,
)
from inventory.selectors.state_marks import StateMarks, state_marks
from inventory.viewing import Viewer
from policies import Effect, Statement

# So many are looked at; the check says of how many.
_MOST: Final = 2000
_NAMED: Final = 3
_ACCOUNT_IN_ARN: Final = 4


def may_change_trust(organization: CompiledOrganization, operations: Sequence[Operation]) -> bool:
    """Whether an operation is of an RCP or SCP, old or new."""
    known = {*organization.control(RCP).by_id, *organization.control(SCP).by_id}
    return any(one.policy_type in (RCP, SCP) or one.policy_id in known for one in operations)


def resource_marks(viewer: Viewer, *, connection: Connection, as_of: datetime | None) -> StateMarks:
    """Return what is equal while the resources, and who may get in, are as they were."""
    tables = (ResourcePolicy, TrustEdge)
    return state_marks(viewer, connection=connection, as_of=as_of, tables=tables)


def resource_checks(
    viewer: Viewer,
    *,
    connection: Connection,
    drafted: DraftedOrganization,
    as_of: datetime | None = None,
) -> tuple[DraftCheck, ...]:
    """Check the resources of the accounts below a changed RCP, and the edges that it or an SCP
    decides.
    """
    affected = drafted.affected(RCP)
    trust = (
        tuple(trust_checks(viewer, connection=connection, drafted=drafted)) if as_of is None else ()
    )
    if not affected:
        return trust
    rows = list(
        resource_policies(viewer, connection=connection, as_of=as_of)
        .filter(account_id__in=affected)
        .order_by("name", "arn")[:_MOST]
    )
    if not rows:
        return trust
    blocks = account_public_access_blocks(
        viewer,
        connection=connection,
        account_ids={row.account_id for row in rows},
        as_of=as_of,
    )
    inside = {*drafted.before.account_ids, *drafted.before.unplaced_account_ids}
    resources = [resource_of(row, blocks.get(row.account_id)) for row in rows]
    return (*_checks(resources, inside), *trust)


def _checks(resources: Sequence[Resource], inside: Collection[str]) -> Iterator[DraftCheck]:
    opened = [one.name for one in resources if _lets_outsiders_in(one, inside)]
    yield DraftCheck(
        "resources_open_outside",
        CheckMark.WARNED if opened else CheckMark.HOLDS,
        "Resources whose own policies let in callers from outside the organization",
        _measured(opened, len(resources)),
        "The changed policy may shut these callers out: exempt the intended ones."
        if opened
        else "",
    )
    unknown = [
        one.name
        for one in resources
        if one.knowledge in {ResourceKnowledge.DENIED, ResourceKnowledge.UNREADABLE}
    ]
    if unknown:
        yield DraftCheck(
            "resources_not_known",
            CheckMark.WARNED,
            "Resources whose own policies are not known",
            _measured(unknown, len(resources)),
            "Whom they let in is not known: look at them, or let the audit role read them.",
        )


def _lets_outsiders_in(resource: Resource, inside: Collection[str]) -> bool:
    document = resource.document
    if document is None:
        return False
    if is_public(document) and resource.restricts_others is not True:
        return True
    return any(
        statement.effect is Effect.ALLOW and _names_outsider(statement, inside)
        for statement in document.statements
    )


def _names_outsider(statement: Statement, inside: Collection[str]) -> bool:
    for element in statement.principals or ():
        if element.kind != "AWS":
            continue
        parts = element.value.split(":")
        account_id = parts[_ACCOUNT_IN_ARN] if len(parts) > _ACCOUNT_IN_ARN else element.value
        if account_id.isdecimal() and account_id not in inside:
            return True
    return False


def _measured(names: Sequence[str], count: int) -> str:
    of = f"{len(names):,} of {count:,}{' looked at' if count == _MOST else ''}"
    if not names:
        return of
    more = len(names) - _NAMED
    return f"{of}: {', '.join(names[:_NAMED])}" + (f" and {more:,} more" if more > 0 else "")
