"""What the questions are asked of: one organization with its tags and roles at one time."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from governance.access.owners.labels import TargetLabel
from governance.posture.ceilings.idle_statements import IdleReasons
from governance.posture.findings.finding import FindingAnswer, FindingPlace, PlaceKind
from governance.posture.findings.role_units import RoleUnit
from governance.posture.findings.roles_compared import RoleMeanings, unlike
from governance.posture.findings.thresholds import Thresholds
from governance.posture.state.organization import CompiledOrganization, ControlPolicy
from inventory.selectors.roles import RoleRow
from policies import default_compiler
from policies.ceiling import Ceiling, CeilingMaker


@dataclass(frozen=True)
class StructureFacts:
    """`tags`: of accounts and OUs by id, None where tags were never read. `roles`: by account.

    `read_texts`: hashes → contents. `without_iam`: accounts whose IAM was never collected; their
    roles are unknown. `environments`: of targets where people or rules over tags say it.
    """

    organization: CompiledOrganization
    thresholds: Thresholds
    tags: Mapping[str, Mapping[str, str]] | None
    roles: Mapping[str, Sequence[RoleRow]]
    read_texts: Callable[[Collection[str]], Mapping[str, str]]
    without_iam: frozenset[str]
    environments: Mapping[str, TargetLabel] = field(default_factory=dict)

    @cached_property
    def ceilings(self) -> Mapping[str, Ceiling]:
        """What SCPs leave each target, nothing assumed; unreadable policies are left out."""
        return self.ceiling_maker.ceilings(self.organization.service_control.tree)

    @cached_property
    def ceiling_maker(self) -> CeilingMaker:
        """Makes ceilings over the catalogue with nothing assumed."""
        return CeilingMaker(default_compiler().catalogue)

    @cached_property
    def idle_reasons(self) -> IdleReasons:
        """Reasons why statements of SCPs change nothing."""
        return IdleReasons(
            self.organization, self.organization.service_control, self.ceiling_maker, self.ceilings
        )

    def place(self, target_id: str, said: str = "") -> FindingPlace:
        """Return a root, OU or account as a place; an OU by the names on the way to it."""
        name = self.organization.names[target_id]
        words = name.name
        if name.kind == PlaceKind.ORGANIZATIONAL_UNIT:
            words = "/".join(self._way(target_id))
        return FindingPlace(PlaceKind(name.kind), target_id, words, said)

    def _way(self, unit_id: str) -> list[str]:
        way, step = [], self.organization.names[unit_id]
        while step.parent_id is not None:
            way.append(step.name)
            step = self.organization.names[step.parent_id]
        return way[::-1]

    def policy_place(self, policy: ControlPolicy, said: str = "") -> FindingPlace:
        """Return an SCP as a place."""
        return FindingPlace(PlaceKind.POLICY, policy.policy_id, policy.name, said)

    def bound_accounts(self, target_id: str) -> list[str]:
        """Return the accounts at or below a target that SCPs bind."""
        management = self.organization.management_account_id
        return [one for one in self.organization.accounts_below(target_id) if one != management]

    def is_active(self, account_id: str) -> bool:
        """Whether AWS says that an account is in use."""
        return self.organization.names[account_id].state in ("ACTIVE", "")

    def children_of_kind(self, target_id: str, kind: PlaceKind) -> list[str]:
        """Return the OUs, or the accounts, directly below a target."""
        names = self.organization.names
        return [
            child
            for child in self.organization.children.get(target_id, ())
            if names[child].kind == kind
        ]

    @cached_property
    def role_units(self) -> tuple[RoleUnit, ...]:
        """The OUs with accounts in use, and the roles of those accounts."""
        found = (self._role_unit(unit_id) for unit_id in self.units)
        return tuple(unit for unit in found if unit.known or unit.unknown)

    def _role_unit(self, unit_id: str) -> RoleUnit:
        active = [
            account_id
            for account_id in self.children_of_kind(unit_id, PlaceKind.ACCOUNT)
            if self.is_active(account_id)
        ]
        known = tuple(one for one in active if one not in self.without_iam)
        roles: dict[tuple[str, str], list[RoleRow]] = {}
        for account_id in known:
            for role in self.roles.get(account_id, ()):
                roles.setdefault((role.name, role.path), []).append(role)
        unknown = tuple(one for one in active if one in self.without_iam)
        return RoleUnit(unit_id, known, unknown, roles)

    @cached_property
    def role_meanings(self) -> RoleMeanings:
        """What roles say that several accounts of an OU have, read where their texts differ."""
        wanted: set[str] = set()
        for unit in self.role_units:
            for roles in unit.shared(self.thresholds.drift_least_holders):
                wanted |= unlike(roles, lambda role: (role.trust_sha256,))
                wanted |= unlike(roles, lambda role: [sha256 for _, sha256 in role.inline])
        return RoleMeanings(self.read_texts(wanted))

    def cannot_judge_roles(self, answer: FindingAnswer, unit: RoleUnit) -> None:
        """Note the accounts of an OU whose roles are unknown."""
        answer.cannot_judge(
            [self.place(account_id) for account_id in unit.unknown],
            "IAM of the account was never read, so its roles are unknown.",
        )

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Every OU, those above first."""
        return tuple(
            name.target_id
            for name in self.organization.names.values()
            if name.kind == PlaceKind.ORGANIZATIONAL_UNIT
        )


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def listed(words: Sequence[str], most: int = 4) -> str:
    """Return words as a sentence's part, the rest of many as a count."""
    shown = list(words[:most])
    if len(words) > most:
        return ", ".join(shown) + f" and {len(words) - most:,} more"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" and {shown[-1]}"
