"""The management policies of one organization at one time, and their chains to every target.

`load_management` costs three short queries while the rows are as they were; an organization that
changed is read in bulk and parsed once a process. The result is shared: never change it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from governance.posture.state.organization import CompiledOrganization, load_organization
from governance.posture.state.parsed_policies import parsed_contents
from governance.posture.state.process_cache import ProcessCache
from inventory.models import Connection, Policy, PolicyAttachment
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from inventory.selectors.hierarchy import policy_types_enabled
from inventory.selectors.state_marks import organization_collectors_complete
from inventory.viewing import Viewer, visible
from policies import Diagnostic, ManagementPolicy, ParsedPolicy, PolicyType
from policies.management import (
    AttachedSettings,
    ComputedEffectivePolicy,
    SettingsLevel,
    effective_policy,
)
from policies.management.chains import ChainLink, chain_link, chain_of

_KEPT: Final = 12
# Errors that leave it open what a policy sets; for others AWS refuses it though it is clear.
_UNCLEAR: Final = frozenset(
    {
        "assign_beside_change",
        "child_control_value",
        "operator_beside_settings",
        "setting_without_operator",
        "unknown_inheritance_operator",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class AttachedManagementPolicy:
    """A management policy. `settings` is None where its text cannot be relied on: `diagnostics`."""

    policy_id: str
    name: str
    sha256: str
    settings: ManagementPolicy | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class ManagementOrganization:
    """One state of an organization.

    `enabled`: the types that are on at the root. `collected`: those whose policies had been read
    whole. `attached`: by type and target. `types`: of every policy by id.
    """

    organization: CompiledOrganization
    enabled: frozenset[str]
    collected: frozenset[str]
    attached: Mapping[str, Mapping[str, tuple[AttachedManagementPolicy, ...]]]
    policies: Mapping[str, AttachedManagementPolicy]
    types: Mapping[str, str] = field(default_factory=dict)
    _chains: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _below: dict[tuple[str, str], Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    _computed: dict[tuple[str, tuple[str, ...]], ComputedEffectivePolicy] = field(
        default_factory=dict
    )

    @property
    def enabled_types(self) -> tuple[str, ...]:
        """The management types that are on, in AWS's order."""
        return tuple(kind for kind in MANAGEMENT_POLICY_TYPES if kind in self.enabled)

    def way(self, target_id: str) -> tuple[str, ...]:
        """Return the targets from the root down to this one.

        :raises KeyError: no such target.
        """
        return self.organization.way(target_id)

    def chain(self, policy_type: str, target_id: str) -> str:
        """Return the name of the chain of policies that reaches a target, empty if none does.

        :raises KeyError: no such target.
        """
        found = self._chains.get(policy_type)
        if found is None:
            found = self._chains[policy_type] = self._named(policy_type)
        return found[target_id]

    def _named(self, policy_type: str) -> dict[str, str]:
        attached = self.attached[policy_type]
        linked: dict[str, tuple[ChainLink, ...]] = {}
        names: dict[tuple[ChainLink, ...], str] = {}
        found = {}
        # Parents come before their children.
        for target_id, named in self.organization.names.items():
            links = linked[named.parent_id] if named.parent_id is not None else ()
            own = attached.get(target_id)
            if own is not None:
                links = (*links, chain_link(target_id, (policy.sha256 for policy in own)))
            linked[target_id] = links
            name = names.get(links)
            if name is None:
                name = names[links] = chain_of(links)
            found[target_id] = name
        return found

    def chains_below(self, policy_type: str, target_id: str) -> Mapping[str, tuple[str, ...]]:
        """Return the accounts below a target by the chain that reaches them.

        :raises KeyError: no such target.
        """
        key = (policy_type, target_id)
        found = self._below.get(key)
        if found is None:
            listed: dict[str, list[str]] = {}
            for account_id in self.organization.accounts_below(target_id):
                listed.setdefault(self.chain(policy_type, account_id), []).append(account_id)
            found = {chain: tuple(account_ids) for chain, account_ids in listed.items()}
            self._below[key] = found
        return found

    def chains_from(self, target_id: str) -> set[tuple[str, str]]:
        """Return the types that are on, each with the chains that reach a target or end below it.

        :raises KeyError: no such target.
        """
        return {
            (kind, chain)
            for kind in self.enabled_types
            for chain in (self.chain(kind, target_id), *self.chains_below(kind, target_id))
        }

    def on_way(
        self, policy_type: str, target_id: str
    ) -> tuple[tuple[str, tuple[AttachedManagementPolicy, ...]], ...]:
        """Return the levels with a policy of a type, from the root down, with their policies.

        :raises KeyError: no such target.
        """
        attached = self.attached[policy_type]
        return tuple((step, attached[step]) for step in self.way(target_id) if step in attached)

    def computed(self, policy_type: str, target_id: str) -> ComputedEffectivePolicy:
        """Return what the policies on the way to a target amount to by their operators.

        :raises KeyError: no such target.
        """
        levels = self.on_way(policy_type, target_id)
        key = (policy_type, tuple(step for step, _ in levels))
        found = self._computed.get(key)
        if found is None:
            found = self._computed[key] = effective_policy(
                PolicyType(policy_type),
                (
                    SettingsLevel(
                        step,
                        tuple(AttachedSettings(one.policy_id, one.settings) for one in policies),
                    )
                    for step, policies in levels
                ),
            )
        return found


def load_management(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> ManagementOrganization:
    """Return the management policies of an organization as they are now or were at `as_of`."""
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    collectors = tuple(f"organizations.policies.{kind}" for kind in MANAGEMENT_POLICY_TYPES)
    complete = organization_collectors_complete(
        viewer, connection=connection, collectors=collectors, as_of=as_of
    )
    key = (organization.key, complete)
    return _organizations.get(key, lambda: _read(viewer, connection, as_of, organization, complete))


def management_policy(
    policy_id: str, name: str, sha256: str, parsed: ParsedPolicy
) -> AttachedManagementPolicy:
    """Return a management policy with the settings of its text, if they can be relied on."""
    unclear = any(one.code in _UNCLEAR for one in parsed.errors)
    return AttachedManagementPolicy(
        policy_id=policy_id,
        name=name,
        sha256=sha256,
        settings=None if unclear else parsed.management,
        diagnostics=parsed.diagnostics,
    )


_CacheKey = tuple[tuple[object, ...], frozenset[str]]
_organizations: Final[ProcessCache[_CacheKey, ManagementOrganization]] = ProcessCache(most=_KEPT)


def _read(
    viewer: Viewer,
    connection: Connection,
    as_of: datetime | None,
    organization: CompiledOrganization,
    complete: frozenset[str],
) -> ManagementOrganization:
    listed = list(
        visible(Policy.objects.as_of(as_of), viewer)
        .filter(connection=connection, type__in=MANAGEMENT_POLICY_TYPES)
        .order_by("name", "policy_id")
        .values_list("policy_id", "name", "type", "content_id")
    )
    parsed = parsed_contents((sha256, PolicyType(kind)) for _, _, kind, sha256 in listed)
    policies: dict[str, AttachedManagementPolicy] = {}
    types: dict[str, str] = {}
    for policy_id, name, kind, sha256 in listed:
        types[policy_id] = kind
        policies[policy_id] = management_policy(policy_id, name, sha256, parsed[sha256])
    pairs = (
        visible(PolicyAttachment.objects.as_of(as_of), viewer)
        .filter(connection=connection, policy_id__in=list(policies))
        .order_by()
        .values_list("target_id", "policy_id")
    )
    return ManagementOrganization(
        organization=organization,
        enabled=policy_types_enabled(viewer, connection=connection, as_of=as_of),
        collected=frozenset(name.rpartition(".")[2] for name in complete),
        attached=_attached(pairs, policies, types),
        policies=policies,
        types=types,
    )


def _attached(
    pairs: Iterable[tuple[str, str]],
    policies: Mapping[str, AttachedManagementPolicy],
    types: Mapping[str, str],
) -> dict[str, dict[str, tuple[AttachedManagementPolicy, ...]]]:
    order = {policy_id: place for place, policy_id in enumerate(policies)}
    listed: dict[str, dict[str, list[str]]] = {kind: {} for kind in MANAGEMENT_POLICY_TYPES}
    for target_id, policy_id in pairs:
        listed[types[policy_id]].setdefault(target_id, []).append(policy_id)
    return {
        kind: {
            target_id: tuple(
                policies[policy_id] for policy_id in sorted(found, key=order.__getitem__)
            )
            for target_id, found in by_target.items()
        }
        for kind, by_target in listed.items()
    }
