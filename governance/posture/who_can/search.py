"""Decides one action for everybody: alike principals once, and each by itself only where it must.

Principals are put together by what of their policies, of their account's SCPs and of the
resource's RCPs bears on the action. Where a condition reads who calls (an ARN, a tag, an account),
those of one group are told apart by just that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy

from governance.posture.identities import Identity, IdentityKnowledge
from governance.posture.organization import CompiledOrganization
from governance.posture.request_keys import cannot_have
from governance.posture.who_can.accounts import (
    PATH_KEYS,
    AccountMatters,
    account_matters,
)
from governance.posture.who_can.contents import UNREADABLE, Content
from governance.posture.who_can.levels import AccountLevels, ControlViews, control_views
from governance.posture.who_can.numbering import Numbers, alike
from governance.posture.who_can.population import KINDS, ROOT, IdentityClass, Population
from governance.posture.who_can.ways import NOBODY, Way
from policies import (
    ABSENT,
    UNKNOWN,
    CompiledStatement,
    ContextValue,
    PolicyDocument,
    PolicyType,
    default_compiler,
)
from policies.evaluation.asked_resource import AskedResource
from policies.evaluation.bearing import ActionView, Bearing, Judge, Judged, Place
from policies.evaluation.derived_context import derived_context
from policies.evaluation.evaluate import GET_CALLER_IDENTITY
from policies.evaluation.layers import Decider
from policies.evaluation.principal import Principal, PrincipalKind, parse_principal
from policies.evaluation.request import Request
from policies.evaluation.verdict import Decision, Outcome

_ARN_KEYS: Final = frozenset({"aws:principalarn", "aws:username"})
_PRINCIPAL_TAG: Final = "aws:principaltag/"
_RESOURCE_TAGS: Final = ("aws:resourcetag/", "iam:resourcetag/")


@dataclass(frozen=True)
class Asked:
    """What is the same for all actions of a question.

    `given`: values of context keys by lower-case name, ABSENT for those that are not there.
    `account_id`: the resource's, None for each caller's own. `role`: the role that is to be
    assumed, where that is the question. `resource_policy_is_open`: a policy of the resource's own
    may be there that is not known.
    """

    organization: CompiledOrganization
    population: Population
    given: Mapping[str, ContextValue]
    account_id: str | None
    role: Identity | None
    resource_policy_is_open: bool
    mentioned: Mapping[Content, int]
    statements: Mapping[Content, tuple[CompiledStatement, ...]]

    @property
    def management_account_id(self) -> str | None:
        """The account that SCPs and RCPs do not bind."""
        return self.organization.management_account_id


@dataclass(frozen=True, slots=True)
class _Identity:
    """What of a class bears on the action. Equal ones are decided together."""

    kind: str
    identity: Place
    boundary: Place | None


@dataclass(frozen=True, slots=True)
class _Relation:
    """How a caller's account stands to the resource's, and what is known of where both are."""

    is_same: bool
    paths_known: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class _Account:
    """What of an account bears on the action, for one kind of principal.

    `is_exempt`: its SCPs do not bind (the management account, or a service-linked role).
    """

    service_control: tuple[Place, ...]
    resource_control: tuple[Place, ...]
    kind: str
    is_exempt: bool
    paths_known: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one side comes to: what is granted, or what levels leave. `group`: whose it is, where
    it hangs on something."""

    judged: Judged
    group: int

    @property
    def is_sure(self) -> bool:
        """Whether it lets every request pass."""
        return self.judged.decision.decision is Outcome.ALLOWED


class Search:
    """One action, or several that the same statements cover, decided for everybody.

    What the policies of principals and of the resource grant, and what the SCPs and RCPs of
    accounts leave, are decided apart and put together: so not every kind of principal is decided
    in every kind of account. Only where both hang on the same key are they decided as one.
    """

    def __init__(
        self, asked: Asked, view: ActionView, judge: Judge, action: str, resource: AskedResource
    ) -> None:
        self._asked = asked
        self.view = view
        self._judge = judge
        self._action = action
        self._resource = resource
        self._levels: ControlViews = control_views(asked.organization, view, judge)
        self._resource_place = self._of_resource()
        self._limited = judge.is_bound_by_rcp(action)
        self._is_never_denied = action.lower() == GET_CALLER_IDENTITY
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
        groups = granted.group_of[rows] * len(left.bearings) + left.group_of[rows]
        bearings: dict[int, Bearing] = {}
        for group in numpy.unique(groups):
            one, other = divmod(int(group), len(left.bearings))
            levels = left.bearings[other]
            bearings[int(group)] = replace(
                granted.bearings[one],
                service_control=levels.service_control,
                resource_control=levels.resource_control,
            )
        kinds = self._asked.population.kinds

        def decided(bearing: Bearing, row: int) -> int:
            judged = self._judged(bearing, row, of_levels=False)
            if judged.decision.is_denied:
                return NOBODY
            return self._numbered((bearing, int(kinds[row])), judged, row)

        self._each(way_of, rows, groups, bearings.__getitem__, decided)

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
        bearing_of: Callable[[int], Bearing],
        decided: Callable[[Bearing, int], int],
    ) -> None:
        """Put into `result` what is decided of each group's bearing, for each of its members.

        Members of a group whom no condition can tell apart are decided once.
        """
        numbers, examples = alike([groups], len(rows))
        order: Numbers | None = None
        table = numpy.full(len(examples), NOBODY, dtype=numpy.int64)
        apart: list[tuple[int, Bearing, tuple[Numbers, ...]]] = []
        for number, example in enumerate(examples):
            row = int(rows[example])
            bearing = bearing_of(int(groups[example]))
            columns = self._told_apart(bearing, row)
            if columns:
                apart.append((number, bearing, columns))
            else:
                table[number] = decided(bearing, row)
        result[rows] = table[numbers]
        if not apart:
            return
        order = numpy.argsort(numbers, kind="stable")
        starts = numpy.searchsorted(numbers[order], numpy.arange(len(examples) + 1))
        for number, bearing, columns in apart:
            members = rows[order[starts[number] : starts[number + 1]]]
            kinds, chosen = alike([column[members] for column in columns], len(members))
            found = [decided(bearing, int(members[example])) for example in chosen]
            result[members] = numpy.array(found, dtype=numpy.int64)[kinds]

    # The two sides.

    def _granted(self) -> "_Side":
        """Decide what the policies of principals, and of the resource, grant."""
        population = self._asked.population
        of_class, identities = self._classes()
        of_account, relations = self._relations()
        by_class = of_class[population.classes]
        rows = numpy.flatnonzero(by_class != NOBODY)
        groups = by_class[rows] * len(relations) + of_account[population.accounts[rows]]
        bearings = [
            Bearing(
                identity=one.identity,
                boundary=one.boundary,
                resource=self._resource_place,
                is_trust=self._asked.role is not None,
            )
            for one in identities
            for _ in relations
        ]
        return self._side(rows, groups, bearings, of_levels=False)

    def _left(self, rows: Numbers) -> "_Side":
        """Decide what the SCPs of accounts, and the RCPs of the resource's, leave."""
        population = self._asked.population
        numbers, accounts = self._accounts()
        linked = numpy.array([one.is_service_linked for one in population.identities])
        whose = population.kinds[rows] * 2 + linked[population.classes[rows]]
        groups = numbers[population.accounts[rows], whose]
        everything = Place(frozenset({self._judge.allow}))
        granting = Place(frozenset({self._judge.allow_everybody}))
        bearings = [
            Bearing(
                identity=everything,
                service_control=() if one.is_exempt else one.service_control,
                resource_control=one.resource_control,
                resource=granting,
            )
            for one in accounts
        ]
        return self._side(rows, groups, bearings, of_levels=True)

    def _side(
        self, rows: Numbers, groups: Numbers, bearings: list[Bearing], *, of_levels: bool
    ) -> "_Side":
        count = len(self._asked.population)
        side = _Side(
            part_of=numpy.full(count, NOBODY, dtype=numpy.int64),
            group_of=numpy.full(count, NOBODY, dtype=numpy.int64),
            parts=[],
            bearings=bearings,
        )
        side.group_of[rows] = groups
        numbers: dict[_Part, int] = {}
        places: dict[Bearing, int] = {}

        def decided(bearing: Bearing, row: int) -> int:
            judged = self._judged(bearing, row, of_levels=of_levels)
            if judged.decision.is_denied:
                return NOBODY
            if judged.decision.decision is Outcome.ALLOWED:
                part = _Part(_ALLOWED, 0)
            else:
                part = _Part(judged, places.setdefault(bearing, len(places)))
            number = numbers.setdefault(part, len(numbers))
            if number == len(side.parts):
                side.parts.append(part)
            return number

        self._each(side.part_of, rows, groups, bearings.__getitem__, decided)
        return side

    # What bears on whom.

    def _classes(self) -> tuple[Numbers, list[_Identity]]:
        """Reduce every class; NOBODY for those that nothing grants the action."""
        found: dict[_Identity, int] = {}
        numbers = []
        for held in self._asked.population.identities:
            reduced = self._identity(held)
            if (
                held.kind != ROOT
                and not reduced.identity.may_allow
                and self._resource_place is None
                and not self._is_never_denied
            ):
                numbers.append(NOBODY)
            else:
                numbers.append(found.setdefault(reduced, len(found)))
        return numpy.array(numbers, dtype=numpy.int64), list(found)

    def _identity(self, held: IdentityClass) -> _Identity:
        kind = PolicyType.IDENTITY_POLICY
        identity = self._place([(policy.sha256, kind) for policy in held.policies])
        boundary = None
        if held.boundary is not None:
            boundary = self._place([(held.boundary.sha256, PolicyType.PERMISSION_BOUNDARY)])
        return _Identity(held.kind, identity, boundary)

    def _place(self, contents: Iterable[tuple[str | None, PolicyType]]) -> Place:
        asked, is_open = self._asked, False
        statements: list[CompiledStatement] = []
        for sha256, kind in contents:
            if sha256 is None or asked.mentioned[sha256, kind] == UNREADABLE:
                is_open = True
            else:
                statements += asked.statements.get((sha256, kind), ())
        return self.view.place(statements, is_open=is_open)

    def _relations(self) -> tuple[Numbers, list[_Relation]]:
        """Number how each account stands to the resource's."""
        asked = self._asked
        found: dict[_Relation, int] = {}
        numbers = []
        for account_id in asked.population.account_ids:
            here, there = self._levels_of(account_id)
            relation = _Relation(
                asked.account_id in (None, account_id),
                (here.path_known, there.path_known),
            )
            numbers.append(found.setdefault(relation, len(found)))
        return numpy.array(numbers, dtype=numpy.int64), list(found)

    def _levels_of(self, account_id: str) -> tuple[AccountLevels, AccountLevels]:
        """Return the SCP levels of a caller's account and the RCP levels of the resource's."""
        there = self._asked.account_id or account_id
        return (
            self._levels.service_control.of(account_id),
            self._levels.resource_control.of(there),
        )

    def _accounts(self) -> tuple[Numbers, list[_Account]]:
        """Number what binds each account, by kind and by whether the role is service-linked."""
        asked = self._asked
        alike_ones: dict[tuple[AccountLevels, AccountLevels, bool], int] = {}
        of_account = [
            alike_ones.setdefault(
                (*self._levels_of(account_id), account_id == asked.management_account_id),
                len(alike_ones),
            )
            for account_id in asked.population.account_ids
        ]
        found: dict[_Account, int] = {}
        numbers = [
            found.setdefault(
                _Account(
                    here.places,
                    there.places if self._limited and not is_linked else (),
                    kind,
                    manages or is_linked,
                    (here.path_known, there.path_known),
                ),
                len(found),
            )
            for here, there, manages in alike_ones
            for kind in KINDS
            for is_linked in (False, True)
        ]
        table = numpy.array(numbers, dtype=numpy.int64).reshape(-1, 2 * len(KINDS))
        return table[numpy.array(of_account, dtype=numpy.int64)], list(found)

    def _of_resource(self) -> Place | None:
        """Return the place of the resource's policy; None where there is none that is known of."""
        role = self._asked.role
        if role is None:
            return Place(frozenset(), is_open=True) if self._asked.resource_policy_is_open else None
        if role.knowledge is IdentityKnowledge.NOT_FOUND:
            return None
        document: PolicyDocument | None = role.trust.document if role.trust else None
        if document is None:
            return Place(frozenset(), is_open=True)
        return self.view.place(default_compiler().document(document))

    def bearing(self, row: int) -> Bearing:
        """Return all that bears on one principal."""
        population = self._asked.population
        held = population.identity(row)
        here, there = self._levels_of(population.account_id(row))
        reduced = self._identity(held)
        exempt = held.is_service_linked or (
            population.account_id(row) == self._asked.management_account_id
        )
        limits = self._limited and not held.is_service_linked
        return Bearing(
            identity=reduced.identity,
            boundary=reduced.boundary,
            service_control=() if exempt else here.places,
            resource_control=there.places if limits else (),
            resource=self._resource_place,
            is_trust=self._asked.role is not None,
        )

    # Who must be told apart.

    def _told_apart(self, bearing: Bearing, row: int) -> tuple[Numbers, ...]:
        """Return the columns by which members of a group may differ; none: all are alike.

        `row`: one of them, for their kind.
        """
        population = self._asked.population
        is_root = KINDS[population.kinds[row]] == ROOT
        keys = bearing.asked_keys()
        columns: list[Numbers] = []
        if keys & _ARN_KEYS:
            columns.append(population.called)
        if any(key.startswith(_PRINCIPAL_TAG) for key in keys):
            columns.append(population.tagged)
        matters = account_matters(bearing, of_root=is_root)
        if matters.every:
            columns.append(population.accounts)
        elif matters.named:
            columns.append(self._named_accounts(matters))
        if keys & PATH_KEYS:
            columns.append(self._parents())
        columns += self._named_by_resource(bearing)
        return tuple(columns)

    def _named_accounts(self, matters: AccountMatters) -> Numbers:
        return self._marked(frozenset(matters.named))[self._asked.population.accounts]

    def _marked(self, account_ids: frozenset[str]) -> Numbers:
        """Number the accounts that are named; all others are 0."""
        population = self._asked.population
        marks = numpy.zeros(len(population.account_ids), dtype=numpy.int64)
        for number, account_id in enumerate(sorted(account_ids), start=1):
            place = population.place_of.get(account_id)
            if place is not None:
                marks[place] = number
        return marks

    def _parents(self) -> Numbers:
        names = self._asked.organization.names
        found: dict[str | None, int] = {}
        numbers = []
        for account_id in self._asked.population.account_ids:
            name = names.get(account_id)
            parent = name.parent_id if name else None
            numbers.append(found.setdefault(parent, len(found)))
        return numpy.array(numbers, dtype=numpy.int64)[self._asked.population.accounts]

    def _named_by_resource(self, bearing: Bearing) -> list[Numbers]:
        """Tell apart whom the resource's policy names: accounts, and principals one by one."""
        if bearing.resource is not self._resource_place or bearing.resource is None:
            return []
        population = self._asked.population
        arns: set[str] = set()
        accounts: set[str] = set()
        for statement in bearing.resource.statements:
            for element in statement.principals or ():
                parts = element.value.split(":")
                account_id = element.value if len(parts) < 5 else parts[4]
                accounts.add(account_id)
                arns.add(element.value)
        named = numpy.zeros(len(population), dtype=numpy.int64)
        marks = self._marked(frozenset(accounts))[population.accounts]
        number = 0
        for row in numpy.flatnonzero(marks):
            if population.arn(int(row)) in arns:
                number += 1
                named[row] = number
        return [marks, named]

    # The decision.

    def _judged(self, bearing: Bearing, row: int, *, of_levels: bool) -> Judged:
        """Decide a bearing for one principal. `of_levels`: as though the resource were its own."""
        principal = self.principal(row)
        context = self.context(bearing, principal, row)
        account_id = self._asked.account_id or principal.account_id
        if of_levels:
            account_id = principal.account_id
        request = Request(principal, self._action, self._resource.text, account_id, {})
        return self._judge.decide(bearing, principal, request, context)

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

    def principal(self, row: int) -> Principal:
        """Return a principal as the engine takes it."""
        return parse_principal(self._asked.population.arn(row))

    def context(
        self, bearing: Bearing, principal: Principal, row: int
    ) -> Mapping[str, ContextValue]:
        """Return the values of the keys that statements read, for one principal.

        The same as why-denied takes: given, then derived, then collected; all else is unknown.
        """
        asked = self._asked
        derived = self._derived(principal)
        found: dict[str, ContextValue] = {}
        for key in bearing.asked_keys():
            if key in asked.given:
                found[key] = asked.given[key]
            elif cannot_have(principal, key):
                found[key] = ABSENT
            elif key in derived:
                found[key] = derived[key]
            else:
                found[key] = self._collected(key, principal, row)
        return found

    def _derived(self, principal: Principal) -> dict[str, ContextValue]:
        asked = self._asked
        account_id = principal.account_id or ""
        resource_account = asked.account_id or account_id
        return derived_context(
            principal,
            resource_account,
            asked.organization.organization,
            self._levels.service_control.path(account_id),
            self._levels.resource_control.path(resource_account),
        )

    def _collected(self, key: str, principal: Principal, row: int) -> ContextValue:
        prefix, slash, tag = key.partition("/")
        if prefix + slash == _PRINCIPAL_TAG:
            value = _tag(self._asked.population.tags_of(row), tag)
            if value is not None:
                return value
            return ABSENT if principal.kind is PrincipalKind.USER else UNKNOWN
        role = self._asked.role
        if prefix + slash in _RESOURCE_TAGS and role is not None:
            value = _tag(role.tags, tag)
            if value is not None:
                return value
            if role.knowledge is IdentityKnowledge.COLLECTED:
                return ABSENT
        if key == "aws:requestedregion" and self._resource.text.count(":") >= 5:
            region = self._resource.text.split(":")[3]
            if region and "*" not in region:
                return region
        return UNKNOWN


def _tag(tags: Mapping[str, str], key: str) -> str | None:
    return next((value for name, value in tags.items() if name.lower() == key), None)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side, decided: for each principal its group and what that comes to."""

    part_of: Numbers
    group_of: Numbers
    parts: list[_Part]
    bearings: list[Bearing]


_ALLOWED: Final = Judged(Decision(Outcome.ALLOWED, (), ()), ())


def _hang_together(one: _Part, other: _Part) -> bool:
    """Whether the sides hang on the same key, or one of them on something that has no name."""
    if one.is_sure or other.is_sure:
        return False
    keys, others = one.judged.decision.unknown_keys, other.judged.decision.unknown_keys
    if (not keys and not one.judged.gaps) or (not others and not other.judged.gaps):
        return True
    return not set(keys).isdisjoint(others)


def _both(one: _Part, other: _Part) -> Judged:
    """Put two sides together that hang on nothing in common, each of which may let pass."""
    if other.is_sure:
        return one.judged
    if one.is_sure:
        return other.judged
    first, second = one.judged.decision, other.judged.decision
    wanted = {*first.decided_by, *second.decided_by}
    return Judged(
        Decision(
            Outcome.UNKNOWN,
            tuple(decider for decider in Decider if decider in wanted),
            tuple(sorted({*first.unknown_keys, *second.unknown_keys})),
        ),
        (*other.judged.gaps, *one.judged.gaps),
    )
