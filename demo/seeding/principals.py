"""One account's IAM in moto: managed policies, roles, groups, users, providers, settings.

moto's models are declared abstract for CloudFormation's sake but are made with these very
constructors by moto itself, hence the ignored complaints.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from moto.iam.models import (
    AccessKey,
    AccessKeyLastUsed,
    AccountPasswordPolicy,
    Group,
    InstanceProfile,
    ManagedPolicy,
    MFADevice,
    OpenIDConnectProvider,
    Role,
    SAMLProvider,
    User,
)

from demo.seeding.plan import AccountPlan
from demo.seeding.reading import Node, required
from demo.seeding.role_templates import template_document
from demo.seeding.trust import trust_document
from demo.seeding.variables import substituted
from demo.simulator.callers import iam_of
from demo.simulator.credentials import CONSOLE, WORKER
from demo.simulator.iam.credential_report import RootUser
from demo.simulator.iam.managed_policies import aws_policy_arn, ensure_aws_policy, stable_id

_ROLE_KEYS = (
    *("name", "path", "trust", "managed", "inline", "boundary", "description", "tags"),
    *("last_used_days", "last_used_region", "created_days", "max_session_hours"),
    "instance_profile",
)
_USER_KEYS = (
    *("name", "path", "managed", "inline", "boundary", "groups", "tags", "created_days"),
    *("password", "password_last_used_days", "password_changed_days", "mfa", "access_keys"),
)
_KEY_KEYS = (
    *("id", "secret", "active", "created_days", "last_used_days"),
    *("last_used_service", "last_used_region"),
)


class AccountFilling:
    """Fills one account. Ids come from names, so that every seeding gives the same ones."""

    def __init__(
        self,
        plan: AccountPlan,
        variables: Mapping[str, str],
        seeded_at: datetime,
        root_user: RootUser,
    ) -> None:
        self._plan = plan
        self._variables = variables
        self._seeded_at = seeded_at
        self._root_user = root_user
        self._iam = iam_of(plan.account_id)

    def fill(self) -> None:
        """:raises BadOrganization: an entry is wrong; the text names file and key."""
        for node in self._things("managed_policies"):
            self._add_managed_policy(node)
        for node in self._things("roles"):
            self._add_role(node)
        for node in self._things("groups"):
            self._add_group(node)
        for node in self._things("users"):
            self._add_user(node)
        for node in self._things("saml_providers"):
            self._add_saml_provider(node)
        for node in self._things("oidc_providers"):
            self._add_oidc_provider(node)
        self._apply_settings()

    def _things(self, kind: str) -> list[Node]:
        found = self._plan.iam.get(kind, {}).values()
        return [Node(node.where, substituted(node, self._variables)) for node in found]

    def _add_managed_policy(self, node: Node) -> None:
        entries = node.mapping(
            *("name", "path", "document", "description", "tags", "created_days", "versions")
        )
        name = required(entries, "name", node).text()
        created_at = self._days_before(entries, "created_days", 500, name)
        tags = entries["tags"].tags() if "tags" in entries else {}
        policy = ManagedPolicy(  # type: ignore[abstract]
            name,
            account_id=self._plan.account_id,
            region="us-east-1",
            description=entries["description"].text() if "description" in entries else "",
            document=document(required(entries, "document", node)),
            path=entries["path"].text() if "path" in entries else "/",
            create_date=created_at,
            update_date=created_at,
            tags={key.lower(): {"Key": key, "Value": value} for key, value in tags.items()},
        )
        policy.id = "ANPA" + self._id("policy", name)
        self._iam.managed_policies[policy.arn] = policy

    def _add_role(self, node: Node) -> None:
        entries = node.mapping(*_ROLE_KEYS)
        name = required(entries, "name", node).text()
        hours = entries["max_session_hours"].number() if "max_session_hours" in entries else 1
        role = Role(  # type: ignore[abstract]
            account_id=self._plan.account_id,
            partition="aws",
            role_id="AROA" + self._id("role", name),
            name=name,
            assume_role_policy_document=trust_document(
                required(entries, "trust", node), self._plan.account_id
            ),
            path=entries["path"].text() if "path" in entries else "/",
            permissions_boundary=self._boundary(entries),
            description=entries["description"].text() if "description" in entries else "",
            tags=_tag_list(entries),
            max_session_duration=str(int(hours * 3600)),
        )
        role.create_date = self._days_before(entries, "created_days", 500, name)
        if "last_used_days" in entries:
            role.last_used = self._days_before(entries, "last_used_days", 0, name)
            region = entries.get("last_used_region")
            setattr(role, "last_used_region", region.text() if region else "eu-central-1")  # noqa: B010
        self._add_policies(role, entries)
        self._iam.roles[role.id] = role
        if "instance_profile" in entries and entries["instance_profile"].flag():
            profile = InstanceProfile(  # type: ignore[abstract]
                account_id=self._plan.account_id,
                region_name="us-east-1",
                instance_profile_id="AIPA" + self._id("instance-profile", name),
                name=name,
                path=role.path,
                roles=[role],
            )
            profile.create_date = role.create_date
            self._iam.instance_profiles[name] = profile

    def _add_group(self, node: Node) -> None:
        entries = node.mapping("name", "path", "managed", "inline", "created_days")
        name = required(entries, "name", node).text()
        path = entries["path"].text() if "path" in entries else "/"
        group = Group(self._plan.account_id, "us-east-1", name, path)
        group.id = "AGPA" + self._id("group", name)
        group.create_date = self._days_before(entries, "created_days", 900, name)
        self._add_policies(group, entries)
        self._iam.groups[name] = group

    def _add_user(self, node: Node) -> None:
        entries = node.mapping(*_USER_KEYS)
        name = required(entries, "name", node).text()
        path = entries["path"].text() if "path" in entries else "/"
        user = User(self._plan.account_id, "us-east-1", name, path)  # type: ignore[abstract]
        user.id = "AIDA" + self._id("user", name)
        user.create_date = self._days_before(entries, "created_days", 600, name)
        setattr(user, "permissions_boundary_arn", self._boundary(entries))  # noqa: B010
        if "password" in entries and entries["password"].flag():
            user.password = "set"  # noqa: S105
            changed_at = self._days_before(entries, "password_changed_days", 60, name)
            setattr(user, "password_changed_at", changed_at)  # noqa: B010
            if "password_last_used_days" in entries:
                used_at = self._days_before(entries, "password_last_used_days", 0, name)
                setattr(user, "password_last_used", used_at)  # noqa: B010
        if "mfa" in entries and entries["mfa"].flag():
            serial = f"arn:aws:iam::{self._plan.account_id}:mfa/{name}"
            device = MFADevice(serial, "000000", "000000")
            device.enable_date = user.create_date
            user.mfa_devices[serial] = device
        self._add_policies(user, entries)
        self._iam.tagger.tag_resource(user.arn, _tag_list(entries))
        self._iam.users[name] = user
        for group_node in entries["groups"].items() if "groups" in entries else ():
            group = self._iam.groups.get(group_node.text())
            if group is None:
                raise group_node.bad(f"the account has no group {group_node.text()!r}")
            group.users.append(user)
        if "access_keys" in entries:
            for number, key_node in enumerate(entries["access_keys"].items()):
                self._add_access_key(user, number, key_node)

    def _add_access_key(self, user: User, number: int, node: Node) -> None:
        entries = node.mapping(*_KEY_KEYS)
        key = AccessKey(  # type: ignore[abstract]
            user.name, prefix="AKIA", account_id=self._plan.account_id
        )
        key.access_key_id = "AKIA" + self._id("key", f"{user.name}/{number}")[:16]
        key.secret_access_key = self._id("secret", f"{user.name}/{number}").ljust(40, "x")
        for published in (WORKER, CONSOLE):
            if "id" in entries and entries["id"].text() == published.access_key_id:
                key.secret_access_key = published.secret_access_key
        if "id" in entries:
            key.access_key_id = entries["id"].text()
        if "active" in entries and not entries["active"].flag():
            key.status = "Inactive"
        key.create_date = self._days_before(entries, "created_days", 200, key.access_key_id)
        if "last_used_days" in entries:
            service = entries.get("last_used_service")
            region = entries.get("last_used_region")
            key.last_used = AccessKeyLastUsed(
                self._days_before(entries, "last_used_days", 0, key.access_key_id),
                service.text() if service else "s3",
                region.text() if region else "eu-central-1",
            )
        user.access_keys.append(key)
        self._iam.access_keys[key.access_key_id] = key

    def _add_saml_provider(self, node: Node) -> None:
        entries = node.mapping("name", "created_days", "valid_days")
        name = required(entries, "name", node).text()
        provider = SAMLProvider(self._plan.account_id, "us-east-1", name, "<EntityDescriptor/>")
        provider.create_date = self._days_before(entries, "created_days", 800, name)
        valid_days = entries["valid_days"].number() if "valid_days" in entries else 3000.0
        provider.valid_until = self._seeded_at.replace(tzinfo=None) + timedelta(days=valid_days)
        self._iam.saml_providers[name] = provider

    def _add_oidc_provider(self, node: Node) -> None:
        entries = node.mapping("name", "audiences", "thumbprints", "created_days", "tags")
        url = required(entries, "name", node).text()
        audiences = entries["audiences"].texts() if "audiences" in entries else []
        thumbprints = entries["thumbprints"].texts() if "thumbprints" in entries else []
        provider = OpenIDConnectProvider(
            self._plan.account_id, "us-east-1", f"https://{url}", thumbprints, audiences, {}
        )
        provider.create_date = self._days_before(entries, "created_days", 400, url)
        self._iam.open_id_providers[provider.arn] = provider

    def _add_policies(self, holder: Role | User | Group, entries: dict[str, Node]) -> None:
        for node in entries["managed"].items() if "managed" in entries else ():
            arn = self._policy_arn(node)
            self._iam.managed_policies[arn].attach_to(holder)
        if "inline" in entries:
            for name, node in entries["inline"].mapping().items():
                holder.policies[name] = document(node)

    def _boundary(self, entries: dict[str, Node]) -> str | None:
        return self._policy_arn(entries["boundary"]) if "boundary" in entries else None

    def _policy_arn(self, node: Node) -> str:
        """Return the ARN of a policy named by the account's own name for it, or AWS's."""
        name = node.text()
        for policy in self._iam.managed_policies.values():
            if policy.name == name and ":aws:policy" not in policy.arn:
                return policy.arn
        arn = aws_policy_arn(name)
        if arn is None:
            raise node.bad(f"neither the account nor AWS has a managed policy {name!r}")
        ensure_aws_policy(self._iam, arn)
        return arn

    def _apply_settings(self) -> None:
        settings = self._plan.settings
        if "alias" in settings:
            alias = substituted(settings["alias"], self._variables)
            self._iam.account_aliases = [str(alias)]
        if "password_policy" in settings and settings["password_policy"].value is not None:
            self._set_password_policy(settings["password_policy"])
        root = settings["root_user"].mapping() if "root_user" in settings else {}
        self._root_user.mfa = root["mfa"].flag() if "mfa" in root else True
        if "last_used_days" in root:
            self._root_user.password_last_used_at = self._days_before(
                root, "last_used_days", 0, "root"
            )
        if "access_key_days" in root:
            created_at = self._days_before(root, "access_key_days", 0, "root")
            self._root_user.access_keys = [(created_at, created_at + timedelta(days=30))]
        summary: Any = self._iam.account_summary
        summary._account_mfa_enabled = int(self._root_user.mfa)
        summary._account_access_keys_present = int(bool(self._root_user.access_keys))

    def _set_password_policy(self, node: Node) -> None:
        entries = node.mapping(
            *("length", "max_age_days", "reuse_prevention", "symbols", "numbers"),
            *("uppercase", "lowercase", "users_may_change"),
        )

        def flag(name: str) -> bool:
            return entries[name].flag() if name in entries else True

        def number(name: str, default: int) -> int:
            return int(entries[name].number()) if name in entries else default

        self._iam.account_password_policy = AccountPasswordPolicy(
            allow_change_password=flag("users_may_change"),
            hard_expiry=False,
            max_password_age=number("max_age_days", 0),
            minimum_password_length=number("length", 14),
            password_reuse_prevention=number("reuse_prevention", 24),
            require_lowercase_characters=flag("lowercase"),
            require_numbers=flag("numbers"),
            require_symbols=flag("symbols"),
            require_uppercase_characters=flag("uppercase"),
        )

    def _days_before(
        self, entries: Mapping[str, Node], key: str, default: float, name: str
    ) -> datetime:
        """Return seeding time less the days under `key`, some minutes apart by account and name."""
        days = entries[key].number() if key in entries else default
        digest = hashlib.sha256(f"{self._plan.account_id}/{name}/{key}".encode()).digest()
        return self._seeded_at - timedelta(
            days=days, minutes=int.from_bytes(digest[:2], "big") % 600
        )

    def _id(self, kind: str, name: str) -> str:
        return stable_id(f"{self._plan.account_id}/{kind}/{name}")


def document(node: Node) -> str:
    """Return a policy's JSON: a list of statements gets its frame, keys and values stay.

    `{template: audit}` is what `docs/roles/audit.yaml` gives its role.
    """
    value = node.value
    if isinstance(value, dict) and set(value) == {"template"}:
        value = template_document(node.mapping()["template"])
    if isinstance(value, list):
        value = {"Version": "2012-10-17", "Statement": value}
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise node.bad("a document is keys and values, or a list of statements")
    return json.dumps(value, separators=(",", ":"))


def _tag_list(entries: Mapping[str, Node]) -> list[dict[str, str]]:
    tags = entries["tags"].tags() if "tags" in entries else {}
    return [{"Key": key, "Value": value} for key, value in tags.items()]
