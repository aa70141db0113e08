"""What the makers of steps share: everybody, what is decided of them, and the edges so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy
from numpy.typing import NDArray

from governance.posture.paths.deciding import DecidingScope, StepStanding
from governance.posture.paths.escalations import EscalationList
from governance.posture.paths.graph import EdgeList, EdgeWay
from governance.posture.paths.nodes import NodeKind, PathNode
from governance.posture.paths.population_index import PopulationIndex, Rows
from governance.posture.paths.reading import GroupFacts, RoleFacts
from governance.posture.who_can.population import KINDS, ROOT, Population
from governance.posture.who_can.ways import STANDINGS, Standing
from policies import Effect, default_compiler


class NodeList:
    """The nodes that are no principals: first the control of each account, then others."""

    def __init__(self, population: Population) -> None:
        self._start = len(population)
        self._found: dict[PathNode, int] = {}
        self._control = {
            account_id: self.of(PathNode(NodeKind.CONTROL, account_id, account_id, account_id))
            for account_id in population.account_ids
        }
        self.organization = self.of(
            PathNode(NodeKind.ORGANIZATION, "organization", name="Every account")
        )

    def of(self, node: PathNode) -> int:
        """Return the number of a node."""
        return self._found.setdefault(node, self._start + len(self._found))

    def control(self, account_id: str) -> int:
        """Return the number of the control of an account."""
        return self._control[account_id]

    def listed(self) -> tuple[PathNode, ...]:
        """Return every node in the order of their numbers."""
        return tuple(self._found)


@dataclass(eq=False)
class StepState:
    """Everybody at one time and what was found so far.

    `memberships`: groups by user's row. `beside`: what each principal becomes in one step.
    `gathered`: actions that have a node for everybody who may call them.
    """

    scope: DecidingScope
    index: PopulationIndex
    roles: Sequence[RoleFacts]
    groups: Sequence[GroupFacts]
    memberships: Mapping[int, tuple[str, ...]]
    listed: EscalationList
    nodes: NodeList
    edges: EdgeList = field(default_factory=EdgeList)
    beside: dict[int, dict[int, StepStanding]] = field(default_factory=dict)
    gathered: set[str] = field(default_factory=set)

    @property
    def population(self) -> Population:
        """Everybody."""
        return self.scope.population

    def add(self, row: int, target: int, step: StepStanding, way: EdgeWay) -> None:
        """Add a step of a principal to a principal of its own account or of another."""
        self.edges.add(row, target, step.standing, way)
        known = self.beside.setdefault(row, {})
        best = known.get(target)
        if best is None or STANDINGS.index(step.standing) < STANDINGS.index(best.standing):
            known[target] = step

    @cached_property
    def roles_of(self) -> Mapping[str, Sequence[RoleFacts]]:
        """The roles of each account."""
        found: dict[str, list[RoleFacts]] = {}
        for role in self.roles:
            found.setdefault(role.account_id, []).append(role)
        return found

    @cached_property
    def _broad(self) -> tuple[NDArray[numpy.bool_], NDArray[numpy.bool_]]:
        """By class: whether its policies allow an administrator's actions on everything, and
        whether its boundary does, or it has none."""
        catalogue = default_compiler().catalogue
        wanted = 0
        for action in self.listed.administrator_actions:
            wanted |= 1 << catalogue.index_of[action.lower()]
        own, bound = [], []
        for held in self.population.identities:
            bits = 0
            for policy in held.policies:
                bits |= self._bits(policy.sha256)
            own.append(held.kind == ROOT or bits & wanted == wanted)
            if held.boundary is None:
                bound.append(True)
            else:
                bound.append(self._bits(held.boundary.sha256, boundary=True) & wanted == wanted)
        return numpy.array(own, dtype=bool), numpy.array(bound, dtype=bool)

    def _bits(self, sha256: str | None, *, boundary: bool = False) -> int:
        found = 0
        for statement in self.scope.statements_in(sha256, boundary=boundary):
            if statement.effect is Effect.ALLOW and (
                statement.resources is None or statement.not_resource
            ):
                found |= statement.action_bits
        return found

    def is_broad(self, row: int, *, without_boundary: bool = False) -> bool:
        """Whether a principal's policies allow an administrator's actions on everything."""
        own, bound = self._broad
        place = int(self.population.classes[row])
        return bool(own[place] and (without_boundary or bound[place]))

    @cached_property
    def administrators(self) -> NDArray[numpy.int8]:
        """The standing of each principal as an administrator; -1: it is none."""
        own, bound = self._broad
        broad = (own & bound)[self.population.classes]
        found = numpy.where(broad, 0, -1).astype(numpy.int8)
        for action in self.listed.administrator_actions:
            sweep = self.scope.sweep(action)
            places = numpy.where(sweep.open & sweep.may, 0, sweep.places)
            found = numpy.where(
                (found < 0) | (places < 0), -1, numpy.maximum(found, places)
            ).astype(numpy.int8)
        return found

    @cached_property
    def controls(self) -> NDArray[numpy.bool_]:
        """Whether each principal surely controls its account: its other steps there are left out,
        since control gives them all."""
        found: NDArray[numpy.bool_] = self.administrators == STANDINGS.index(Standing.ALWAYS)
        return found

    @cached_property
    def _linked(self) -> NDArray[numpy.bool_]:
        """Whether each class is of service-linked roles."""
        linked = [one.is_service_linked for one in self.population.identities]
        return numpy.array(linked, dtype=bool)

    @cached_property
    def groups_of(self) -> Mapping[str, Sequence[GroupFacts]]:
        """The groups of each account."""
        found: dict[str, list[GroupFacts]] = {}
        for group in self.groups:
            found.setdefault(group.account_id, []).append(group)
        return found

    def acting(self, actions: Iterable[str], account_id: str) -> Rows:
        """Return the principals of an account, not surely in control, who perhaps may do all."""
        rows = self.index.rows_of(account_id)
        may = ~self.controls[rows]
        for action in actions:
            may &= self.scope.sweep(action).may[rows]
        found: Rows = rows[may & ~self._linked[self.population.classes[rows]]]
        return found

    def sweep_step(self, actions: Iterable[str], row: int) -> StepStanding:
        """Return how somebody may do all of some actions on something of its choice."""
        worst = 0
        keys: dict[str, None] = {}
        for action in actions:
            sweep = self.scope.sweep(action)
            if not sweep.open[row]:
                worst = max(worst, int(sweep.places[row]))
                keys.update(dict.fromkeys(sweep.keys_of(row)))
        return StepStanding(STANDINGS[worst], tuple(keys))

    def kind(self, row: int) -> str:
        """Return what a principal is: user, role or root."""
        return KINDS[int(self.population.kinds[row])]

    def has_boundary(self, row: int) -> bool:
        """Whether a principal has a permissions boundary."""
        return self.population.identity(row).boundary is not None
