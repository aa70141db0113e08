"""OrganizationPlan → the simulator's organization and moto's IAM of every account."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from demo.seeding.buckets import fill_buckets
from demo.seeding.control_tower import control_tower
from demo.seeding.crossings import fill_crossings
from demo.seeding.identity_center import identity_center
from demo.seeding.log_bucket import log_bucket
from demo.seeding.plan import AccountPlan, OrganizationPlan, PolicyPlan
from demo.seeding.principals import AccountFilling
from demo.seeding.protection import protection
from demo.seeding.reading import BadOrganization, Node, required
from demo.seeding.resource_policies import fill_resources
from demo.seeding.variables import substitute
from demo.simulator.errors import AwsError
from demo.simulator.iam.credential_report import RootUser
from demo.simulator.organizations.documents import check_policy
from demo.simulator.organizations.limits import (
    DEFAULT_POLICIES,
    ORGANIZATIONAL_UNIT_DEPTH,
    POLICY_QUOTAS,
)
from demo.simulator.organizations.state import Account, Organization, Policy, Unit
from demo.simulator.rates import Rate
from demo.simulator.regions import OPT_IN
from demo.simulator.world import Seed


def fill(plan: OrganizationPlan, seeded_at: datetime) -> Seed:
    """Make the organization and its accounts' IAM; moto's backends must be empty.

    :raises BadOrganization: a reference or an IAM entry is wrong.
    """
    ids = {account.name: account.account_id for account in plan.accounts}
    organization = Organization(plan.organization_id, ids[plan.management_account], plan.root_id)
    organization.units[plan.root_id].tags.update(plan.root_tags)
    organization.enabled_types = dict.fromkeys(plan.policy_types)
    seed = Seed(organization, warnings=list(plan.warnings))
    for policy_type in plan.policy_types:
        if policy_type not in POLICY_QUOTAS:
            raise BadOrganization(f"policy_types: AWS has no policy type {policy_type!r}")
        if policy_type in DEFAULT_POLICIES:
            organization.attach(DEFAULT_POLICIES[policy_type], plan.root_id)
    unit_ids = _add_units(plan, seed)
    variables = _variables(plan, ids)
    for account in plan.accounts:
        _add_account(organization, account, unit_ids, seeded_at)
    targets = {f"unit:{path}": unit_id for path, unit_id in unit_ids.items()}
    targets |= {f"account:{name}": account_id for name, account_id in ids.items()}
    for policy in plan.policies:
        _add_policy(seed, policy, targets, variables)
    _detach_full_access(plan, organization, targets)
    _delegate(plan, organization, ids, variables, seeded_at)
    organization.root_access_features = list(plan.root_access_features)
    for node in plan.responsibility_transfers:
        _add_transfer(organization, node, seeded_at)
    if plan.identity_center is not None:
        seed.identity_center = identity_center(
            plan.identity_center,
            organization_id=plan.organization_id,
            management_account_id=organization.management_account_id,
            accounts=plan.accounts,
        )
    for account in plan.accounts:
        _fill_account(account, seed, variables, seeded_at)
    if plan.crossings is not None:
        fill_crossings(
            plan.crossings,
            seed.crossings,
            accounts=ids,
            variables=variables,
            seeded_at=seeded_at,
        )
    if plan.protection is not None:
        seed.protection = protection(
            plan.protection, accounts=plan.accounts, variables=variables, seeded_at=seeded_at
        )
    if plan.control_tower is not None:
        seed.control_tower = control_tower(
            plan.control_tower,
            organization=organization,
            unit_ids=unit_ids,
            accounts=plan.accounts,
            variables=variables,
        )
    seed.log_bucket = log_bucket(
        plan,
        seed,
        variables={each.account_id: _account_variables(each, variables) for each in plan.accounts},
        unit_ids=unit_ids,
        seeded_at=seeded_at,
    )
    return seed


def _add_transfer(organization: Organization, node: Node, seeded_at: datetime) -> None:
    entries = node.mapping("name", "direction", "with", "status", "started_days")
    name = required(entries, "name", node).text()
    other = {"ManagementAccountId": required(entries, "with", node).text()}
    ours = {"ManagementAccountId": organization.management_account_id}
    direction = required(entries, "direction", node).text()
    if direction not in {"inbound", "outbound"}:
        raise entries["direction"].bad("a transfer is inbound or outbound")
    transfer_id = f"rt-{_letters(f'{organization.organization_id}/{name}', 8)}"
    days = entries["started_days"].number() if "started_days" in entries else 90
    organization.responsibility_transfers.append(
        {
            "Id": transfer_id,
            "Arn": (
                f"arn:aws:organizations::{organization.management_account_id}:transfer/"
                f"{organization.organization_id}/billing/{direction}/{transfer_id}"
            ),
            "Name": name,
            "Type": "BILLING",
            "Status": entries["status"].text() if "status" in entries else "ACCEPTED",
            "Source": ours if direction == "outbound" else other,
            "Target": other if direction == "outbound" else ours,
            "StartTimestamp": seeded_at - timedelta(days=days),
        }
    )


def _add_units(plan: OrganizationPlan, seed: Seed) -> dict[str, str]:
    organization = seed.organization
    ids: dict[str, str] = {"": plan.root_id}
    for unit in plan.units:
        suffix = _letters(f"{plan.organization_id}/{unit.path}", 8)
        unit_id = unit.unit_id or f"ou-{plan.root_id.removeprefix('r-')}-{suffix}"
        ids[unit.path] = unit_id
        organization.add_unit(Unit(unit_id, unit.name, ids[unit.parent_path], dict(unit.tags)))
        if len(organization.ancestors(unit_id)) - 1 > ORGANIZATIONAL_UNIT_DEPTH:
            seed.warnings.append(f"{unit.path}: deeper than AWS's {ORGANIZATIONAL_UNIT_DEPTH} OUs")
    return ids


def _add_account(
    organization: Organization,
    plan: AccountPlan,
    unit_ids: Mapping[str, str],
    seeded_at: datetime,
) -> None:
    minutes = int(hashlib.sha256(plan.account_id.encode()).hexdigest()[:4], 16) % 1440
    organization.add_account(
        Account(
            plan.account_id,
            plan.name,
            plan.email,
            unit_ids[plan.unit_path],
            seeded_at - timedelta(days=plan.joined_days, minutes=minutes),
            plan.joined_method,
            plan.state,
            dict(plan.tags),
        )
    )


def _add_policy(
    seed: Seed, plan: PolicyPlan, targets: Mapping[str, str], variables: Mapping[str, str]
) -> None:
    organization = seed.organization
    if plan.policy_type not in POLICY_QUOTAS:
        raise BadOrganization(f"{plan.where}: type: AWS has no policy type {plan.policy_type!r}")
    content = substitute(plan.content, variables, plan.where)
    try:
        check_policy(plan.policy_type, content)
    except AwsError as error:
        # Real organizations hold documents from before today's rules; they load as they are.
        seed.warnings.append(f"{plan.where}: AWS would refuse this policy: {error.message}")
    policy_id = plan.policy_id or "p-" + _letters(
        f"{organization.organization_id}/{plan.policy_type}/{plan.name}", 8
    )
    organization.policies[policy_id] = Policy(
        policy_id, plan.name, plan.policy_type, plan.description, content, tags=dict(plan.tags)
    )
    for target in plan.targets:
        organization.attach(policy_id, targets[target])
        attached = organization.attached(targets[target], plan.policy_type)
        if len(attached) > POLICY_QUOTAS[plan.policy_type].per_target:
            seed.warnings.append(f"{plan.where}: more policies on {target} than AWS allows")
    if plan.targets and plan.policy_type not in organization.enabled_types:
        raise BadOrganization(
            f"{plan.where}: attached_to: the type {plan.policy_type} is not enabled"
        )


def _detach_full_access(
    plan: OrganizationPlan, organization: Organization, targets: Mapping[str, str]
) -> None:
    full_access = DEFAULT_POLICIES["SERVICE_CONTROL_POLICY"]
    names = [f"account:{account.name}" for account in plan.accounts if not account.full_access]
    for name in (*(f"unit:{path}" for path in plan.without_full_access), *names):
        organization.detach(full_access, targets[name])
        if not organization.attached(targets[name], "SERVICE_CONTROL_POLICY"):
            raise BadOrganization(
                f"{name}: full_access: AWS keeps at least one SCP on every target; attach another"
            )


def _delegate(
    plan: OrganizationPlan,
    organization: Organization,
    ids: Mapping[str, str],
    variables: Mapping[str, str],
    seeded_at: datetime,
) -> None:
    for number, service in enumerate(plan.trusted_services):
        organization.trusted_services[service] = seeded_at - timedelta(days=900 - 7 * number)
    for name, services in plan.delegated.items():
        organization.delegated[ids[name]] = {
            service: seeded_at - timedelta(days=600 - 5 * number)
            for number, service in enumerate(services)
        }
    if plan.resource_policy:
        organization.resource_policy = substitute(
            plan.resource_policy, variables, "organization.yaml: resource_policy"
        )


def _account_variables(plan: AccountPlan, variables: Mapping[str, str]) -> dict[str, str]:
    return dict(variables) | {
        "account_id": plan.account_id,
        "account_name": plan.name,
        "account_slug": re.sub(r"[^a-z0-9]+", "-", plan.name.lower()).strip("-")[:50],
        **plan.variables,
    }


def _fill_account(
    plan: AccountPlan, seed: Seed, variables: Mapping[str, str], seeded_at: datetime
) -> None:
    own = _account_variables(plan, variables)
    seed.root_users[plan.account_id] = RootUser(seeded_at - timedelta(days=plan.joined_days))
    AccountFilling(plan, own, seeded_at, seed.root_users[plan.account_id]).fill()
    for region in plan.opted_in_regions:
        if region not in OPT_IN:
            raise BadOrganization(f"{plan.name}: opted_in_regions: {region!r} is none to opt into")
        seed.regions.setdefault(plan.account_id, {})[region] = "ENABLED"
    federates = plan.settings.get("outbound_federation")
    if federates is not None and federates.flag():
        issuer = f"https://{_letters(f'issuer/{plan.account_id}', 36)}.tokens.sts.global.api.aws"
        seed.organization.token_issuers[plan.account_id] = issuer
    fill_buckets(plan, own, seeded_at)
    fill_resources(plan, own, seed.resources)
    for service, (per_second, burst) in plan.rates.items():
        seed.account_rates[plan.account_id, service] = Rate(per_second, burst)


def _variables(plan: OrganizationPlan, ids: Mapping[str, str]) -> dict[str, str]:
    return {
        "organization_id": plan.organization_id,
        "root_id": plan.root_id,
        "root_suffix": plan.root_id.removeprefix("r-"),
        "management": ids[plan.management_account],
        **{f"account:{name}": account_id for name, account_id in ids.items()},
        **{f"account:{alias}": ids[name] for alias, name in plan.aliases.items()},
    }


def _letters(text: str, length: int) -> str:
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(alphabet[byte % 36] for byte in digest[:length])
