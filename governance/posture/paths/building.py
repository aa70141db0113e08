"""One state of an organization → its graph, built once for equal rows and read by others."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from threading import Lock
from typing import Any, Final

import numpy
from django.conf import settings
from django.db.models import Max

from governance.posture.ceilings.assumptions import read_assumed, usual_terms
from governance.posture.ceilings.usual import usual_assumptions
from governance.posture.paths.deciding import DecidingScope
from governance.posture.paths.escalations import EscalationEffect, EscalationList, escalation_list
from governance.posture.paths.graph import Bytes, TrustGraph
from governance.posture.paths.nodes import PRIVILEGES, NodeKind, Privilege
from governance.posture.paths.population_index import PopulationIndex
from governance.posture.paths.reach import Direction, reach
from governance.posture.paths.reading import read_groups, read_memberships, read_roles
from governance.posture.paths.shared_graphs import share_graph, shared_graph
from governance.posture.paths.steps.accessing import (
    ReachableResource,
    accessing_steps,
    sensitive_actions,
)
from governance.posture.paths.steps.assuming import ASSUME, assuming_steps
from governance.posture.paths.steps.controlling import controlling_steps
from governance.posture.paths.steps.entering import (
    EnteringEdge,
    assignment_steps,
    entering_steps,
)
from governance.posture.paths.steps.escalating import (
    organization_steps,
    raising_steps,
    taking_over_steps,
)
from governance.posture.paths.steps.passing import passing_steps
from governance.posture.paths.steps.state import NodeList, StepState
from governance.posture.state.organization import (
    CompiledOrganization,
    accounts_without_iam,
    load_organization,
)
from governance.posture.state.process_cache import ProcessCache
from governance.posture.state.resources import resource_of
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import trust_edges
from governance.posture.who_can.answer import all_accounts
from governance.posture.who_can.loading import (
    is_population_at_hand,
    load_population,
    population_key,
)
from governance.posture.who_can.population import Population
from governance.posture.who_can.progress import Progress, no_progress
from inventory.models import Connection, ResourcePolicy
from inventory.resource_facts import GranteeKind, grants_of
from inventory.selectors.delegation import delegated_administrators
from inventory.selectors.resource_policies import account_public_access_blocks
from inventory.viewing import Viewer, sees_whole, visible

_KEPT: Final = 2
_MOST_EDGES: Final = 20_000_000
_PERMISSION_SET: Final = "permission-set"

_graphs: Final[ProcessCache[tuple[object, ...], TrustGraph]] = ProcessCache(most=_KEPT)
_building: Final = Lock()


def graph_key(
    viewer: Viewer,
    *,
    connection: Connection,
    organization: CompiledOrganization,
    as_of: datetime | None = None,
) -> tuple[object, ...]:
    """Return what is equal for equal graphs."""
    rows = visible(TrustEdge.objects.all(), viewer).filter(connection=connection)
    resources = visible(ResourcePolicy.objects.all(), viewer).filter(connection=connection)
    return (
        organization.key,
        population_key(
            viewer,
            connection=connection,
            account_ids=all_accounts(organization),
            as_of=as_of,
        ),
        *(
            tuple(one.aggregate(a=Max("seen_from"), b=Max("seen_until"), c=Max("pk")).values())
            for one in (rows, resources)
        ),
        as_of,
    )


def load_graph(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    progress: Progress = no_progress,
) -> TrustGraph:
    """Return the graph as of a time; equal states share one: never change it."""
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    key = graph_key(viewer, connection=connection, organization=organization, as_of=as_of)
    found = _graphs.known(key)
    if found is not None:
        return found
    with _building:  # One thread builds; those that wait find what it built.
        return _graphs.get(
            key, lambda: _build(viewer, connection, organization, as_of, key, progress)
        )


def graph_at_hand(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> TrustGraph | None:
    """Return the graph where this process has built it already."""
    if not is_population_at_hand(viewer, connection=connection, as_of=as_of):
        return None
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    return _graphs.known(
        graph_key(viewer, connection=connection, organization=organization, as_of=as_of)
    )


def forget() -> None:
    """Drop the graphs that this process keeps."""
    _graphs.clear()


def _build(
    viewer: Viewer,
    connection: Connection,
    organization: CompiledOrganization,
    as_of: datetime | None,
    key: tuple[object, ...],
    progress: Progress,
) -> TrustGraph:
    population = load_population(
        viewer,
        connection=connection,
        account_ids=all_accounts(organization),
        as_of=as_of,
        progress=progress,
    )
    shares = settings.PATHS_SHARED and as_of is None and sees_whole(viewer, connection)
    found = shared_graph(connection.pk, key, population) if shares else None
    if found is None:
        found = _put_together(viewer, connection, organization, as_of, key, population, progress)
        if shares:
            share_graph(connection.pk, found)
    return found


def _put_together(
    viewer: Viewer,
    connection: Connection,
    organization: CompiledOrganization,
    as_of: datetime | None,
    key: tuple[object, ...],
    population: Population,
    progress: Progress,
) -> TrustGraph:
    index = PopulationIndex(population)
    of_state: dict[str, Any] = {"connection": connection, "as_of": as_of}
    progress("Reading trust policies", 30)
    assumed = usual_assumptions(organization, connection.home_region)
    state = StepState(
        scope=DecidingScope(
            organization,
            population,
            read_assumed(
                (),
                usual=usual_terms(assumed.region),
            ),
        ),
        index=index,
        roles=read_roles(viewer, index=index, **of_state),
        groups=read_groups(viewer, **of_state),
        memberships=read_memberships(viewer, index=index, **of_state),
        listed=escalation_list(),
        nodes=NodeList(population),
    )
    state.scope.prepare(actions_of_interest(state.listed))
    for words, percent, steps in (
        ("Deciding who can assume which role", 40, assuming_steps),
        ("Deciding who can pass which role", 55, passing_steps),
        ("Deciding who can take over whom", 65, taking_over_steps),
        ("Deciding who can escalate privileges", 72, raising_steps),
        ("Deciding what administrators control", 80, controlling_steps),
    ):
        progress(words, percent)
        steps(state)
    organization_steps(state, _delegated(viewer, connection, as_of))
    progress("Deciding who reaches which resource", 88)
    resources = _resources(viewer, connection, population.account_ids, as_of)
    accessing_steps(state, list(resources))
    entering_steps(state, _entering(viewer, connection, as_of))
    assignment_steps(state, _assignments(viewer, connection, as_of), {})
    progress("Assembling the graph", 96)
    return _graph(
        key,
        state,
        accounts_without_iam(viewer, organization=organization, **of_state),
        is_whole=sees_whole(viewer, connection),
    )


def actions_of_interest(listed: EscalationList) -> frozenset[str]:
    """Return every action that a step may rest on."""
    return frozenset(
        {
            ASSUME,
            *listed.administrator_actions,
            *listed.data_actions,
            *(action for one in listed.escalations for action in one.actions),
            *(action for one in sensitive_actions().values() for action in one.actions),
        }
    )


def _graph(
    key: tuple[object, ...],
    state: StepState,
    unknown_accounts: frozenset[str],
    *,
    is_whole: bool,
) -> TrustGraph:
    sources, targets, standings, way_of, ways = state.edges.arrays()
    if len(sources) > _MOST_EDGES:
        raise TooManyEdges(f"{len(sources):,} edges are more than the {_MOST_EDGES:,} it holds")
    others = state.nodes.listed()
    nothing = numpy.zeros(len(state.population) + len(others), dtype=numpy.uint8)
    bare = TrustGraph(
        key, state.population, others, sources, targets, standings, way_of, ways, nothing
    )
    return TrustGraph(
        key=key,
        population=state.population,
        others=others,
        sources=sources,
        targets=targets,
        standings=standings,
        way_of=way_of,
        ways=ways,
        privileges=_privileges(bare, state),
        unknown_accounts=unknown_accounts,
        is_whole=is_whole,
    )


class TooManyEdges(ValueError):
    """The graph would not fit into memory; the message tells the numbers."""


def _privileges(graph: TrustGraph, state: StepState) -> Bytes:
    """Tell of each node how much it gives: by its own rights, then by what it reaches."""
    size = len(state.population)
    place = {privilege: number for number, privilege in enumerate(PRIVILEGES)}
    found = numpy.full(len(graph), place[Privilege.LIMITED], dtype=numpy.uint8)
    reads = numpy.zeros(size, dtype=bool)
    for action in state.listed.data_actions:
        reads |= state.scope.sweep(action).may
    found[:size][reads] = place[Privilege.DATA]
    incomplete = numpy.array(
        [
            any(policy.sha256 is None for policy in held.policies)
            for held in state.population.identities
        ],
        dtype=bool,
    )[state.population.classes]
    found[:size][incomplete & ~reads] = place[Privilege.UNKNOWN]
    controls = [
        size + number
        for number, node in enumerate(graph.others)
        if node.kind in {NodeKind.CONTROL, NodeKind.ORGANIZATION}
    ]
    for number, node in enumerate(graph.others):
        if node.kind is NodeKind.RESOURCE:
            found[size + number] = place[Privilege.DATA]
    found[reach(graph, controls, Direction.BACKWARD).reached] = place[Privilege.ESCALATES]
    found[controls] = place[Privilege.ADMINISTRATOR]
    found[:size][state.administrators >= 0] = place[Privilege.ADMINISTRATOR]
    return found


def _delegated(
    viewer: Viewer, connection: Connection, as_of: datetime | None
) -> dict[str, frozenset[str]]:
    wanted = {
        one.service for one in escalation_list().of(EscalationEffect.ORGANIZATION) if one.service
    }
    found: dict[str, set[str]] = {}
    for row in delegated_administrators(viewer, connection=connection, as_of=as_of):
        if row.service_principal in wanted:
            found.setdefault(row.service_principal, set()).add(row.account_id)
    return {service: frozenset(accounts) for service, accounts in found.items()}


def _resources(
    viewer: Viewer, connection: Connection, account_ids: Sequence[str], as_of: datetime | None
) -> Iterator[ReachableResource]:
    blocks = account_public_access_blocks(
        viewer, connection=connection, account_ids=account_ids, as_of=as_of
    )
    rows = (
        visible(ResourcePolicy.objects.as_of(as_of), viewer)
        .filter(connection=connection, service__in=list(sensitive_actions()))
        .select_related("content")
        .order_by("account_id", "arn")
    )
    for row in rows.iterator(chunk_size=2000):
        known = resource_of(row, blocks.get(row.account_id))
        yield ReachableResource(row.service, row.resource_type, known)


def _entering(
    viewer: Viewer, connection: Connection, as_of: datetime | None
) -> Iterator[EnteringEdge]:
    rows = (
        trust_edges(viewer, connection=connection, as_of=as_of)
        .exclude(state=TrustEdge.EdgeState.BLOCKED)
        .exclude(resource_type=_PERMISSION_SET)
        .order_by("key")
    )
    for row in rows.iterator(chunk_size=2000):
        yield EnteringEdge(
            key=row.key,
            resource_arn=row.resource_arn,
            resource_account_id=row.account_id,
            resource_name=row.resource_name,
            resource_type=row.resource_type,
            principal_kind=row.principal_kind,
            principal_id=row.principal_id,
            principal_account_id=row.principal_account_id,
            provider=row.provider,
            tenant=row.tenant,
            vendor=row.vendor,
            actions=tuple(row.actions),
            state=row.state,
            keys=tuple(
                dict.fromkeys(str(guard["key"]).lower() for guard in row.guards if "key" in guard)
            ),
            through=row.through,
        )


def _assignments(
    viewer: Viewer, connection: Connection, as_of: datetime | None
) -> Iterator[tuple[str, str, str, str]]:
    rows = visible(ResourcePolicy.objects.as_of(as_of), viewer).filter(
        connection=connection, service="sso", resource_type=_PERMISSION_SET
    )
    for row in rows.order_by("arn"):
        for grant in grants_of(row.facts) or ():
            if grant.kind is GranteeKind.IDENTITY and grant.target_account_id:
                yield grant.grantee, grant.target_account_id, row.name, row.arn
