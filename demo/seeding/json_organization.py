"""An organization.json of a real organization → OrganizationPlan.

The file has `root` (policy types, service access), `organizational_units` and `accounts` with keys
and parents, `policies` and `attachments` by key. What it lacks is made: ids from the keys, a
management account, and IAM from the demo's profiles, so that no account is empty.
"""

import hashlib
import json
import re
from pathlib import Path

from demo.seeding.plan import AccountPlan, OrganizationPlan, PolicyPlan, UnitPlan
from demo.seeding.profiles import Profiles
from demo.seeding.reading import BadOrganization, Node, required

_MANAGEMENT = "Management account"
# Whom the profiles speak of, each found by its name; the profile an account gets has the same name.
_SPECIAL = {
    "security-tooling": r"\bsecurity\b",
    "shared-services": r"\bshared[ -]services\b",
    "identity": r"\b(identity|sso|iam)\b",
}


def read_json_organization(path: Path, *, profiles_folder: Path) -> OrganizationPlan:
    """:raises BadOrganization: no JSON, a missing key, an unknown parent or target."""
    try:
        node = Node(path.name, json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise BadOrganization(f"{path.name}: no JSON: {error}") from error
    entries = node.mapping()
    seed = hashlib.sha256(path.read_bytes()).hexdigest()
    root = required(entries, "root", node)
    root_entries = root.mapping()
    paths = {"root": ""}
    warnings: list[str] = []
    units = _units(required(entries, "organizational_units", node), paths, warnings)
    special = _special_accounts(required(entries, "accounts", node))
    accounts, names = _accounts(
        required(entries, "accounts", node), paths, Profiles(profiles_folder), special
    )
    targets = {key: f"unit:{path}" for key, path in paths.items()}
    targets |= {key: f"account:{name}" for key, name in names.items()}
    return OrganizationPlan(
        organization_id="o-" + _letters(seed, 10),
        root_id="r-" + _letters(seed, 4),
        management_account=_MANAGEMENT,
        policy_types=tuple(
            dict.fromkeys(
                [
                    "SERVICE_CONTROL_POLICY",
                    *required(root_entries, "policy_types_enabled", root).texts(),
                ]
            )
        ),
        trusted_services=tuple(required(root_entries, "service_access", root).texts()),
        aliases={alias: names[key] for alias, key in special.items()},
        delegated={
            names[special["security-tooling"]]: (
                "access-analyzer.amazonaws.com",
                "guardduty.amazonaws.com",
            )
        },
        resource_policy="",
        units=tuple(units),
        accounts=tuple(accounts),
        policies=tuple(
            _policies(
                required(entries, "policies", node),
                required(entries, "attachments", node),
                targets,
            )
        ),
        warnings=tuple(warnings),
    )


def _units(node: Node, paths: dict[str, str], warnings: list[str]) -> list[UnitPlan]:
    waiting = list(node.items())
    plans: list[UnitPlan] = []
    used: set[str] = set()
    while waiting:
        later = []
        for item in waiting:
            entries = item.mapping()
            parent = required(entries, "parent", item).text()
            if parent not in paths:
                later.append(item)
                continue
            name = required(entries, "name", item).text()
            # A slash would read as another level of the path; the name itself stays as it is.
            part = name.replace("/", "-")
            path = f"{paths[parent]}/{part}" if paths[parent] else part
            if path in used:
                warnings.append(f"{item.where}: a second unit of this name under one parent")
                path += f" ({required(entries, 'key', item).text()})"
            used.add(path)
            paths[required(entries, "key", item).text()] = path
            plans.append(UnitPlan(path, name, paths[parent]))
        if len(later) == len(waiting):
            raise later[0].bad("the parent is not among the units")
        waiting = later
    return plans


def _special_accounts(node: Node) -> dict[str, str]:
    """Return the key of the account that plays each part of `_SPECIAL`, no account two parts."""
    accounts = [item.mapping() for item in node.items()]
    if len(accounts) < len(_SPECIAL):
        raise node.bad(f"at least {len(_SPECIAL)} accounts are needed")
    found: dict[str, str] = {}
    for alias, pattern in _SPECIAL.items():
        free = [each for each in accounts if each["key"].text() not in found.values()]
        named = [each for each in free if re.search(pattern, each["name"].text(), re.IGNORECASE)]
        found[alias] = (named or free)[0]["key"].text()
    return found


def _accounts(
    node: Node, paths: dict[str, str], profiles: Profiles, special: dict[str, str]
) -> tuple[list[AccountPlan], dict[str, str]]:
    names: dict[str, str] = {}
    plans = [_management(profiles, node)]
    profile_of = {key: alias for alias, key in special.items()}
    taken = {plan.name for plan in plans}
    for item in node.items():
        entries = item.mapping()
        name = required(entries, "name", item).text()
        account_id = required(entries, "id", item).text()
        parent = required(entries, "parent", item)
        if parent.text() not in paths:
            raise parent.bad(f"there is no unit {parent.text()!r}")
        if not re.fullmatch(r"\d{12}", account_id):
            raise entries["id"].bad("an account id is 12 digits, written as text")
        key = required(entries, "key", item).text()
        # Names are unique in a plan, in AWS they need not be: the id tells such accounts apart.
        names[key] = name if name not in taken else f"{name} ({account_id})"
        taken.add(names[key])
        tags = {
            tag: value
            for tag, value in (entries["tags"].tags() if "tags" in entries else {}).items()
            if value
        }
        inventory, settings = profiles.profile(profile_of.get(key) or _profile(tags), item)
        system = re.sub(r"[^a-z0-9]+", "-", tags.get("application", name).lower()).strip("-")
        plans.append(
            AccountPlan(
                account_id=account_id,
                name=names[key],
                email=f"aws+{account_id}@accounts.example",
                unit_path=paths[parent.text()],
                joined_days=200.0 + int(account_id) % 1500,
                tags=tags,
                iam=inventory,
                settings=settings,
                variables={"system": system[:30]},
            )
        )
    return plans, names


def _management(profiles: Profiles, node: Node) -> AccountPlan:
    digest = hashlib.sha256(f"{node.where}/{_MANAGEMENT}".encode()).digest()
    account_id = str(100_000_000_000 + int.from_bytes(digest[:8], "big") % 900_000_000_000)
    inventory, settings = profiles.profile("management", node)
    email = f"aws+{account_id}@accounts.example"
    return AccountPlan(account_id, _MANAGEMENT, email, "", 2000.0, iam=inventory, settings=settings)


def _profile(tags: dict[str, str]) -> str:
    environment = tags.get("environment-name", "")
    if tags.get("is-production") == "true" or environment == "production":
        return "workload-production"
    return "workload-test"


def _policies(node: Node, attachments: Node, targets: dict[str, str]) -> list[PolicyPlan]:
    attached: dict[str, list[str]] = {}
    for item in attachments.items():
        entries = item.mapping()
        target = required(entries, "target", item)
        if target.text() not in targets:
            raise target.bad(f"there is no root, unit or account {target.text()!r}")
        policy = required(entries, "policy", item).text()
        attached.setdefault(policy, []).append(targets[target.text()])
    plans = []
    for item in node.items():
        entries = item.mapping()
        key = required(entries, "key", item).text()
        description = entries["description"].value if "description" in entries else ""
        plans.append(
            PolicyPlan(
                name=required(entries, "name", item).text(),
                policy_type=required(entries, "type", item).text(),
                description=str(description or ""),
                content=json.dumps(required(entries, "content", item).value, indent=2),
                targets=tuple(dict.fromkeys(attached.pop(key, []))),
                where=item.where,
            )
        )
    if attached:
        raise attachments.bad(f"there is no policy {sorted(attached)[0]!r}")
    return plans


def _letters(text: str, length: int) -> str:
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(alphabet[byte % 36] for byte in digest[:length])
