"""Who may make a step: one action for everybody, or one action on one thing for one principal.

Both come to what who-can says; what is alike is decided once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy
from numpy.typing import NDArray

from governance.posture.ceilings.assumptions import CeilingAssumptions
from governance.posture.requests.questions import AssumedPolicy
from governance.posture.state.identities import Identity
from governance.posture.state.organization import CompiledOrganization
from governance.posture.state.resources import Resource
from governance.posture.who_can.circumstances import RESOURCE_PLACE_KEYS, Circumstances
from governance.posture.who_can.contents import Content, mentioned_actions, statements_of
from governance.posture.who_can.deciding import decide
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import Population
from governance.posture.who_can.progress import no_progress
from governance.posture.who_can.question import ANY, WhoCanQuestion
from governance.posture.who_can.reductions import Reductions, ReductionScope
from governance.posture.who_can.ways import NOBODY, STANDINGS, Standing, Way
from policies import CompiledStatement, ContextValue, PolicyType, default_compiler
from policies.evaluation.applicable import RESOURCE_KEY, ActionView, ApplicableStatements
from policies.evaluation.judge import Judge
from policies.evaluation.principal import parse_principal
from policies.evaluation.request import Request
from policies.evaluation.requested_resource import requested_resource

Places = NDArray[numpy.int8]


@dataclass(frozen=True, slots=True)
class StepStanding:
    """How somebody may make a step. `keys`: context keys on which it hangs."""

    standing: Standing
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Sweep:
    """Who may do one action on something. `places`: in STANDINGS, NOBODY for those denied.

    `open`: whether it hangs on nothing but, perhaps, the resource. `way_of`: of each principal, the
    place of its way in `keys`, which are the context keys that it hangs on.
    """

    places: Places
    open: NDArray[numpy.bool_]
    way_of: Numbers
    keys: tuple[tuple[str, ...], ...]

    @property
    def may(self) -> NDArray[numpy.bool_]:
        """Whether each principal may, perhaps."""
        found: NDArray[numpy.bool_] = self.places != NOBODY
        return found

    def keys_of(self, row: int) -> tuple[str, ...]:
        """Return the context keys that it hangs on for one who may."""
        return self.keys[int(self.way_of[row])]


class DecidingScope:
    """One state of an organization with everybody in it, ready to decide steps."""

    def __init__(
        self,
        organization: CompiledOrganization,
        population: Population,
        assumed: CeilingAssumptions,
    ) -> None:
        self.organization = organization
        self.population = population
        self.assumed = assumed
        self.judge = Judge(organization.organization, default_compiler())
        self.known: dict[object, CompiledStatement] = {}
        self.statements: Mapping[Content, tuple[CompiledStatement, ...]] = {}
        self._sweeps: dict[tuple[str, bool], Sweep] = {}
        self._covering: dict[str, Mapping[Content, tuple[CompiledStatement, ...]]] = {}

    @property
    def given(self) -> Mapping[str, ContextValue]:
        """The values of context keys that are taken for given."""
        return self.assumed.engine.values

    @cached_property
    def mentioned(self) -> Mapping[Content, int]:
        """What each content of everybody's policies mentions."""
        contents: dict[Content, None] = {}
        for held in self.population.identities:
            for policy in held.policies:
                if policy.sha256 is not None:
                    contents[policy.sha256, PolicyType.IDENTITY_POLICY] = None
            if held.boundary is not None and held.boundary.sha256 is not None:
                contents[held.boundary.sha256, PolicyType.PERMISSION_BOUNDARY] = None
        return mentioned_actions(contents)

    def prepare(self, actions: Iterable[str]) -> None:
        """Read the statements of the contents that mention some actions."""
        index_of = default_compiler().catalogue.index_of
        wanted = 0
        for action in actions:
            index = index_of.get(action.lower())
            wanted = -1 if index is None else wanted | 1 << index
        self.statements = statements_of(
            content for content, bits in self.mentioned.items() if wanted == -1 or bits & wanted
        )

    def statements_in(
        self, sha256: str | None, *, boundary: bool = False
    ) -> tuple[CompiledStatement, ...]:
        """Return the statements of one content, none where they mention nothing of interest."""
        kind = PolicyType.PERMISSION_BOUNDARY if boundary else PolicyType.IDENTITY_POLICY
        return self.statements.get((sha256, kind), ()) if sha256 else ()

    def covering(self, action: str) -> Mapping[Content, tuple[CompiledStatement, ...]]:
        """Return the statements of every content that cover an action; the others cannot matter."""
        found = self._covering.get(action)
        if found is None:
            found = self._covering[action] = {
                content: tuple(one for one in statements if one.covers_action(action))
                for content, statements in self.statements.items()
            }
        return found

    def sweep(self, action: str, *, is_anywhere: bool = False) -> Sweep:
        """Return who may do an action, on whatever it works on.

        In each one's own account, under its RCPs; `is_anywhere`: in some account, whose policy and
        RCPs are still to be asked.
        """
        found = self._sweeps.get((action, is_anywhere))
        if found is None:
            found = self._sweeps[action, is_anywhere] = self._sweep(action, is_anywhere)
        return found

    def _sweep(self, action: str, is_anywhere: bool) -> Sweep:
        question = WhoCanQuestion(
            action=action,
            actions=(action,),
            resource=ANY,
            resource_account_id="",
            assumed=self.assumed,
            resource_policy=AssumedPolicy.NONE,
        )
        decided = decide(
            self.organization,
            self.population,
            question,
            None,
            None,
            no_progress,
            is_anywhere=is_anywhere,
        )
        places = [STANDINGS.index(way.standing) for way in decided.ways]
        is_open = [all(_is_open(way) for _, way in together.parts) for together in decided.ways]
        table = numpy.array([*places, NOBODY], dtype=numpy.int8)
        open_table = numpy.array([*is_open, False], dtype=bool)
        keys = tuple(
            tuple(
                sorted(
                    {key for _, way in together.parts for key in way.decision.unknown_keys}
                    - _OF_RESOURCE
                )
            )
            for together in decided.ways
        )
        way_of = decided.way_of
        return Sweep(table[way_of], open_table[way_of], way_of, (*keys, ()))


_OF_RESOURCE: Final = RESOURCE_PLACE_KEYS | {RESOURCE_KEY}


def _is_open(way: Way) -> bool:
    if way.standing is Standing.ALWAYS:
        return True
    return not way.gaps and _OF_RESOURCE.issuperset(way.decision.unknown_keys)


class StepDecider:
    """Decides one action on one thing.

    `role`: the role that is to be assumed, whose trust policy counts then. `resource`: what has a
    policy of its own. `given`: context beside what the scope takes for given.
    """

    def __init__(
        self,
        scope: DecidingScope,
        action: str,
        arn: str,
        account_id: str,
        *,
        role: Identity | None = None,
        resource: Resource | None = None,
        given: Mapping[str, ContextValue] | None = None,
    ) -> None:
        values = {**scope.given, **(given or {})}
        asked = ReductionScope(
            organization=scope.organization,
            population=scope.population,
            given=values,
            account_id=account_id,
            role=role,
            resource=resource,
            resource_policy_is_open=False,
            beside_is_open=False,
            mentioned=scope.mentioned,
            statements=scope.covering(action),
        )
        self._scope = scope
        self._action = action
        self._resource = requested_resource(arn)
        self._account_id = account_id
        view = ActionView(action, self._resource, default_compiler(), scope.known, values)
        self._reductions = Reductions(asked, view, scope.judge, action)
        self._circumstances = Circumstances(self._reductions, self._resource)
        self._applicable: dict[tuple[int, int], ApplicableStatements] = {}
        self._same: dict[ApplicableStatements, ApplicableStatements] = {}
        self._columns: dict[tuple[int, int], tuple[Numbers, ...]] = {}
        self._decided: dict[tuple[int, ...], StepStanding | None] = {}

    def decide(self, row: int) -> StepStanding | None:
        """Return how a principal may; None: it is denied."""
        population = self._scope.population
        place = int(population.classes[row]), int(population.accounts[row])
        applicable = self._applicable.get(place)
        if applicable is None:
            found = self._reductions.applicable(row)
            applicable = self._applicable[place] = self._same.setdefault(found, found)
        kind = int(population.kinds[row])
        group = id(applicable), kind
        columns = self._columns.get(group)
        if columns is None:
            columns = self._columns[group] = self._circumstances.distinguishing(applicable, row)
        key = (*group, *(int(column[row]) for column in columns))
        if key not in self._decided:
            self._decided[key] = self._judge(applicable, row)
        return self._decided[key]

    def _judge(self, applicable: ApplicableStatements, row: int) -> StepStanding | None:
        principal = parse_principal(self._scope.population.arn(row))
        context = self._circumstances.context(applicable, principal, row)
        request = Request(principal, self._action, self._resource.text, self._account_id, {})
        judged = self._scope.judge.decide(applicable, principal, request, context)
        if judged.decision.is_denied:
            return None
        way = Way(self._action, judged.decision, judged.gaps, row)
        return StepStanding(way.standing, tuple(sorted(judged.decision.unknown_keys)))


def least_sure(*steps: StepStanding) -> StepStanding:
    """Return what several steps, all of which are needed, come to."""
    worst = max((step.standing for step in steps), key=STANDINGS.index)
    keys = dict.fromkeys(key for step in steps for key in step.keys)
    return StepStanding(worst, tuple(keys))


def hanging_on(step: StepStanding, needs: str) -> StepStanding:
    """Return a step that besides needs something that is not known to be there."""
    if not needs or step.standing is not Standing.ALWAYS:
        return step
    return replace(step, standing=Standing.CONDITIONAL)
