"""Decides one action for everybody: alike principals once, and each by itself only where it must.

Principals are put together by what of their policies, of their account's SCPs and of the
resource's RCPs apply to the action. Where a condition reads who calls (an ARN, a tag, an account),
those of one group are told apart by just that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy

from governance.posture.who_can.circumstances import Circumstances
from governance.posture.who_can.contents import Content
from governance.posture.who_can.numbering import Numbers, alike
from governance.posture.who_can.reductions import Reductions, ReductionScope
from governance.posture.who_can.ways import NOBODY, Way
from policies import CompiledStatement, ContextValue
from policies.evaluation.applicable import ActionView, ApplicableLayer, ApplicableStatements
from policies.evaluation.aws_rules import RuleKind, rules_for
from policies.evaluation.judge import Judge, Judged
from policies.evaluation.layers import Decider
from policies.evaluation.principal import RequestPrincipal, parse_principal
from policies.evaluation.request import Request
from policies.evaluation.requested_resource import RequestedResource
from policies.evaluation.verdict import Decision, DecisionOutcome


@dataclass(frozen=True, slots=True)
class _SearchPart:
    """What one side comes to: what is granted, or what levels leave. `group`: whose it is, where
    it hangs on something."""

    judged: Judged
    group: int

    @property
    def is_sure(self) -> bool:
        """Whether it lets every request pass."""
        return self.judged.decision.decision is DecisionOutcome.ALLOWED


class Search:
    """One action, or several that the same statements cover, decided for everybody.

    What the policies of principals and of the resource grant, and what the SCPs and RCPs of
    accounts leave, are decided apart and put together: so not every kind of principal is decided
    in every kind of account. Only where both hang on the same key are they decided as one.
    """

    def __init__(
        self,
        asked: ReductionScope,
        view: ActionView,
        judge: Judge,
        action: str,
        resource: RequestedResource,
    ) -> None:
        self._asked = asked
        self.view = view
        self._judge = judge
        self._action = action
        self._resource = resource
        self._reductions = Reductions(asked, view, judge, action)
        self._circumstances = Circumstances(self._reductions, resource)
        self._ways: dict[tuple[object, ...], int] = {}
        self._found: list[Way] = []

    def run(self) -> tuple[Numbers, list[Way]]:
        """Return for each principal the place of its way, or NOBODY, and the ways."""
        way_of = numpy.full(len(self._asked.population), NOBODY, dtype=numpy.int64)
        granted = self._granted()
        rows = numpy.flatnonzero(granted.part_of != NOBODY)
        if not len(rows):
            return way_of, []
        left = self._left(rows)
        rows = rows[left.part_of[rows] != NOBODY]
        if not len(rows):
            return way_of, []
        pairs = granted.part_of[rows] * len(left.parts) + left.part_of[rows]
        numbers, examples = alike([pairs], len(rows))
        table = numpy.full(len(examples), NOBODY, dtype=numpy.int64)
        together = []
        for number, example in enumerate(examples):
            row = int(rows[example])
            one = granted.parts[int(granted.part_of[row])]
            other = left.parts[int(left.part_of[row])]
            if _hang_together(one, other):
                together.append(number)
            else:
                table[number] = self._numbered((one, other), _both(one, other), row)
        way_of[rows] = table[numbers]
        if together:
            joint = rows[numpy.isin(numbers, together)]
            self._decide_jointly(way_of, joint, granted, left)
        return way_of, self._found

    def _decide_jointly(
        self, way_of: Numbers, rows: Numbers, granted: "_Side", left: "_Side"
    ) -> None:
        """Decide both sides as one for some principals."""
        groups = granted.group_of[rows] * len(left.applicable_sets) + left.group_of[rows]
        applicable_sets: dict[int, ApplicableStatements] = {}
        for group in numpy.unique(groups):
            one, other = divmod(int(group), len(left.applicable_sets))
            levels = left.applicable_sets[other]
            applicable_sets[int(group)] = replace(
                granted.applicable_sets[one],
                service_control=levels.service_control,
                resource_control=levels.resource_control,
            )
        kinds = self._asked.population.kinds

        def decided(applicable: ApplicableStatements, row: int) -> int:
            judged = self._judged(applicable, row)
            if judged.decision.is_denied:
                return NOBODY
            return self._numbered((applicable, int(kinds[row])), judged, row)

        self._each(way_of, rows, groups, applicable_sets.__getitem__, decided)

    def _numbered(self, of_whom: tuple[object, ...], judged: Judged, row: int) -> int:
        key = (*of_whom, judged)
        found = self._ways.get(key)
        if found is None:
            found = self._ways[key] = len(self._found)
            self._found.append(Way(self._action, judged.decision, judged.gaps, row))
        return found

    def _each(
        self,
        result: Numbers,
        rows: Numbers,
        groups: Numbers,
        applicable_of: Callable[[int], ApplicableStatements],
        decided: Callable[[ApplicableStatements, int], int],
    ) -> None:
        """Put into `result` what each group's statements decide for each of its members.

        Members of a group whom no condition can tell apart are decided once.
        """
        numbers, examples = alike([groups], len(rows))
        order: Numbers | None = None
        table = numpy.full(len(examples), NOBODY, dtype=numpy.int64)
        apart: list[tuple[int, ApplicableStatements, tuple[Numbers, ...]]] = []
        for number, example in enumerate(examples):
            row = int(rows[example])
            applicable = applicable_of(int(groups[example]))
            columns = self._circumstances.distinguishing(applicable, row)
            if columns:
                apart.append((number, applicable, columns))
            else:
                table[number] = decided(applicable, row)
        result[rows] = table[numbers]
        if not apart:
            return
        order = numpy.argsort(numbers, kind="stable")
        starts = numpy.searchsorted(numbers[order], numpy.arange(len(examples) + 1))
        for number, applicable, columns in apart:
            members = rows[order[starts[number] : starts[number + 1]]]
            kinds, chosen = alike([column[members] for column in columns], len(members))
            found = [decided(applicable, int(members[example])) for example in chosen]
            result[members] = numpy.array(found, dtype=numpy.int64)[kinds]

    # The two sides.

    def _granted(self) -> "_Side":
        """Decide what the policies of principals, and of the resource, grant."""
        population = self._asked.population
        of_class, identities = self._reductions.classes()
        of_account, relations = self._reductions.relations()
        by_class = of_class[population.classes]
        rows = numpy.flatnonzero(by_class != NOBODY)
        groups = by_class[rows] * len(relations) + of_account[population.accounts[rows]]
        applicable_sets = [
            ApplicableStatements(
                identity=one.identity,
                boundary=one.boundary,
                resource=self._reductions.resource_for(relation),
                is_trust=self._asked.role is not None,
            )
            for one in identities
            for relation in relations
        ]
        return self._side(rows, groups, applicable_sets)

    def _left(self, rows: Numbers) -> "_Side":
        """Decide what the SCPs of accounts, and the RCPs of the resource's, leave."""
        population = self._asked.population
        numbers, accounts = self._reductions.accounts()
        linked = numpy.array([one.is_service_linked for one in population.identities])
        whose = population.kinds[rows] * 2 + linked[population.classes[rows]]
        groups = numbers[population.accounts[rows], whose]
        # Both grant everything, so that the levels alone decide, within and across accounts.
        everything = ApplicableLayer(frozenset({self._judge.allow}))
        granting = ApplicableLayer(frozenset({self._judge.allow_everybody}))
        applicable_sets = [
            ApplicableStatements(
                identity=everything,
                service_control=() if one.is_exempt else one.service_control,
                resource_control=one.resource_control,
                resource=granting,
            )
            for one in accounts
        ]
        return self._side(rows, groups, applicable_sets)

    def _side(
        self, rows: Numbers, groups: Numbers, applicable_sets: list[ApplicableStatements]
    ) -> "_Side":
        count = len(self._asked.population)
        side = _Side(
            part_of=numpy.full(count, NOBODY, dtype=numpy.int64),
            group_of=numpy.full(count, NOBODY, dtype=numpy.int64),
            parts=[],
            applicable_sets=applicable_sets,
        )
        side.group_of[rows] = groups
        numbers: dict[_SearchPart, int] = {}
        places: dict[ApplicableStatements, int] = {}

        def decided(applicable: ApplicableStatements, row: int) -> int:
            judged = self._judged(applicable, row)
            if judged.decision.is_denied:
                return NOBODY
            if judged.decision.decision is DecisionOutcome.ALLOWED:
                part = _SearchPart(_ALLOWED, 0)
            else:
                part = _SearchPart(judged, places.setdefault(applicable, len(places)))
            number = numbers.setdefault(part, len(numbers))
            if number == len(side.parts):
                side.parts.append(part)
            return number

        self._each(side.part_of, rows, groups, applicable_sets.__getitem__, decided)
        return side

    # The decision.

    def _judged(self, applicable: ApplicableStatements, row: int) -> Judged:
        """Decide the applicable statements for one principal."""
        principal = self.principal(row)
        context = self.context(applicable, principal, row)
        account_id = self._asked.account_id or principal.account_id
        request = Request(principal, self._action, self._resource.text, account_id, {})
        return self._judge.decide(applicable, principal, request, context)

    @property
    def resource_text(self) -> str:
        """The resource as rules look at it."""
        return self._resource.text

    @property
    def statements(self) -> Mapping[Content, tuple[CompiledStatement, ...]]:
        """The statements of the contents that mention what is asked."""
        return self._asked.statements

    @property
    def mentioned(self) -> Mapping[Content, int]:
        """What each content mentions."""
        return self._asked.mentioned

    def applicable(self, row: int) -> ApplicableStatements:
        """Return all statements that apply to one principal."""
        return self._reductions.applicable(row)

    def context(
        self, applicable: ApplicableStatements, principal: RequestPrincipal, row: int
    ) -> Mapping[str, ContextValue]:
        """Return the values of the keys that applicable statements read, for one principal."""
        return self._circumstances.context(applicable, principal, row)

    def needs_no_permission(self, row: int) -> bool:
        """Whether AWS lets a principal do the action whatever policies say."""
        kind = RuleKind.NO_PERMISSION_NEEDED
        return bool(rules_for(self._action.lower(), self.principal(row), kind))

    def principal(self, row: int) -> RequestPrincipal:
        """Return a principal as the engine takes it."""
        return parse_principal(self._asked.population.arn(row))


@dataclass(frozen=True, slots=True)
class _Side:
    """One side, decided: for each principal its group and what that comes to."""

    part_of: Numbers
    group_of: Numbers
    parts: list[_SearchPart]
    applicable_sets: list[ApplicableStatements]


_ALLOWED: Final = Judged(Decision(DecisionOutcome.ALLOWED, (), ()), ())


def _hang_together(one: _SearchPart, other: _SearchPart) -> bool:
    """Whether the sides hang on the same key, or one of them on something that has no name."""
    if one.is_sure or other.is_sure:
        return False
    keys, others = one.judged.decision.unknown_keys, other.judged.decision.unknown_keys
    if (not keys and not one.judged.gaps) or (not others and not other.judged.gaps):
        return True
    return not set(keys).isdisjoint(others)


def _both(one: _SearchPart, other: _SearchPart) -> Judged:
    """Put two sides together that hang on nothing in common, each of which may let pass."""
    if other.is_sure:
        return one.judged
    if one.is_sure:
        return other.judged
    first, second = one.judged.decision, other.judged.decision
    wanted = {*first.decided_by, *second.decided_by}
    return Judged(
        Decision(
            DecisionOutcome.UNKNOWN,
            tuple(decider for decider in Decider if decider in wanted),
            tuple(sorted({*first.unknown_keys, *second.unknown_keys})),
        ),
        (*other.judged.gaps, *one.judged.gaps),
    )
