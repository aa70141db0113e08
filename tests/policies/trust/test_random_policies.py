"""What edges claim is held against the evaluator, with random policies and requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.evaluation.evaluate import Evaluator
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import PrincipalKind, parse_principal
from policies.evaluation.request import OrganizationIds, RawValue, Request, make_request
from policies.evaluation.verdict import DecisionOutcome
from policies.language.document import Effect, PolicyDocument
from policies.language.json_reader import JsonValue
from policies.language.policy_types import PolicyType
from policies.trust import (
    PolicyCrossing,
    PolicyEdge,
    TrustedResource,
    TrustPrincipal,
    TrustPrincipalKind,
    TrustQuestion,
)
from policies.trust.as_json import edge_as_json
from policies.trust.reading import trust_edges
from policies.trust.search import allow_everything
from tests.policies.trust.random_policies import (
    BUCKET,
    ID,
    MANAGEMENT,
    ORGANIZATION,
    OWN,
    PARENTS,
    ROLE,
    chains,
    policies,
    requests,
)

TYPES = (PolicyType.TRUST_POLICY, PolicyType.RESOURCE_POLICY)
Levels = tuple[TargetPolicies, ...]


def as_request(value: dict[str, JsonValue]) -> Request:
    return make_request(
        str(value["principal"]),
        str(value["action"]),
        str(value["resource"]),
        resource_account_id=str(value["resource_account_id"]),
        context=cast(Mapping[str, RawValue], value["context"]),
    )


def passes(
    request: Request, policy: PolicyDocument, scps: Mapping[str, Levels], rcps: Levels
) -> bool:
    account = request.principal.account_id
    chain = scps.get(account) if account else None
    evaluator = Evaluator(
        PolicySet(
            organization=OrganizationIds(ID, MANAGEMENT),
            service_control_policies=chain,
            resource_control_policies=rcps,
            identity_policies=(allow_everything(),),
            resource_policy=policy,
        )
    )
    return evaluator.evaluate(request).decision is DecisionOutcome.ALLOWED


def with_one_allow(policy: PolicyDocument, number: int) -> PolicyDocument:
    statements = tuple(
        statement
        for at, statement in enumerate(policy.statements)
        if at == number or statement.effect is Effect.DENY
    )
    return PolicyDocument(policy.policy_type, policy.version, None, statements)


def is_of(request: Request, principal: TrustPrincipal) -> bool:
    """Whether an edge's principal takes in a request's caller."""
    caller = request.principal
    match principal.kind:
        case TrustPrincipalKind.EVERYONE:
            return True
        case TrustPrincipalKind.SERVICE:
            return caller.kind is PrincipalKind.SERVICE and principal.id in ("*", caller.text)
        case TrustPrincipalKind.ACCOUNT:
            return caller.account_id == principal.id
        case TrustPrincipalKind.ROLE:
            named = parse_principal(principal.id)
            return caller.account_id == named.account_id and caller.name == named.name
        case TrustPrincipalKind.ORGANIZATION:
            if caller.account_id in PARENTS:
                return principal.id == ID
            return request.context.get("aws:principalorgid") == principal.id
        case TrustPrincipalKind.ORGANIZATIONAL_UNIT:
            path = ORGANIZATION.accounts.get(caller.account_id or "", "")
            return path.startswith(principal.id)
    return caller.text == principal.id


@pytest.mark.parametrize("policy_type", TYPES)
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(data=st.data())
def test_edges_say_of_random_requests_what_the_evaluator_says(
    policy_type: PolicyType, data: st.DataObject
) -> None:
    policy = data.draw(policies(policy_type))
    scps = {
        account: data.draw(chains(account, PolicyType.SERVICE_CONTROL_POLICY))
        for account in PARENTS
    }
    rcps = data.draw(chains(OWN, PolicyType.RESOURCE_CONTROL_POLICY))
    arn = ROLE if policy_type is PolicyType.TRUST_POLICY else BUCKET
    question = TrustQuestion(
        policy, policy_type, TrustedResource(arn, OWN), ORGANIZATION, scps, rcps
    )
    edges = trust_edges(question)
    for edge in edges:
        assert not edge.undecided, (edge, policy)
        assert (edge.witness is None) is (edge.blocked_by is not None), (edge, policy)
        if edge.witness is not None:
            written = edge_as_json(edge)["witness"]
            read = as_request(cast(dict[str, JsonValue], json.loads(json.dumps(written))))
            alone = with_one_allow(policy, edge.statement)
            assert passes(read, alone, scps, rcps), (edge, policy)
            assert is_of(read, edge.principal), (edge, policy)
            assert not any(g.leaves_open.startswith("Nothing:") for g in edge.guards), edge
    lacking = data.draw(st.sampled_from(sorted(PARENTS)))
    known = {account: levels for account, levels in scps.items() if account != lacking}
    for edge, less in zip(
        edges, trust_edges(replace(question, service_control_policies=known)), strict=True
    ):
        # What is not known of an account's SCPs must not make an edge blocked, nor open one.
        assert less.blocked_by is None or edge.blocked_by is not None, (edge, less, policy)
        assert (
            less.witness is None
            or less.witness.principal.account_id != lacking
            or lacking == MANAGEMENT
        )
    for _ in range(12):
        request = as_request(data.draw(requests(policy_type)))
        check(request, policy, edges, scps, rcps)


def check(
    request: Request,
    policy: PolicyDocument,
    edges: tuple[PolicyEdge, ...],
    scps: Mapping[str, Levels],
    rcps: Levels,
) -> None:
    for number, statement in enumerate(policy.statements):
        if statement.effect is not Effect.ALLOW:
            continue
        if passes(request, with_one_allow(policy, -1), scps, rcps) or not passes(
            request, with_one_allow(policy, number), scps, rcps
        ):
            continue  # Identity policies of the resource's account suffice, or nothing does.
        of_caller = [e for e in edges if e.statement == number and is_of(request, e.principal)]
        assert of_caller, (request, policy, edges)
        assert any(edge.blocked_by is None for edge in of_caller), (request, policy, edges)
        if is_stranger(request):
            crossings = {edge.crossing for edge in of_caller}
            assert PolicyCrossing.PUBLIC in crossings or not_everyone(of_caller), (
                request,
                policy,
                edges,
            )


def is_stranger(request: Request) -> bool:
    """Whether a caller is of nobody's account that comes from nowhere in particular."""
    caller = request.principal
    outside = caller.text == "anonymous" or ":role/stranger" in caller.text
    return outside and not request.context.keys() & {"aws:sourceip", "aws:sourcevpce"}


def not_everyone(edges: list[PolicyEdge]) -> bool:
    """Whether another kind of edge takes the caller in, such as its organization's."""
    return any(edge.principal.kind is not TrustPrincipalKind.EVERYONE for edge in edges)
