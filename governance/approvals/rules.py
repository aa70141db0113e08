"""Approval rules: how many people have to agree to which changes, and from where they come.

Every rule whose scope matches a changed target asks; so rules add up, and a narrow one never takes
away what a wide one asks for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from django.contrib.auth.models import Group

from governance.access.owners.environments import Environment
from governance.access.owners.labels import LabelMap
from governance.access.owners.targets import ROOT, OwnedTree, target_tree
from governance.approvals.effects import TargetEffect
from governance.approvals.forms import (
    FieldType,
    SettingContent,
    SettingField,
    SettingForm,
    SettingTable,
)
from governance.approvals.models import SettingVersion
from inventory.models import Connection
from inventory.policy_types import POLICY_TYPES

OPERATIONS: Final[Mapping[str, str]] = {
    "update_policy": "Edit a policy",
    "create_policy": "Create a policy",
    "rename_policy": "Rename a policy",
    "tag_policy": "Tag a policy",
    "delete_policy": "Delete a policy",
    "attach_policy": "Attach a policy",
    "detach_policy": "Detach a policy",
    "enable_policy_type": "Enable a policy type",
    "disable_policy_type": "Disable a policy type",
    "move_account": "Move an account",
    "create_organizational_unit": "Create an OU",
    "rename_organizational_unit": "Rename an OU",
    "delete_organizational_unit": "Delete an OU",
}
"""The operations that a rule can name, as change requests have them."""

OWNERS: Final = "owners"
GROUP: Final = "group"
ANY_EFFECT: Final = "any"
NEWLY_DENIED: Final = "newly_denied"
NEWLY_ALLOWED: Final = "newly_allowed"

_ENVIRONMENTS: Final[Mapping[str, str]] = {
    Environment.PRODUCTION.value: "Production, the root and what is unknown",
    **{
        one.value: one.value.capitalize()
        for one in Environment
        if one not in (Environment.PRODUCTION, Environment.SHARED)
    },
}


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """One rule. Empty parts of its scope match everything; of several parts all must match.

    `targets`: roots, OUs and accounts, with all below. `environments`: labels; production means
    what approvals treat so, the root included, and all that an edit there changes. `tags`:
    `key=value`, on the target or above it.
    `group_id`: whose members agree where `source` is the group; None: the group named is gone.
    """

    name: str
    targets: frozenset[str]
    environments: frozenset[str]
    tags: frozenset[str]
    policy_types: frozenset[str]
    operations: frozenset[str]
    effect: str
    count: int
    source: str
    group: str
    group_id: int | None
    needs_security: bool
    needs_step_up: bool

    @classmethod
    def owners_and_security(cls, name: str) -> Self:
        """Return a rule for any change: an owner and security approve and confirm who they are."""
        return cls(
            name=name,
            targets=frozenset(),
            environments=frozenset(),
            tags=frozenset(),
            policy_types=frozenset(),
            operations=frozenset(),
            effect=ANY_EFFECT,
            count=1,
            source=OWNERS,
            group="",
            group_id=None,
            needs_security=True,
            needs_step_up=True,
        )

    @property
    def is_for_everything(self) -> bool:
        """Whether no change escapes the rule."""
        scope = (self.targets, self.environments, self.tags, self.policy_types, self.operations)
        return not any(scope) and self.effect == ANY_EFFECT

    def matches(self, effect: TargetEffect, target_id: str, labels: LabelMap) -> bool:
        """Whether the rule asks for approval of what changes at a target of `labels.tree`."""
        if self.policy_types and not self.policy_types & effect.policy_types:
            return False
        if self.operations and not self.operations & effect.operations:
            return False
        # What could not be decided may be a denial as well as an allowance.
        if self.effect == NEWLY_DENIED and not (effect.newly_denied or effect.undecided):
            return False
        if self.effect == NEWLY_ALLOWED and not (effect.newly_allowed or effect.undecided):
            return False
        return (
            _is_below(self.targets, target_id, labels.tree)
            and _is_in(self.environments, target_id, labels, at_root=effect.at_root)
            and _is_tagged(self.tags, target_id, labels.tree)
        )


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """The rules of an organization as one version has them.

    `unchanged_count`: how many people with the right to review agree to what changes nobody's
    permissions. `escalate_after_hours`: after so long without enough approvals the owners above
    may agree, too; 0: never. `expire_after_days`: a request ends that nobody agreed to so long.
    """

    version: int
    rules: tuple[ApprovalRule, ...]
    unchanged_count: int
    escalate_after_hours: int
    expire_after_days: int

    def with_rule(self, rule: ApprovalRule) -> "ApprovalRules":
        """Return these rules and one more."""
        return replace(self, rules=(*self.rules, rule))


def is_production(target_id: str, labels: LabelMap) -> bool:
    """Whether approvals treat a target as production: so labelled, of unknown label, or root."""
    target = labels.tree.by_id.get(target_id)
    return target is None or target.kind == ROOT or labels.is_protected(target_id)


def read_rules(version: int, content: SettingContent) -> ApprovalRules:
    """Return the rules that a stored content holds."""
    return ApprovalRules(
        version=version,
        rules=tuple(_rule(row) for row in content["rules"]),
        unchanged_count=content["unchanged_count"],
        escalate_after_hours=content["escalate_after_hours"],
        expire_after_days=content["expire_after_days"],
    )


def _rule(row: Mapping[str, Any]) -> ApprovalRule:
    return ApprovalRule(
        name=row["name"],
        targets=frozenset(row["targets"]),
        environments=frozenset(row["environments"]),
        tags=frozenset(row["tags"]),
        policy_types=frozenset(row["policy_types"]),
        operations=frozenset(row["operations"]),
        effect=row["effect"],
        count=row["count"],
        source=row["from"],
        group=row["group"],
        group_id=row.get("group_id"),
        needs_security=row["security"],
        needs_step_up=row["step_up"],
    )


def _is_below(targets: frozenset[str], target_id: str, tree: OwnedTree) -> bool:
    if not targets or target_id in targets:
        return True
    return any(step.target_id in targets for step in tree.upwards(target_id))


def _is_in(
    environments: frozenset[str], target_id: str, labels: LabelMap, *, at_root: bool
) -> bool:
    if not environments:
        return True
    if at_root or is_production(target_id, labels):
        return Environment.PRODUCTION.value in environments
    value = labels.environment(target_id).value
    return value is not None and value.value in environments


def _is_tagged(tags: frozenset[str], target_id: str, tree: OwnedTree) -> bool:
    if not tags:
        return True
    return any(
        f"{key}={value}" in tags
        for step in tree.upwards(target_id)
        for key, value in step.tags.items()
    )


def _default_content(connection: Connection) -> SettingContent:
    everything: SettingContent = {
        **{name: [] for name in ("targets", "environments", "tags", "policy_types", "operations")},
        **{"effect": ANY_EFFECT, "count": 1, "from": OWNERS, "group": "", "group_id": None},
        **{"security": False, "step_up": False},
    }
    return {
        "unchanged_count": 1,
        "escalate_after_hours": 48,
        "expire_after_days": 14,
        "rules": [
            {"name": "Owners of what changes", **everything},
            {
                "name": "Root and production",
                **everything,
                "environments": [Environment.PRODUCTION.value],
                "security": True,
                "step_up": True,
            },
        ],
    }


def _check(connection: Connection, content: SettingContent) -> Mapping[str, str]:
    errors: dict[str, str] = {}
    named = [row["group"] for row in content["rules"] if row["group"]]
    groups = dict(Group.objects.filter(name__in=named).values_list("name", "pk"))
    names: set[str] = set()
    targets = target_tree(connection).by_id
    for number, row in enumerate(content["rules"]):
        path = f"rules.{number}."
        if row["name"].casefold() in names:
            errors[f"{path}name"] = "another rule has this name"
        names.add(row["name"].casefold())
        for target_id in row["targets"]:
            if target_id not in targets:
                errors[f"{path}targets"] = f"no root, OU or account is {target_id}"
        for tag in row["tags"]:
            if "=" not in tag:
                errors[f"{path}tags"] = f"write tags as key=value, not {tag}"
        row["group_id"] = groups.get(row["group"])
        if row["from"] == GROUP and not row["group"]:
            errors[f"{path}group"] = "name the group whose members approve"
        elif row["group"] and row["group_id"] is None:
            errors[f"{path}group"] = f"there is no group {row['group']}"
        elif row["from"] == OWNERS and row["group"]:
            errors[f"{path}group"] = "leave the group empty where owners approve"
    if not errors and not any(_rule(row).is_for_everything for row in content["rules"]):
        errors["rules"] = "one rule has to match every change: leave its scope empty"
    return errors


_COLUMNS: Final = (
    SettingField("name", "Rule", help="What the rule is for.", required=True),
    SettingField(
        "targets",
        "At or below",
        FieldType.LIST,
        help="Ids of roots, OUs or accounts. Empty: the whole organization.",
        shown="Whole organization",
    ),
    SettingField(
        "environments", "Environment", FieldType.CHOICES, choices=_ENVIRONMENTS, shown="All"
    ),
    SettingField(
        "tags",
        "Tags",
        FieldType.LIST,
        help="key=value, on the target or above it; one of them is enough.",
        shown="All",
    ),
    SettingField(
        "policy_types",
        "Policy types",
        FieldType.CHOICES,
        choices={one.name: one.label for one in POLICY_TYPES},
        shown="All",
    ),
    SettingField("operations", "Operations", FieldType.CHOICES, choices=OPERATIONS, shown="All"),
    SettingField(
        "effect",
        "Effect",
        FieldType.CHOICE,
        default=ANY_EFFECT,
        choices={
            ANY_EFFECT: "Any change",
            NEWLY_DENIED: "Something newly denied",
            NEWLY_ALLOWED: "Something newly allowed",
        },
        required=True,
    ),
    SettingField("count", "Approvals", FieldType.NUMBER, default=1, least=1, most=10),
    SettingField(
        "from",
        "From",
        FieldType.CHOICE,
        default=OWNERS,
        choices={OWNERS: "Owners of the target", GROUP: "Group"},
        required=True,
    ),
    SettingField("group", "Group", help="Its members approve."),
    SettingField(
        "security",
        "Security too",
        FieldType.FLAG,
        default=False,
        help="Someone with the role Security at the target must approve as well.",
    ),
    SettingField(
        "step_up",
        "Identity confirmed",
        FieldType.FLAG,
        default=False,
        help="Approvers confirm their identity right before.",
    ),
)

APPROVAL_RULES: Final = SettingForm(
    kind=SettingVersion.Kind.APPROVAL_RULES.value,
    title="Approval rules",
    intro=(
        "Who must approve a change. All rules that match a changed OU or account apply together; "
        "targets proven unchanged need no approval."
    ),
    values=(
        SettingField(
            "unchanged_count",
            "Approvals where no permission changes",
            FieldType.NUMBER,
            default=1,
            most=10,
            help="From anyone with the right to review in the whole organization.",
        ),
        SettingField(
            "escalate_after_hours",
            "Escalate after hours",
            FieldType.NUMBER,
            default=48,
            most=24 * 60,
            help="Then the owners one level up may approve too. 0: never.",
        ),
        SettingField(
            "expire_after_days",
            "Expire after days",
            FieldType.NUMBER,
            default=14,
            least=1,
            most=365,
            help="A request in review without a new approval ends.",
        ),
    ),
    tables=(SettingTable("rules", "Rules", "rule", _COLUMNS, derived=("group_id",)),),
    default=_default_content,
    check=_check,
)


def matching(
    rules: Iterable[ApprovalRule], effect: TargetEffect, target_id: str, labels: LabelMap
) -> tuple[ApprovalRule, ...]:
    """Return the rules that ask for approval of what changes at a target."""
    return tuple(rule for rule in rules if rule.matches(effect, target_id, labels))
