"""Decides a question for everybody of a population, alike actions and alike principals at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from governance.posture.requests.applicable_policies import has_resource_policy
from governance.posture.requests.questions import AssumedPolicy
from governance.posture.state.identities import Identity
from governance.posture.state.organization import CompiledOrganization
from governance.posture.state.resources import Resource
from governance.posture.who_can.contents import Content, mentioned_actions, statements_of
from governance.posture.who_can.numbering import Numbers, alike
from governance.posture.who_can.population import Population
from governance.posture.who_can.progress import Progress
from governance.posture.who_can.question import ANY, WhoCanQuestion
from governance.posture.who_can.reductions import ReductionScope
from governance.posture.who_can.search import Search
from governance.posture.who_can.ways import NOBODY, Way, WaysTogether
from policies import CompiledStatement, PolicyType, default_compiler
from policies.evaluation.applicable import ActionView
from policies.evaluation.judge import Judge
from policies.evaluation.requested_resource import (
    RequestedResource,
    any_resource,
    requested_resource,
)
from policies.trust.actions import lets_in_services_alone


@dataclass(frozen=True, slots=True)
class Decided:
    """How everybody may. `way_of`: for each principal the place in `ways`, or NOBODY.

    `searches`: by action, to look closer at one principal.
    """

    way_of: Numbers
    ways: tuple[WaysTogether, ...]
    searches: Mapping[str, Search]


def decide(
    organization: CompiledOrganization,
    population: Population,
    question: WhoCanQuestion,
    role: Identity | None,
    resource: Resource | None,
    progress: Progress,
    *,
    is_anywhere: bool = False,
) -> Decided:
    """Decide a question.

    `role`: the one that is asked for, if a role is. `resource`: what is asked for, if collected.
    `is_anywhere`: see `ReductionScope`.
    """
    progress("Reading what policies mention", 65)
    mentioned, statements = _contents(population, question)
    asked = ReductionScope(
        organization=organization,
        population=population,
        given=question.assumed.engine.values,
        account_id=question.resource_account_id or None,
        role=role,
        resource=resource,
        resource_policy_is_open=_resource_policy_is_open(question),
        beside_is_open=resource is not None and resource.more_may_allow,
        mentioned=mentioned,
        statements=statements,
        is_anywhere=is_anywhere,
    )
    compiler = default_compiler()
    judge = Judge(organization.organization, compiler)
    known: dict[object, CompiledStatement] = {}
    searches: dict[str, Search] = {}
    columns: list[tuple[tuple[str, ...], Numbers, list[Way]]] = []
    groups = _groups(asked, question, judge)
    for number, (actions, asked_for) in enumerate(groups):
        progress(f"Deciding {actions[0]}", 70 + 30 * number // len(groups))
        view = ActionView(actions[0], asked_for, compiler, known, asked.given)
        search = Search(asked, view, judge, actions[0], asked_for)
        way_of, ways = search.run()
        columns.append((actions, way_of, ways))
        searches.update(dict.fromkeys(actions, search))
    way_of, together = _together(columns, len(population))
    return Decided(way_of, together, searches)


def _resource_policy_is_open(question: WhoCanQuestion) -> bool:
    return (
        question.resource != ANY
        and not question.is_about_trust
        and has_resource_policy(question.action)
        and not lets_in_services_alone(question.resource)
        and question.resource_policy is AssumedPolicy.UNKNOWN
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
    applicable = [content for content, bits in mentioned.items() if wanted == -1 or bits & wanted]
    return mentioned, statements_of(applicable)


def _groups(
    asked: ReductionScope, question: WhoCanQuestion, judge: Judge
) -> list[tuple[tuple[str, ...], RequestedResource]]:
    """Put actions together for which every statement says the same, of the same resources."""
    resources = {action: _resource(question, action) for action in question.actions}
    if len(question.actions) == 1:
        return [(question.actions, resources[question.actions[0]])]
    universe = _universe(asked)
    groups: dict[tuple[object, ...], list[str]] = {}
    index_of = default_compiler().catalogue.index_of
    answers: dict[tuple[RequestedResource, CompiledStatement], bool | None] = {}
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


def _universe(asked: ReductionScope) -> list[CompiledStatement]:
    found: dict[CompiledStatement, None] = {}
    for statements in asked.statements.values():
        found.update(dict.fromkeys(statements))
    organization = asked.organization
    for control in (organization.service_control, organization.resource_control):
        for level in {target.level for target in control.tree.by_id.values()}:
            found.update(dict.fromkeys(level.statements))
    if asked.role is not None and asked.role.trust is not None and asked.role.trust.document:
        found.update(dict.fromkeys(default_compiler().document(asked.role.trust.document)))
    if asked.resource is not None:
        for document in (asked.resource.document, asked.resource.granted):
            if document is not None:
                found.update(dict.fromkeys(default_compiler().document(document)))
    return list(found)


def _special(action: str, judge: Judge) -> tuple[object, ...]:
    """Return what of an action's name decides besides statements."""
    return (judge.rules_of(action), judge.is_bound_by_rcp(action))


def _resource(question: WhoCanQuestion, action: str) -> RequestedResource:
    catalogue = default_compiler().catalogue
    if question.resource != ANY:
        found = requested_resource(question.resource)
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
