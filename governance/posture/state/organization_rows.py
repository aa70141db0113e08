"""The rows that make up one state of an organization, read in bulk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection as database
from django.db.models import QuerySet

from inventory.models import Connection, Policy, PolicyAttachment, Root
from inventory.selectors.hierarchy import accounts, organization, organizational_units
from inventory.viewing import Viewer, visible
from policies import PolicyType

_TYPES = (PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One SCP or RCP as stored; its text is read by its SHA-256."""

    policy_id: str
    name: str
    aws_managed: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class OrganizationRows:
    """What was stored at one time. `root` is None before the first run.

    `root`: (id, name). `units`: (id, name, parent id). `accounts`: (id, name, parent id, state).
    `attached`: by type, target id → policy ids, AWS's own first, then by name; equal ones are one
    tuple.
    """

    organization_id: str | None
    management_account_id: str | None
    root: tuple[str, str] | None
    enabled_types: frozenset[str]
    units: tuple[tuple[str, str, str], ...]
    accounts: tuple[tuple[str, str, str, str], ...]
    policies: Mapping[PolicyType, tuple[PolicyRow, ...]]
    attached: Mapping[PolicyType, Mapping[str, tuple[str, ...]]]


def read_rows(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None
) -> OrganizationRows:
    """Read one state of an organization in six queries."""
    own = organization(viewer, connection=connection, as_of=as_of)
    root = visible(Root.objects.as_of(as_of), viewer).filter(connection=connection).first()
    policies: dict[PolicyType, list[PolicyRow]] = {kind: [] for kind in _TYPES}
    type_of: dict[str, PolicyType] = {}
    for policy_id, name, kind, aws_managed, sha256 in (
        visible(Policy.objects.as_of(as_of), viewer)
        .filter(connection=connection, type__in=_TYPES)
        .order_by("-aws_managed", "name", "policy_id")
        .values_list("policy_id", "name", "type", "aws_managed", "content_id")
    ):
        type_of[policy_id] = PolicyType(kind)
        policies[PolicyType(kind)].append(PolicyRow(policy_id, name, aws_managed, sha256))
    return OrganizationRows(
        organization_id=own.organization_id if own else None,
        management_account_id=own.management_account_id if own else None,
        root=(root.target_id, root.name) if root else None,
        enabled_types=frozenset(
            name
            for name, status in (root.policy_types if root else {}).items()
            if status == "ENABLED"
        ),
        units=tuple(
            organizational_units(viewer, connection=connection, as_of=as_of)
            .order_by("name", "target_id")
            .values_list("target_id", "name", "parent_id")
        ),
        accounts=tuple(
            accounts(viewer, connection=connection, as_of=as_of)
            .order_by("name", "account_id")
            .values_list("account_id", "name", "parent_id", "state")
        ),
        policies={kind: tuple(rows) for kind, rows in policies.items()},
        attached=_attached(viewer, connection, as_of, type_of),
    )


def _attached(
    viewer: Viewer,
    connection: Connection,
    as_of: datetime | None,
    type_of: Mapping[str, PolicyType],
) -> dict[PolicyType, dict[str, tuple[str, ...]]]:
    order = {policy_id: place for place, policy_id in enumerate(type_of)}
    found: dict[PolicyType, dict[str, tuple[str, ...]]] = {kind: {} for kind in _TYPES}
    rows = (
        visible(PolicyAttachment.objects.as_of(as_of), viewer)
        .filter(connection=connection, policy_id__in=list(type_of))
        .order_by()
    )
    for policy_ids, target_ids in _alike(rows):
        for kind in _TYPES:
            chosen = tuple(
                sorted((one for one in policy_ids if type_of[one] is kind), key=order.__getitem__)
            )
            if chosen:
                found[kind].update(dict.fromkeys(target_ids, chosen))
    return found


def _alike(rows: "QuerySet[PolicyAttachment]") -> list[tuple[list[str], list[str]]]:
    """Return the sets of policies that targets have, each with its targets.

    As SQL: most of 10,000 accounts have the same few policies, so a handful of rows come back in
    place of two an account.
    """
    try:
        attached, values = rows.values("target_id", "policy_id").query.sql_with_params()
    except EmptyResultSet:  # no policy, or the viewer may not see it
        return []
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT policy_ids, array_agg(target_id) FROM ("  # noqa: S608
            "SELECT target_id, array_agg(policy_id ORDER BY policy_id) AS policy_ids "
            f"FROM ({attached}) AS attached GROUP BY target_id"
            ") AS targets GROUP BY policy_ids",
            values,
        )
        found: list[tuple[list[str], list[str]]] = cursor.fetchall()
    return found
