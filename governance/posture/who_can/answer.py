"""A question → who can, with what it rests on. Answers are kept while the rows are as they were."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Final

import numpy

from governance.posture.bearing_policies import has_resource_policy
from governance.posture.identities import Identity, load_identity
from governance.posture.organization import (
    CompiledOrganization,
    accounts_without_iam,
    load_organization,
)
from governance.posture.questions import Assumed
from governance.posture.who_can.contents import Content, mentioned_actions, statements_of
from governance.posture.who_can.numbering import Numbers, alike
from governance.posture.who_can.population import (
    KINDS,
    Population,
    Progress,
    is_population_at_hand,
    load_population,
    no_progress,
)
from governance.posture.who_can.question import ANY, WhoCanQuestion
from governance.posture.who_can.reductions import Asked
from governance.posture.who_can.search import Search
from governance.posture.who_can.ways import NOBODY, STANDINGS, Standing, Way, WaysTogether
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import CompiledStatement, Effect, PolicyType, default_compiler
from policies.evaluation.asked_resource import AskedResource, any_resource, asked_resource
from policies.evaluation.bearing import ActionView
from policies.evaluation.judge import Judge
from policies.evaluation.principal import parse_principal

_KEPT: Final = 12


@dataclass(frozen=True, eq=False)
class WhoCanAnswer:
    """Who can. Arrays hold one number a principal of `population`, in its order.

    `way_of`: the place in `ways`, or NOBODY for those who are denied. `not_collected`: accounts
    whose principals are not known at all but for their root user. `searches`: by action, to look
    closer at one principal.
    """

    question: WhoCanQuestion
    organization: CompiledOrganization
    population: Population
    way_of: Numbers
    ways: tuple[WaysTogether, ...]
    not_collected: frozenset[str]
    role: Identity | None
    searches: Mapping[str, Search] = field(repr=False)
    as_of: datetime | None = None

    @cached_property
    def standing_of(self) -> Numbers:
        """The place in STANDINGS of each principal's standing, NOBODY for those denied."""
        by_way = [STANDINGS.index(way.standing) for way in self.ways]
        return numpy.array([*by_way, NOBODY], dtype=numpy.int64)[self.way_of]

    @cached_property
    def rows(self) -> Numbers:
        """The places of those who are not denied, of the kinds that are assumed to call."""
        kinds = self.question.assumed.engine.principal_kinds
        chosen = self.way_of != NOBODY
        if kinds is not None:
            of_kind = numpy.array([kind in kinds for kind in KINDS])
            chosen &= of_kind[self.population.kinds]
        return numpy.flatnonzero(chosen)

    @cached_property
    def let_in(self) -> tuple[str, ...]:
        """Whom the trust policy of the role that is asked for names besides, as it names them.

        Services, identity providers, everybody, and accounts that are not of this organization.
        """
        trust = self.role.trust if self.role else None
        if trust is None or trust.document is None:
            return ()
        known = set(self.population.account_ids)
        found: dict[str, None] = {}
        for statement in default_compiler().document(trust.document):
            if statement.effect is not Effect.ALLOW:
                continue
            if statement.not_principal:
                found["everybody but those whom it lists"] = None
                continue
            for element in statement.principals or ():
                parts = element.value.split(":")
                account_id = parts[4] if len(parts) >= 5 else element.value
                if element.kind != "AWS" or account_id not in known:
                    found["everybody" if element.value == "*" else element.value] = None
        return tuple(found)

    def count(self, rows: Numbers) -> dict[Standing, int]:
        """Count some rows by standing."""
        counts = numpy.bincount(self.standing_of[rows], minlength=len(STANDINGS))
        return {standing: int(counts[place]) for place, standing in enumerate(STANDINGS)}

    def way(self, row: int) -> WaysTogether:
        """Return how a principal may.

        :raises IndexError: it may not.
        """
        place = int(self.way_of[row])
        if place == NOBODY:
            raise IndexError(f"row {row} is denied")
        return self.ways[place]


def who_can(
    viewer: Viewer,
    *,
    connection: Connection,
    question: WhoCanQuestion,
    as_of: datetime | None = None,
    progress: Progress = no_progress,
) -> WhoCanAnswer:
    """Answer a question from what the inventory held at `as_of`, or holds now.

    Equal questions to the same state share one answer: never change it.
    """
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    population = load_population(
        viewer,
        connection=connection,
        account_ids=all_accounts(organization),
        as_of=as_of,
        progress=progress,
    )
    found = _answered(viewer, connection, organization, population, question, as_of, progress)
    if found is None:
        raise AssertionError("only an answer that is kept may be lacking")
    return found


def who_can_at_once(
    viewer: Viewer,
    *,
    connection: Connection,
    question: WhoCanQuestion,
    as_of: datetime | None = None,
) -> WhoCanAnswer | None:
    """Answer where that takes well under a second, else return None.

    That is where this process has read everybody at that time already, and for a whole service
    where it has answered the same before.
    """
    if not is_population_at_hand(viewer, connection=connection, as_of=as_of):
        return None
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    population = load_population(
        viewer, connection=connection, account_ids=all_accounts(organization), as_of=as_of
    )
    return _answered(
        viewer,
        connection,
        organization,
        population,
        question,
        as_of,
        no_progress,
        kept_only=question.is_service,
    )


def _answered(
    viewer: Viewer,
    connection: Connection,
    organization: CompiledOrganization,
    population: Population,
    question: WhoCanQuestion,
    as_of: datetime | None,
    progress: Progress,
    *,
    kept_only: bool = False,
) -> WhoCanAnswer | None:
    not_collected = accounts_without_iam(
        viewer, connection=connection, organization=organization, as_of=as_of
    )
    role = None
    if question.is_about_trust:
        role = load_identity(
            viewer,
            connection=connection,
            organization=organization,
            principal=parse_principal(question.resource),
            as_of=as_of,
        )
    key = (organization.key, population.key, question, not_collected, as_of)
    with _lock:
        found = _answers.get(key)
        if found is not None:
            _answers.move_to_end(key)
            return found
    if kept_only:
        return None
    found = _answer(organization, population, question, role, not_collected, as_of, progress)
    with _lock:
        found = _answers.setdefault(key, found)
        if len(_answers) > _KEPT:
            _answers.popitem(last=False)
    return found


def forget() -> None:
    """Drop the answers that this process keeps."""
    with _lock:
        _answers.clear()


_answers: OrderedDict[tuple[object, ...], WhoCanAnswer] = OrderedDict()
_lock: Final = Lock()


def all_accounts(organization: CompiledOrganization) -> tuple[str, ...]:
    """Return every account, those whose place in the tree is not known too."""
    unplaced = (name.target_id for name in organization.unplaced.values() if name.kind == "ACCOUNT")
    return (*organization.account_ids, *unplaced)


def _answer(
    organization: CompiledOrganization,
    population: Population,
    question: WhoCanQuestion,
    role: Identity | None,
    not_collected: frozenset[str],
    as_of: datetime | None,
    progress: Progress,
) -> WhoCanAnswer:
    progress("Reading what policies mention", 65)
    mentioned, statements = _contents(population, question)
    asked = Asked(
        organization=organization,
        population=population,
        given=question.assumed.engine.values,
        account_id=question.resource_account_id or None,
        role=role,
        resource_policy_is_open=_resource_policy_is_open(question),
        mentioned=mentioned,
        statements=statements,
    )
    compiler = default_compiler()
    judge = Judge(organization.organization, compiler)
    known: dict[object, CompiledStatement] = {}
    searches: dict[str, Search] = {}
    columns: list[tuple[tuple[str, ...], Numbers, list[Way]]] = []
    groups = _groups(asked, question, judge)
    for number, (actions, resource) in enumerate(groups):
        progress(f"Deciding {actions[0]}", 70 + 30 * number // len(groups))
        view = ActionView(actions[0], resource, compiler, known, asked.given)
        search = Search(asked, view, judge, actions[0], resource)
        way_of, ways = search.run()
        columns.append((actions, way_of, ways))
        searches.update(dict.fromkeys(actions, search))
    way_of, together = _together(columns, len(population))
    return WhoCanAnswer(
        question=question,
        organization=organization,
        population=population,
        way_of=way_of,
        ways=together,
        not_collected=not_collected,
        role=role,
        searches=searches,
        as_of=as_of,
    )


def _resource_policy_is_open(question: WhoCanQuestion) -> bool:
    return (
        question.resource != ANY
        and not question.is_about_trust
        and has_resource_policy(question.action)
        and question.resource_policy is Assumed.UNKNOWN
    )


def _contents(
    population: Population, question: WhoCanQuestion
) -> tuple[Mapping[Content, int], Mapping[Content, tuple[CompiledStatement, ...]]]:
    """Return what every content mentions, and the statements of those that mention an action."""
    catalogue = default_compiler().catalogue
    contents: dict[Content, None] = {}
    for held in population.identities:
        for policy in held.policies:
            if policy.sha256 is not None:
                contents[policy.sha256, PolicyType.IDENTITY_POLICY] = None
        if held.boundary is not None and held.boundary.sha256 is not None:
            contents[held.boundary.sha256, PolicyType.PERMISSION_BOUNDARY] = None
    mentioned = mentioned_actions(contents)
    wanted = 0
    for action in question.actions:
        index = catalogue.index_of.get(action.lower())
        # Whether a pattern means an action that the catalogue does not have, its text tells.
        wanted = -1 if index is None else wanted | 1 << index
    bearing = [content for content, bits in mentioned.items() if wanted == -1 or bits & wanted]
    return mentioned, statements_of(bearing)


def _groups(
    asked: Asked, question: WhoCanQuestion, judge: Judge
) -> list[tuple[tuple[str, ...], AskedResource]]:
    """Put actions together for which every statement says the same, of the same resources."""
    resources = {action: _resource(question, action) for action in question.actions}
    if len(question.actions) == 1:
        return [(question.actions, resources[question.actions[0]])]
    universe = _universe(asked)
    groups: dict[tuple[object, ...], list[str]] = {}
    index_of = default_compiler().catalogue.index_of
    answers: dict[tuple[AskedResource, CompiledStatement], bool | None] = {}
    for action in question.actions:
        index, resource = index_of[action.lower()], resources[action]
        signature: list[object] = [_special(action, judge), resource.is_exact]
        for number, statement in enumerate(universe):
            if not statement.action_bits >> index & 1:
                continue
            if statement.resources is None:
                signature.append(number)
                continue
            key = (resource, statement)
            if key not in answers:
                answers[key] = resource.covered_by(statement)
            if answers[key] is not False:
                signature.append((number, answers[key]))
        groups.setdefault(tuple(signature), []).append(action)
    return [(tuple(actions), resources[actions[0]]) for actions in groups.values()]


def _universe(asked: Asked) -> list[CompiledStatement]:
    found: dict[CompiledStatement, None] = {}
    for statements in asked.statements.values():
        found.update(dict.fromkeys(statements))
    organization = asked.organization
    for control in (organization.service_control, organization.resource_control):
        for level in {target.level for target in control.tree.by_id.values()}:
            found.update(dict.fromkeys(level.statements))
    if asked.role is not None and asked.role.trust is not None and asked.role.trust.document:
        found.update(dict.fromkeys(default_compiler().document(asked.role.trust.document)))
    return list(found)


def _special(action: str, judge: Judge) -> tuple[object, ...]:
    """Return what of an action's name bears on the decision beside statements."""
    return (judge.rules_of(action), judge.is_bound_by_rcp(action))


def _resource(question: WhoCanQuestion, action: str) -> AskedResource:
    catalogue = default_compiler().catalogue
    if question.resource != ANY:
        found = asked_resource(question.resource)
    else:
        index = catalogue.index_of.get(action.lower())
        found = any_resource(catalogue, index, question.assumed.engine.partition)
    account_id = question.resource_account_id
    return found.of_account(account_id) if account_id else found


def _together(
    columns: Sequence[tuple[tuple[str, ...], Numbers, list[Way]]], count: int
) -> tuple[Numbers, tuple[WaysTogether, ...]]:
    """Put the ways of all actions together, for each principal."""
    # NOBODY is -1, and `alike` numbers from 0.
    numbers, examples = alike([way_of + 1 for _, way_of, _ in columns], count)
    ways: list[WaysTogether] = []
    places = numpy.full(len(examples), NOBODY, dtype=numpy.int64)
    for number, example in enumerate(examples):
        parts = tuple(
            (actions, found[int(way_of[example])])
            for actions, way_of, found in columns
            if way_of[example] != NOBODY
        )
        if parts:
            places[number] = len(ways)
            ways.append(WaysTogether(parts))
    return places[numbers], tuple(ways)
