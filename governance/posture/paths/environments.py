"""Least privilege by environment: what roles of one name may in sandbox, test and production.

Counted are the actions that identity policies allow and a boundary leaves, whatever SCPs say: how
wide a role is written, not what it can do today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy

from governance.access.owners.environments import Environment
from governance.access.owners.labels import LabelMap, label_map
from governance.posture.state.organization import load_organization
from governance.posture.state.process_cache import ProcessCache
from governance.posture.who_can.answer import all_accounts
from governance.posture.who_can.contents import Content, statements_of
from governance.posture.who_can.loading import load_population
from governance.posture.who_can.population import KINDS, ROLE, IdentityClass, Population
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import CompiledStatement, Effect, PolicyType, default_compiler

COMPARED: Final = (
    Environment.SANDBOX,
    Environment.DEVELOPMENT,
    Environment.TEST,
    Environment.STAGING,
    Environment.PRODUCTION,
)
_BEFORE: Final = (Environment.TEST, Environment.STAGING)
_LEAST: Final = 2
_KEPT: Final = 4
_RESERVED: Final = ("/aws-service-role/", "/aws-reserved/")


@dataclass(frozen=True, slots=True)
class WrittenReach:
    """What policies allow. `allowed`: a set of actions on anything at all; `everywhere`: of these
    the ones on every resource without a condition. `is_known`: every policy was read."""

    allowed: int = 0
    everywhere: int = 0
    is_known: bool = True

    def __or__(self, other: "WrittenReach") -> "WrittenReach":
        """Return what either allows."""
        return WrittenReach(
            self.allowed | other.allowed,
            self.everywhere | other.everywhere,
            self.is_known and other.is_known,
        )


@dataclass(frozen=True, slots=True)
class EnvironmentReach:
    """The roles of one name in one environment. `accounts`: how many have it."""

    environment: Environment
    accounts: int
    reach: WrittenReach

    @property
    def actions(self) -> int:
        """How many actions are allowed."""
        return self.reach.allowed.bit_count()


@dataclass(frozen=True, slots=True)
class RoleByEnvironment:
    """A role's name, and what roles of that name may by environment, sandbox first.

    `compared_with`: the environment before production that has the role too; None: none has, or
    production has not. `wider`: actions that production allows and that one does not; `broader`:
    those that production allows everywhere and that one does on some resources or conditions only.
    """

    name: str
    environments: tuple[EnvironmentReach, ...]
    compared_with: Environment | None
    wider: int
    broader: int

    @property
    def is_wider(self) -> bool:
        """Whether production is wider than what comes before it."""
        return bool(self.wider or self.broader)

    def in_environment(self, environment: Environment) -> EnvironmentReach | None:
        """Return the roles in one environment, None where it has none."""
        return next((one for one in self.environments if one.environment is environment), None)


_known: Final[ProcessCache[tuple[object, ...], tuple[RoleByEnvironment, ...]]] = ProcessCache(
    most=_KEPT
)


def roles_by_environment(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> tuple[RoleByEnvironment, ...]:
    """Return every role's name that is in two environments, the widest in production first."""
    population, of_account = _read(viewer, connection, as_of)
    key = (population.key, of_account)
    return _known.get(key, lambda: _compared(population, of_account))


def role_by_environment(
    viewer: Viewer, *, connection: Connection, name: str, as_of: datetime | None = None
) -> RoleByEnvironment | None:
    """Return what roles of one name may, in however many environments; None: there is no such role.

    Without environments it is in accounts of which none is known.
    """
    population, of_account = _read(viewer, connection, as_of)
    called = [place for place, short in enumerate(population.short_names) if short == name]
    rows = numpy.flatnonzero(
        numpy.isin(population.called, called) & (population.kinds == KINDS.index(ROLE))
    )
    if not len(rows):
        return None
    found = _compared(population, of_account, name=name)
    return found[0] if found else RoleByEnvironment(name, (), None, 0, 0)


def _read(
    viewer: Viewer, connection: Connection, as_of: datetime | None
) -> tuple[Population, tuple[int, ...]]:
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    population = load_population(
        viewer, connection=connection, account_ids=all_accounts(organization), as_of=as_of
    )
    labels = label_map(connection, as_of=as_of)
    return population, _environments(labels, population.account_ids)


def _environments(labels: LabelMap, account_ids: Sequence[str]) -> tuple[int, ...]:
    """Return the place in COMPARED of each account's environment, -1 where it has another."""
    place = {environment: number for number, environment in enumerate(COMPARED)}
    found = []
    for account_id in account_ids:
        value = labels.environment(account_id).value
        found.append(place.get(value, -1) if isinstance(value, Environment) else -1)
    return tuple(found)


def _compared(
    population: Population, of_account: tuple[int, ...], *, name: str = ""
) -> tuple[RoleByEnvironment, ...]:
    """Compare roles by name; `name`: only these, in however many environments they are."""
    environments = numpy.array(of_account, dtype=numpy.int64)[population.accounts]
    chosen = (population.kinds == KINDS.index(ROLE)) & (environments >= 0)
    named = _numbered_names(population)
    chosen &= named[population.called] >= 0
    if name:
        places = [place for place, short in enumerate(population.short_names) if short == name]
        chosen &= numpy.isin(population.called, places)
    rows = numpy.flatnonzero(chosen)
    held: dict[str, dict[int, tuple[set[int], set[int]]]] = {}
    names = population.short_names
    for row in rows.tolist():
        short = names[int(population.called[row])]
        classes, accounts = held.setdefault(short, {}).setdefault(
            int(environments[row]), (set(), set())
        )
        classes.add(int(population.classes[row]))
        accounts.add(int(population.accounts[row]))
    least = 1 if name else _LEAST
    shared = {called: found for called, found in held.items() if len(found) >= least}
    wanted = {
        place for found in shared.values() for classes, _ in found.values() for place in classes
    }
    reaches = _reaches(population, wanted)
    listed = [_role(called, found, reaches) for called, found in shared.items()]
    return tuple(sorted(listed, key=lambda one: (-one.wider, -one.broader, one.name)))


def _numbered_names(population: Population) -> "numpy.typing.NDArray[numpy.int64]":
    """Mark the names that are of AWS's own roles by -1."""
    return numpy.array(
        [-1 if any(part in name for part in _RESERVED) else 0 for name in population.names],
        dtype=numpy.int64,
    )


def _role(
    name: str,
    found: Mapping[int, tuple[set[int], set[int]]],
    reaches: Mapping[int, WrittenReach],
) -> RoleByEnvironment:
    environments = []
    for place in sorted(found):
        classes, accounts = found[place]
        together = WrittenReach()
        for one in classes:
            together |= reaches[one]
        environments.append(EnvironmentReach(COMPARED[place], len(accounts), together))
    by_environment = {one.environment: one for one in environments}
    production = by_environment.get(Environment.PRODUCTION)
    before = next((by_environment[one] for one in _BEFORE if one in by_environment), None)
    if production is None or before is None:
        return RoleByEnvironment(name, tuple(environments), None, 0, 0)
    wider = production.reach.allowed & ~before.reach.allowed
    broader = production.reach.everywhere & before.reach.allowed & ~before.reach.everywhere
    return RoleByEnvironment(
        name, tuple(environments), before.environment, wider.bit_count(), broader.bit_count()
    )


def _reaches(population: Population, places: Iterable[int]) -> Mapping[int, WrittenReach]:
    classes = {place: population.identities[place] for place in places}
    contents: dict[Content, None] = {}
    for held in classes.values():
        for policy in held.policies:
            if policy.sha256 is not None:
                contents[policy.sha256, PolicyType.IDENTITY_POLICY] = None
        if held.boundary is not None and held.boundary.sha256 is not None:
            contents[held.boundary.sha256, PolicyType.PERMISSION_BOUNDARY] = None
    statements = statements_of(contents)
    return {place: _reach(held, statements) for place, held in classes.items()}


def _reach(
    held: IdentityClass, statements: Mapping[Content, tuple[CompiledStatement, ...]]
) -> WrittenReach:
    hashes = [policy.sha256 for policy in held.policies]
    own = _written(hashes, PolicyType.IDENTITY_POLICY, statements)
    if held.boundary is None:
        return own
    bound = _written([held.boundary.sha256], PolicyType.PERMISSION_BOUNDARY, statements)
    if not bound.is_known:
        return WrittenReach(own.allowed, own.everywhere, is_known=False)
    return WrittenReach(
        own.allowed & bound.allowed, own.everywhere & bound.everywhere, own.is_known
    )


def _written(
    hashes: Sequence[str | None],
    policy_type: PolicyType,
    statements: Mapping[Content, tuple[CompiledStatement, ...]],
) -> WrittenReach:
    allowed = everywhere = denied = narrowed = 0
    for sha256 in hashes:
        for statement in statements.get((sha256 or "", policy_type), ()):
            if statement.effect is Effect.ALLOW:
                allowed |= statement.action_bits
                if statement.is_unconditional:
                    everywhere |= statement.action_bits
            elif statement.is_unconditional:
                denied |= statement.action_bits
            else:
                # A deny of some leaves the rest, but no longer everything.
                narrowed |= statement.action_bits
    is_known = all(sha256 and (sha256, policy_type) in statements for sha256 in hashes)
    return WrittenReach(allowed & ~denied, everywhere & ~denied & ~narrowed, is_known)


@dataclass(frozen=True, slots=True)
class ServiceReach:
    """How many actions of one access level of a service roles may, by environment.

    `only_in_production`: actions that production allows and what it is compared with does not.
    """

    service: str
    level: str
    actions: tuple[int, ...]
    only_in_production: tuple[str, ...]


def services_of(role: RoleByEnvironment) -> tuple[ServiceReach, ...]:
    """Return what a role may by service and access level; `actions` as `role.environments`."""
    catalogue = default_compiler().catalogue
    counts: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(role.environments):
        for index in catalogue.indexes(one.reach.allowed):
            service = catalogue.names[index].partition(":")[0]
            key = service, catalogue.access_level(index)
            counts.setdefault(key, [0] * len(role.environments))[number] += 1
    only: dict[tuple[str, str], list[str]] = {}
    production = role.in_environment(Environment.PRODUCTION)
    before = role.in_environment(role.compared_with) if role.compared_with else None
    if production is not None and before is not None:
        for index in catalogue.indexes(production.reach.allowed & ~before.reach.allowed):
            name = catalogue.names[index]
            key = name.partition(":")[0], catalogue.access_level(index)
            only.setdefault(key, []).append(name)
    return tuple(
        ServiceReach(service, level, tuple(numbers), tuple(only.get((service, level), ())))
        for (service, level), numbers in sorted(
            counts.items(), key=lambda item: (-len(only.get(item[0], ())), item[0])
        )
    )
