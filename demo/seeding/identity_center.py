"""identity-center.yaml → the organization's instance of Identity Center.

region           where the instance is
users            user name → display name
groups           lists of name, description and members (user names)
permission_sets  lists of name, description, session_hours, managed, inline, customer, boundary
assignments      lists of permission_set with group or user, and accounts; without accounts, all
                 that have the role which Identity Center makes of the set
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from typing import Final

from demo.seeding.plan import AccountPlan
from demo.seeding.principals import document
from demo.seeding.reading import Node, required
from demo.simulator.iam.managed_policies import aws_policy_arn
from demo.simulator.identity_center import Assignment, IdentityCenter, PermissionSet

_ALPHABET: Final = "0123456789abcdef"
_SET_KEYS: Final = (
    *("name", "description", "session_hours", "managed", "inline", "customer", "boundary"),
)


def identity_center(
    node: Node,
    *,
    organization_id: str,
    management_account_id: str,
    accounts: tuple[AccountPlan, ...],
) -> IdentityCenter:
    """Return the instance. Ids come from names, so that every seeding gives the same ones.

    :raises BadOrganization: an entry is wrong, or names what is not there.
    """
    entries = node.mapping("region", "users", "groups", "permission_sets", "assignments")
    instance = f"ssoins-{_letters(organization_id, 16)}"
    center = IdentityCenter(
        instance_arn=f"arn:aws:sso:::instance/{instance}",
        identity_store_id=f"d-{_letters(organization_id, 10)}",
        owner_account_id=management_account_id,
        region=required(entries, "region", node).text(),
    )
    users = _add_users(center, required(entries, "users", node))
    groups = _add_groups(center, required(entries, "groups", node), users)
    sets = _add_sets(center, required(entries, "permission_sets", node), instance)
    for item in required(entries, "assignments", node).items():
        center.assignments += _assignments(item, sets, users, groups, accounts)
    return center


def _add_users(center: IdentityCenter, node: Node) -> dict[str, str]:
    ids = {}
    for name, shown in node.mapping().items():
        ids[name] = _id(center, f"user/{name}")
        center.users[ids[name]] = {
            "IdentityStoreId": center.identity_store_id,
            "UserId": ids[name],
            "UserArn": f"arn:aws:identitystore:::user/{ids[name]}",
            "Revision": "1",
            "UserName": name,
            "DisplayName": shown.text(),
        }
    return ids


def _add_groups(center: IdentityCenter, node: Node, users: Mapping[str, str]) -> dict[str, str]:
    ids = {}
    for item in node.items():
        entries = item.mapping("name", "description", "members")
        name = required(entries, "name", item).text()
        ids[name] = _id(center, f"group/{name}")
        center.groups[ids[name]] = {
            "IdentityStoreId": center.identity_store_id,
            "GroupId": ids[name],
            "GroupArn": f"arn:aws:identitystore:::group/{ids[name]}",
            "Revision": "1",
            "DisplayName": name,
            "Description": entries["description"].text() if "description" in entries else "",
        }
        members = entries["members"].texts() if "members" in entries else []
        center.memberships[ids[name]] = [_known(users, each, item) for each in members]
    return ids


def _add_sets(center: IdentityCenter, node: Node, instance: str) -> dict[str, str]:
    arns = {}
    for item in node.items():
        entries = item.mapping(*_SET_KEYS)
        name = required(entries, "name", item).text()
        arn = f"arn:aws:sso:::permissionSet/{instance}/ps-{_letters(f'{instance}/{name}', 16)}"
        arns[name] = arn
        hours = entries["session_hours"].number() if "session_hours" in entries else 1
        center.permission_sets[arn] = PermissionSet(
            arn=arn,
            name=name,
            description=entries["description"].text() if "description" in entries else "",
            session_duration=f"PT{int(hours)}H",
            inline_policy=document(entries["inline"]) if "inline" in entries else "",
            managed_policy_arns=[
                _aws_policy(each, item)
                for each in (entries["managed"].texts() if "managed" in entries else [])
            ],
            customer_policies=[
                {"Name": each, "Path": "/"}
                for each in (entries["customer"].texts() if "customer" in entries else [])
            ],
            boundary={"ManagedPolicyArn": _aws_policy(entries["boundary"].text(), item)}
            if "boundary" in entries
            else {},
        )
    return arns


def _assignments(
    item: Node,
    sets: Mapping[str, str],
    users: Mapping[str, str],
    groups: Mapping[str, str],
    accounts: tuple[AccountPlan, ...],
) -> Iterator[Assignment]:
    entries = item.mapping("permission_set", "group", "user", "accounts")
    name = required(entries, "permission_set", item).text()
    arn = _known(sets, name, item)
    kind = "group" if "group" in entries else "user"
    principal_id = _known(
        groups if kind == "group" else users, required(entries, kind, item).text(), item
    )
    ids = {account.name: account.account_id for account in accounts}
    if "accounts" in entries:
        chosen = [_known(ids, each, item) for each in entries["accounts"].texts()]
    else:
        chosen = [
            account.account_id
            for account in accounts
            if any(role.startswith(f"AWSReservedSSO_{name}_") for role in account.iam["roles"])
        ]
    for account_id in chosen:
        yield Assignment(account_id, arn, kind.upper(), principal_id)


def _aws_policy(name: str, item: Node) -> str:
    arn = aws_policy_arn(name)
    if arn is None:
        raise item.bad(f"AWS has no managed policy {name!r}")
    return arn


def _known(ids: Mapping[str, str], name: str, item: Node) -> str:
    if name not in ids:
        raise item.bad(f"there is no {name!r}")
    return ids[name]


def _letters(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_ALPHABET[byte % 16] for byte in digest[:length])


def _id(center: IdentityCenter, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{center.identity_store_id}/{name}"))
