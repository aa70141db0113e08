"""A folder of YAML files → OrganizationPlan.

organization.yaml            ids, management account, policy types, services, delegation
organizational-units.yaml    the tree, nested by `units`
accounts/*.yaml              lists of accounts: unit, profile, tags, differences under `iam`
policies/*.yaml              lists of policies with `attached_to`: root, OU paths, account names
profiles/*.yaml              see profiles.py
identity-center.yaml         see identity_center.py; may be missing
crossings.yaml               see crossings.py; may be missing
protection.yaml              see protection.py; may be missing
control-tower.yaml           see control_tower.py; may be missing
activity.yaml                see demo/cloudtrail/plan.py; may be missing
planted-events.yaml          see demo/cloudtrail/plan.py; may be missing
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.seeding.plan import AccountPlan, OrganizationPlan, PolicyPlan, UnitPlan
from demo.seeding.profiles import KINDS, SETTINGS, Profiles, differ
from demo.seeding.reading import BadOrganization, Node, read_yaml, required

_ACCOUNT_KEYS = (
    *("name", "id", "email", "unit", "profile", "tags", "iam", "joined_days", "joined_method"),
    *("state", "full_access", "rates", "variables", "description", "opted_in_regions", "s3"),
    "resources",
)
_STATES = ("ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED", "PENDING_ACTIVATION")


def read_yaml_folder(folder: Path) -> OrganizationPlan:
    """:raises BadOrganization: a file is missing or wrong; the text names file and key."""
    node = read_yaml(folder / "organization.yaml", folder)
    head = node.mapping(
        *("id", "name", "root_id", "management_account", "email_domain", "policy_types"),
        *("trusted_services", "delegated_administrators", "resource_policy", "tags", "description"),
        *("root_access_features", "responsibility_transfers"),
    )
    organization_id = required(head, "id", node)
    if not re.fullmatch(r"o-[a-z0-9]{10,32}", organization_id.text()):
        raise organization_id.bad("an organization's id is o- and 10 to 32 letters or digits")
    root_id = required(head, "root_id", node)
    if not re.fullmatch(r"r-[0-9a-z]{4,32}", root_id.text()):
        raise root_id.bad("a root's id is r- and 4 to 32 letters or digits")
    units_file = read_yaml(folder / "organizational-units.yaml", folder)
    without_full_access: list[str] = []
    units = tuple(_units(units_file, "", without_full_access))
    domain = required(head, "email_domain", node).text()
    accounts = tuple(
        _accounts(folder, organization_id.text(), domain, {unit.path for unit in units})
    )
    names = {account.name for account in accounts}
    management = required(head, "management_account", node)
    if management.text() not in names:
        raise management.bad(f"there is no account {management.text()!r}")
    delegated = {}
    for name, services in head.get("delegated_administrators", Node("", {})).mapping().items():
        if name not in names:
            raise services.bad(f"there is no account {name!r}")
        delegated[name] = tuple(services.texts())
    resource_policy = head.get("resource_policy")
    return OrganizationPlan(
        organization_id=organization_id.text(),
        root_id=root_id.text(),
        management_account=management.text(),
        policy_types=tuple(required(head, "policy_types", node).texts()),
        trusted_services=tuple(required(head, "trusted_services", node).texts()),
        delegated=delegated,
        resource_policy=json.dumps(resource_policy.value) if resource_policy else "",
        units=units,
        accounts=accounts,
        policies=tuple(_policies(folder, {unit.path for unit in units}, names)),
        without_full_access=tuple(without_full_access),
        root_tags=head["tags"].tags() if "tags" in head else {},
        identity_center=_if_there(folder, "identity-center.yaml"),
        crossings=_if_there(folder, "crossings.yaml"),
        protection=_if_there(folder, "protection.yaml"),
        control_tower=_if_there(folder, "control-tower.yaml"),
        activity=_if_there(folder, "activity.yaml"),
        planted_events=_if_there(folder, "planted-events.yaml"),
        root_access_features=tuple(
            head["root_access_features"].texts() if "root_access_features" in head else ()
        ),
        responsibility_transfers=tuple(
            head["responsibility_transfers"].items() if "responsibility_transfers" in head else ()
        ),
    )


def _if_there(folder: Path, name: str) -> Node | None:
    return read_yaml(folder / name, folder) if (folder / name).is_file() else None


def _units(node: Node, parent: str, without_full_access: list[str]) -> Iterator[UnitPlan]:
    names: set[str] = set()
    for item in node.items():
        entries = item.mapping("name", "tags", "units", "full_access", "description")
        name = required(entries, "name", item).text()
        if name in names:
            raise item.bad("a second unit of this name under one parent")
        names.add(name)
        path = f"{parent}/{name}" if parent else name
        tags = entries["tags"].tags() if "tags" in entries else {}
        yield UnitPlan(path, name, parent, tags=tags)
        if "full_access" in entries and not entries["full_access"].flag():
            without_full_access.append(path)
        if "units" in entries:
            yield from _units(entries["units"], path, without_full_access)


def _accounts(
    folder: Path, organization_id: str, domain: str, paths: set[str]
) -> Iterator[AccountPlan]:
    profiles = Profiles(folder / "profiles")
    seen: dict[str, str] = {}
    files = sorted((folder / "accounts").glob("*.yaml"))
    if not files:
        raise BadOrganization(f"{folder.name}/accounts: there is no file with accounts")
    for file in files:
        for item in read_yaml(file, folder).items():
            account = _account(item, organization_id, domain, paths, profiles)
            for key in (account.name, account.account_id):
                if key in seen:
                    raise item.bad(f"{key} is already used by {seen[key]}")
                seen[key] = item.where
            yield account


def _account(
    item: Node, organization_id: str, domain: str, paths: set[str], profiles: Profiles
) -> AccountPlan:
    entries = item.mapping(*_ACCOUNT_KEYS)
    name = required(entries, "name", item).text()
    unit = entries["unit"].text() if "unit" in entries else ""
    if unit and unit not in paths:
        raise entries["unit"].bad(f"there is no unit {unit!r}")
    account_id = entries["id"].text() if "id" in entries else _account_id(organization_id, name)
    if not re.fullmatch(r"\d{12}", account_id):
        raise entries["id"].bad("an account id is 12 digits, written as text")
    state = entries["state"].text() if "state" in entries else "ACTIVE"
    if state not in _STATES:
        raise entries["state"].bad(f"a state is one of {', '.join(_STATES)}")
    profile = required(entries, "profile", item)
    inventory, settings = profiles.profile(profile.text(), profile)
    if "iam" in entries:
        differences = entries["iam"].mapping("without", *KINDS, *SETTINGS)
        inventory, settings = differ(inventory, settings, differences)
    if "s3" in entries:
        differences = entries["s3"].mapping("without", "buckets", "s3_public_access_block")
        inventory, settings = differ(inventory, settings, differences)
    if "resources" in entries:
        inventory, settings = differ(inventory, settings, {"resources": entries["resources"]})
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return AccountPlan(
        account_id=account_id,
        name=name,
        email=entries["email"].text() if "email" in entries else f"aws+{slug}@{domain}",
        unit_path=unit,
        joined_days=entries["joined_days"].number() if "joined_days" in entries else 700.0,
        joined_method=entries["joined_method"].text() if "joined_method" in entries else "CREATED",
        state=state,
        tags=entries["tags"].tags() if "tags" in entries else {},
        full_access=entries["full_access"].flag() if "full_access" in entries else True,
        iam=inventory,
        settings=settings,
        rates=dict(_rates(entries["rates"])) if "rates" in entries else {},
        opted_in_regions=tuple(entries["opted_in_regions"].texts())
        if "opted_in_regions" in entries
        else (),
        variables=entries["variables"].tags() if "variables" in entries else {},
    )


def _rates(node: Node) -> Iterator[tuple[str, tuple[float, float]]]:
    for service, rate in node.mapping().items():
        entries = rate.mapping("per_second", "burst")
        yield (
            service,
            (
                required(entries, "per_second", rate).number(),
                required(entries, "burst", rate).number(),
            ),
        )


def _account_id(organization_id: str, name: str) -> str:
    digest = hashlib.sha256(f"{organization_id}/{name}".encode()).digest()
    return str(100_000_000_000 + int.from_bytes(digest[:8], "big") % 900_000_000_000)


def _policies(folder: Path, paths: set[str], names: set[str]) -> Iterator[PolicyPlan]:
    seen: set[tuple[str, str]] = set()
    for file in sorted((folder / "policies").glob("*.yaml")):
        for item in read_yaml(file, folder).items():
            entries = item.mapping("name", "type", "description", "attached_to", "content", "tags")
            name = required(entries, "name", item).text()
            policy_type = required(entries, "type", item).text()
            if (name, policy_type) in seen:
                raise item.bad("a second policy of this name and type")
            seen.add((name, policy_type))
            yield PolicyPlan(
                name=name,
                policy_type=policy_type,
                description=required(entries, "description", item).text(),
                content=_content(required(entries, "content", item)),
                targets=tuple(_targets(entries.get("attached_to"), paths, names)),
                where=item.where,
                tags=entries["tags"].tags() if "tags" in entries else {},
            )


def _targets(node: Node | None, paths: set[str], names: set[str]) -> Iterator[str]:
    for target in node.texts() if node else ():
        if target == "root":
            yield "unit:"
        elif target in paths:
            yield f"unit:{target}"
        elif node and target not in names:
            raise node.bad(f"there is no root, unit or account {target!r}")
        else:
            yield f"account:{target}"


def _content(node: Node) -> str:
    """Return the document as JSON; text is taken as it stands, as somebody once pasted it."""
    content: Any = node.value
    if isinstance(content, str):
        return content
    if not isinstance(content, dict):
        raise node.bad("a policy's content is keys and values, or JSON as text")
    return json.dumps(content, indent=2)
