"""What edges follow from: the rows of accounts, and what tells one state of them from another."""

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat

import policies.trust
from governance.access.owners.environments import Environment
from governance.access.owners.labels import label_map
from governance.posture.state.organization import CompiledOrganization
from governance.posture.trust.account_facts import AccountFacts, TrustingResource, TrustingRole
from governance.posture.trust.crossings import (
    crossings_of_accounts,
    crossings_of_organization,
    open_rows,
)
from governance.posture.trust.edge_rows import EdgeTarget
from governance.posture.trust.models import OF_ALL, TrustReading
from governance.posture.trust.surroundings import Surroundings
from governance.posture.trust.vendors import vendor_of
from inventory.models import (
    AccountSetting,
    Connection,
    DelegatedAdministrator,
    IdentityProvider,
    Organization,
    OrganizationResourcePolicy,
    OrganizationSetting,
    PermissionSetAssignment,
    Principal,
    ResourcePolicy,
    ResponsibilityTransfer,
)
from inventory.models.versions import Version
from inventory.selectors.resource_policies import account_public_access_blocks
from inventory.selectors.state_marks import accounts_ever_complete
from inventory.viewing import Viewer

VIEWER: Final = Viewer(sees_inventory=True)
"""Edges are worked out of the whole organization; each page asks for its own viewer."""

_PROVIDER_COLLECTORS: Final = ("iam.saml_providers", "iam.oidc_providers")
_SETTINGS: Final = (
    AccountSetting.Name.S3_PUBLIC_ACCESS_BLOCK,
    AccountSetting.Name.OUTBOUND_FEDERATION,
)
# What the management account holds for the organization.
_OF_MANAGEMENT: Final[tuple[type[Version], ...]] = (
    DelegatedAdministrator,
    OrganizationResourcePolicy,
    OrganizationSetting,
    ResponsibilityTransfer,
)


def surroundings(connection: Connection, organization: CompiledOrganization) -> Surroundings:
    """Return what stands around the policies of an organization as it is now."""
    labels = label_map(connection)
    environments: dict[str, Environment] = {}
    for account_id in (*organization.account_ids, *organization.unplaced_account_ids):
        value = labels.environment(account_id).value
        if isinstance(value, Environment):
            environments[account_id] = value
    return Surroundings(organization, environments, vendor_of(connection))


def rows_marks(connection: Connection) -> dict[str, str]:
    """Return what is equal for equal rows of an account, by account id; some ten queries."""
    parts: dict[str, list[str]] = {}
    roles = open_rows(Principal, connection).filter(kind=Principal.Kind.ROLE)
    settings = open_rows(AccountSetting, connection).filter(name__in=_SETTINGS)
    for number, (rows, told) in enumerate(
        (
            (roles, ("arn", "trust_policy_id")),
            (open_rows(ResourcePolicy, connection), ("arn", "fingerprint")),
            (settings, ("name", "fingerprint")),
            (open_rows(IdentityProvider, connection), ("arn", "kind")),
            (
                open_rows(PermissionSetAssignment, connection),
                ("permission_set_arn", "principal_id"),
            ),
        )
    ):
        for account_id, mark in _marked(rows, *told):
            parts.setdefault(account_id, []).append(f"{number}:{mark}")
    own = open_rows(Organization, connection).first()
    if own is not None:
        held = [
            list(open_rows(model, connection).order_by("pk").values_list("fingerprint", flat=True))
            for model in _OF_MANAGEMENT
        ]
        if any(held):
            parts.setdefault(own.management_account_id, []).append(repr(held))
    for collector in _PROVIDER_COLLECTORS:
        known = accounts_ever_complete(VIEWER, connection=connection, collector=collector)
        for account_id in known & parts.keys():
            parts[account_id].append(collector)
    return {account_id: _sha256("|".join(found)) for account_id, found in parts.items()}


def _marked(rows: "QuerySet[Any]", name: str, content: str) -> "QuerySet[Any]":
    told = Concat(name, Value("="), Coalesce(Cast(content, CharField()), Value("")))
    found: QuerySet[Any] = (
        rows.values("account_id")
        .annotate(mark=MD5(StringAgg(told, delimiter=",", order_by=(name, content))))
        .values_list("account_id", "mark")
    )
    return found


def inputs_sha256(
    around: Surroundings,
    account_id: str,
    rows_mark: str,
    named: Collection[str],
    services: Collection[str],
    wide_services: Collection[str],
    *,
    names_units: bool,
) -> str:
    """Return what is equal where the edges into an account must be equal.

    `services`: whose actions the edges are about, `wide_services`: those of edges for which what
    binds any account decides, `names_units`: what accounts of an OU are for counts. Of control
    policies only what decides over these services counts.
    """
    about, wide = frozenset(services), frozenset(wide_services)
    own = around.organization.organization
    told = (
        sources_mark(),
        own.organization_id,
        own.management_account_id,
        rows_mark,
        around.account_mark(account_id, about),
        [around.account_mark(each, about) for each in sorted(named)],
        sorted(about),
        around.controls_mark(wide) if wide else "",
        around.units_mark if names_units else "",
    )
    return _sha256(repr(told))


@cache
def sources_mark() -> str:
    """Return what changes when the product reads trust in another way: a digest of its sources."""
    digest = hashlib.sha256()
    own = Path(__file__).parent
    for folder in (Path(policies.trust.__file__).parent, own):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".json"} and "migrations" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def readings(connection: Connection) -> dict[str, TrustReading]:
    """Return up to which state each account is worked out, by account id."""
    rows = TrustReading.objects.filter(connection=connection).exclude(account_id=OF_ALL)
    return {row.account_id: row for row in rows}


def account_facts(
    connection: Connection, account_ids: Collection[str]
) -> tuple[list[AccountFacts], frozenset[str]]:
    """Return what lets into some accounts, and the SHA-256 of all policies there."""
    chosen = sorted(account_ids)
    roles: dict[str, list[TrustingRole]] = {}
    hashes: set[str] = set()
    for row in (
        open_rows(Principal, connection)
        .filter(kind=Principal.Kind.ROLE, account_id__any_of=chosen)
        .order_by("account_id", "arn")
        .values_list("account_id", "arn", "name", "trust_policy_id")
    ):
        roles.setdefault(row[0], []).append(TrustingRole(*row))
        hashes.add(row[3] or "")
    resources: dict[str, list[TrustingResource]] = {}
    for account_id, arn, name, service, kind, region, sha256, facts, unknown in (
        open_rows(ResourcePolicy, connection)
        .filter(account_id__any_of=chosen)
        .order_by("account_id", "arn")
        .values_list(
            *("account_id", "arn", "name", "service", "resource_type", "region"),
            *("content_id", "facts", "unknown"),
        )
    ):
        target = EdgeTarget(account_id, arn, name, service, kind, region)
        resources.setdefault(account_id, []).append(
            TrustingResource(target, sha256, facts, unknown)
        )
        hashes.add(sha256 or "")
    others = list(crossings_of_accounts(connection, chosen))
    others += [
        one for one in crossings_of_organization(connection) if one.target.account_id in chosen
    ]
    for each in others:
        resources.setdefault(each.target.account_id, []).append(each)
        hashes.add(each.sha256 or "")
    blocks = account_public_access_blocks(VIEWER, connection=connection, account_ids=chosen)
    providers = _providers(connection, chosen)
    found = [
        AccountFacts(
            account_id,
            roles.get(account_id, ()),
            resources.get(account_id, ()),
            blocks.get(account_id),
            providers.get(account_id),
        )
        for account_id in chosen
    ]
    return found, frozenset(hashes - {""})


def _providers(connection: Connection, chosen: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return the ARNs of the providers of each account whose providers were all read."""
    known = frozenset(chosen)
    for collector in _PROVIDER_COLLECTORS:
        known &= accounts_ever_complete(VIEWER, connection=connection, collector=collector)
    found: dict[str, set[str]] = {account_id: set() for account_id in known}
    rows = open_rows(IdentityProvider, connection).filter(account_id__any_of=sorted(known))
    for account_id, arn in rows.values_list("account_id", "arn"):
        found[account_id].add(arn)
    return {account_id: frozenset(arns) for account_id, arns in found.items()}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
