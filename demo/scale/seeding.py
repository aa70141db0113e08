"""Puts the parts together: tree, policies, IAM and record, with a few days of history."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import Final

from django.db import connection as database
from django.db import models, transaction

from demo.scale.effective import make_effective
from demo.scale.iam import AccountIam, make_iam, sizes
from demo.scale.loading import Copy, VersionLoader, gather_statistics
from demo.scale.policies import (
    FULL_ACCESS,
    POLICY_TYPES,
    make_attachments,
    make_policies,
    revised,
)
from demo.scale.record import write_record
from demo.scale.shape import Shape, Span, chance, spans
from demo.scale.tree import MANAGEMENT_ACCOUNT_ID, ORGANIZATION_ID, ScaleUnit, Tree, make_tree
from inventory.models import (
    AccountCoverage,
    CollectedSpan,
    CollectionTask,
    Connection,
    Coverage,
    EffectivePolicyAsking,
    GroupCoverage,
    GroupCoverageSpan,
    InventoryRun,
    Principal,
    PrincipalActivity,
    PrincipalName,
)
from inventory.records import (
    AccountRecord,
    DelegatedAdministratorRecord,
    PrincipalRecord,
    Record,
    TrustedServiceRecord,
)
from inventory.store.account_coverage import count_principals
from inventory.store.names import keep_names
from inventory.store.rows import MODELS

SLUG: Final = "scale"
_ACTIVITY_COLUMNS: Final = (
    *("connection", "account_id", "arn", "last_used_at", "last_used_region"),
    *("password_last_used_at", "access_key_1_last_used_at", "access_key_1_last_used_service"),
    *("access_key_2_last_used_at", "access_key_2_last_used_service"),
)


class OtherOrganization(RuntimeError):
    """The database holds an organization already."""


def seed(
    shape: Shape, *, force_new: bool = False, tell: Callable[[str], None] = print
) -> dict[str, int]:
    """Write the organization in one transaction; return how many rows each table got.

    `force_new`: an organization that was made before by this is made again, and others stay beside
    it.
    :raises OtherOrganization: the database holds an organization, and not `force_new`.
    """
    with transaction.atomic():
        held = list(Connection.objects.values_list("slug", flat=True))
        if held and not force_new:
            raise OtherOrganization(
                f"the database {database.settings_dict['NAME']} holds the organization "
                f"{', '.join(held)}; name another database, or give --force-new to put the "
                f"made-up one beside it, in place of an earlier {SLUG}"
            )
        for earlier in Connection.objects.filter(slug=SLUG):
            _remove(earlier)
        connection = make_connection()
        counts = write_rows(shape, connection, tell)
    with database.cursor() as cursor:
        tell("gathering statistics")
        cursor.execute("VACUUM ANALYZE")
    return counts


def make_connection() -> Connection:
    """Store the connection that the organization hangs on."""
    return Connection.objects.create(
        name="Scale",
        slug=SLUG,
        organization_role_arn=f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/OrgwardenOrganizationReader",
        external_id="orgwarden-scale",
        regions=["us-east-1"],
        # Nothing answers for it, so nothing may begin to read it.
        enabled=False,
        schedule_minutes=0,
        organization_id=ORGANIZATION_ID,
        management_account_id=MANAGEMENT_ACCOUNT_ID,
    )


def _remove(connection: Connection) -> None:
    tables: list[type[models.Model]] = [
        *MODELS.values(),
        PrincipalActivity,
        PrincipalName,
        EffectivePolicyAsking,
        Coverage,
        GroupCoverageSpan,
        GroupCoverage,
        AccountCoverage,
        CollectedSpan,
        CollectionTask,
    ]
    for model in tables:
        model._base_manager.filter(connection=connection)._raw_delete("default")
    InventoryRun.objects.filter(connection=connection).delete()
    connection.delete()


def write_rows(shape: Shape, connection: Connection, tell: Callable[[str], None]) -> dict[str, int]:
    """Write all rows in the transaction that goes on; return how many versions a table got."""
    times = shape.run_times()
    loader = VersionLoader(connection)
    tree = make_tree(shape, policy_types=POLICY_TYPES)
    _write_organization(shape, tree, loader, times)
    tell(f"{len(tree.places):,} OUs, {len(tree.accounts):,} accounts")
    runs = write_record(shape, connection, [account for account, _ in tree.accounts])
    tell(f"{len(runs)} runs with their coverage")
    activity = Copy(PrincipalActivity, _ACTIVITY_COLUMNS)
    written = 0
    for number, ((account, _), count) in enumerate(zip(tree.accounts, sizes(shape), strict=True)):
        iam = make_iam(shape, number, account.account_id, count)
        _write_account(number, account.account_id, iam, loader, times)
        for used in iam.activity:
            values = [getattr(used, name) for name in _ACTIVITY_COLUMNS[3:]]
            activity.add([connection.pk, account.account_id, used.arn, *values])
        written += count
        if number % 2500 == 2499:
            tell(f"{written:,} principals")
    loader.flush()
    activity.flush()
    gather_statistics(Principal)
    keep_names(
        Principal.objects.filter(connection=connection)
        .order_by()
        .values_list("name", flat=True)
        .distinct(),
        connection=connection,
    )
    count_principals(
        connection_id=connection.pk,
        account_ids=[account.account_id for account, _ in tree.accounts],
    )
    return loader.counts


def _write_organization(
    shape: Shape, tree: Tree, loader: VersionLoader, times: list[datetime]
) -> None:
    always = Span(times[0])
    loader.add(tree.organization, always)
    loader.add(tree.root, always)
    for number, place in enumerate(tree.places):
        _write_unit(number, place, loader, times)
    for number, (account, _) in enumerate(tree.accounts):
        _write_moves(number, account, tree.places, loader, times)
    policies = make_policies(shape)
    for number, policy in enumerate(policies):
        own = number - 2
        if 0 <= own < shape.service_control_policies and own % 6 == 0:
            held = spans(times, [1 + own % 5, 1 + own % 3])
            for revision, span in enumerate(held):
                # Counted back, so that the newest is the policy as it stands.
                loader.add(revised(policy, own, len(held) - 1 - revision), span)
        else:
            loader.add(policy, always)
    attachments = list(make_attachments(tree, policies))
    for attachment in attachments:
        source = chance("attached", attachment.policy_id, attachment.target_id)
        began = source.choice(times[1:]) if source.random() < 0.01 else times[0]
        loader.add(attachment, Span(began))
        if attachment.policy_id != FULL_ACCESS and source.random() < 0.005:
            gone = replace(attachment, policy_id=policies[-1].policy_id)
            loader.add(gone, Span(times[0], times[2]))
    for answer, asking in make_effective(tree, policies, attachments, times[-1]):
        loader.add(answer, always)
        values = {each.name: getattr(asking, each.name) for each in fields(asking)}
        EffectivePolicyAsking.objects.create(connection=loader.connection, **values)
    for (administrator, _), service in zip(
        tree.accounts[1:6],
        ("guardduty", "securityhub", "config", "access-analyzer", "macie"),
        strict=False,
    ):
        principal = f"{service}.amazonaws.com"
        loader.add(
            DelegatedAdministratorRecord(administrator.account_id, principal, times[0]), always
        )
        loader.add(TrustedServiceRecord(principal, times[0]), always)


def _write_unit(
    number: int, place: ScaleUnit, loader: VersionLoader, times: list[datetime]
) -> None:
    held = spans(times, [1 + number % 5] if number % 50 == 25 else [])
    for left, span in zip(reversed(range(len(held))), held, strict=True):
        name = f"{place.record.name} (old)" if left else place.record.name
        loader.add(replace(place.record, name=name), span)


def _write_moves(
    number: int,
    account: AccountRecord,
    places: list[ScaleUnit],
    loader: VersionLoader,
    times: list[datetime],
) -> None:
    if number % 300 == 150:
        came_from = chance("moved", number).choice(places).record
        before, after = spans(times, [1 + number // 300 % 5])
        if came_from.path != account.path:
            moved = replace(account, parent_id=came_from.target_id, path=came_from.path)
            loader.add(moved, before)
            loader.add(account, after)
            return
    if number % 400 == 399:
        loader.add(account, Span(times[1 + number // 400 % 5]))
    else:
        loader.add(account, Span(times[0]))


def _write_account(
    number: int, account_id: str, iam: AccountIam, loader: VersionLoader, times: list[datetime]
) -> None:
    always = Span(times[0])
    for place, principal in enumerate(iam.principals):
        if (number * 7 + place) % 40 == 0 and principal.kind == "role":
            _write_changed(number + place, account_id, principal, loader, times)
        else:
            loader.add(principal, always, account_id=account_id)
    if number % 20 == 0 and iam.principals:
        last = iam.principals[-1]
        gone = replace(last, name=f"{last.name}-old", arn=f"{last.arn}-old")
        loader.add(gone, Span(times[0], times[1 + number % 5]), account_id=account_id)
    others: list[Record] = [*iam.policies, *iam.credentials, *iam.settings, *iam.providers]
    for record in others:
        loader.add(record, always, account_id=account_id)


def _write_changed(
    number: int,
    account_id: str,
    principal: PrincipalRecord,
    loader: VersionLoader,
    times: list[datetime],
) -> None:
    before, after = spans(times, [1 + number % 5])
    more = (*principal.attached_policy_arns, "arn:aws:iam::aws:policy/ReadOnlyAccess")
    loader.add(replace(principal, attached_policy_arns=more), before, account_id=account_id)
    loader.add(principal, after, account_id=account_id)
