"""Policies and targets by their names, as somebody who proposes a change may see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory.models import Account, Connection, OrganizationalUnit, Policy, PolicyAttachment, Root
from inventory.viewing import Viewer, visible


class NotNamed(ValueError):
    """A word names nothing, or several things; the message says which."""

    def __init__(self, message: str, *, several: bool = False) -> None:
        self.several = several
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy as collected."""

    policy_id: str
    name: str
    policy_type: str
    aws_managed: bool
    text: str
    target_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class NamedObjects:
    """Policies by id; targets' names by id."""

    policies: Mapping[str, NamedPolicy] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)

    def policy(self, words: str, policy_type: str = "") -> NamedPolicy:
        """Return the policy that an id or a name names.

        :raises NotNamed: none, or several.
        """
        if words in self.policies:
            return self.policies[words]
        found = [
            each
            for each in self.policies.values()
            if each.name == words and policy_type in ("", each.policy_type)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            types = ", ".join(sorted(each.policy_type for each in found))
            said = f"{len(found)} policies are called {words!r} ({types}); give policy_id"
            raise NotNamed(said, several=True)
        raise NotNamed(f"{words!r} is not a policy of this organization")

    def target(self, words: str) -> str:
        """Return the id of the target that an id or a name names.

        :raises NotNamed: none, or several.
        """
        if words in self.targets:
            return words
        found = [target_id for target_id, name in self.targets.items() if name == words]
        if len(found) == 1:
            return found[0]
        if found:
            said = f"{len(found)} targets are called {words!r}; give the id"
            raise NotNamed(said, several=True)
        raise NotNamed(f"{words!r} is not a root, OU or account of this organization")


def named_objects(viewer: Viewer, connection: Connection) -> NamedObjects:
    """Return an organization's policies and targets as collected last, in five queries."""
    current = {"connection": connection}
    attached: dict[str, set[str]] = {}
    rows = visible(PolicyAttachment.objects.as_of(None), viewer).filter(**current)
    for policy_id, target_id in rows.values_list("policy_id", "target_id"):
        attached.setdefault(policy_id, set()).add(target_id)
    policies = visible(Policy.objects.as_of(None), viewer).filter(**current)
    targets: dict[str, str] = {}
    for model, column in (
        (Root, "target_id"),
        (OrganizationalUnit, "target_id"),
        (Account, "account_id"),
    ):
        named = visible(model.objects.as_of(None), viewer).filter(**current)
        targets |= dict(named.values_list(column, "name"))
    return NamedObjects(
        {
            row.policy_id: NamedPolicy(
                row.policy_id,
                row.name,
                row.type,
                row.aws_managed,
                row.content.text,
                frozenset(attached.get(row.policy_id, ())),
            )
            for row in policies.select_related("content").order_by("policy_id")
        },
        targets,
    )
