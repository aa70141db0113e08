"""One request → the decision under all that is known, why, and what would decide the rest."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from governance.posture.requests.applicable_policies import (
    ApplicablePolicies,
    RequestGap,
    applicable_policies,
    has_resource_policy,
    is_about_trust,
    may_have_resource_policy,
)
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.claims import check_claim
from governance.posture.requests.context_keys import KeyValue, request_keys
from governance.posture.requests.denial_answers import (
    AnsweredLevel,
    AnsweredPolicy,
    AnsweredStatement,
    Assumption,
    AssumptionKind,
    WhyDeniedAnswer,
)
from governance.posture.requests.questions import AssumedPolicy, Question, UncollectedPolicy
from governance.posture.requests.unseen import refuse_unseen
from governance.posture.state.identities import Identity, load_identity
from governance.posture.state.organization import (
    CompiledOrganization,
    TargetName,
    load_organization,
)
from governance.posture.state.resources import (
    Resource,
    ResourceKnowledge,
    load_resource,
    shared_grants,
)
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import UNKNOWN, ContextValue, Effect
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.gaps import decide_under_gaps
from policies.evaluation.policy_set import PolicySet
from policies.evaluation.principal import (
    NotAPrincipal,
    PrincipalKind,
    RequestPrincipal,
    parse_principal,
)
from policies.evaluation.request import NotARequest, Request, make_request
from policies.evaluation.trace import LayerTrace, StatementTrace
from policies.evaluation.verdict import Decision, DecisionOutcome


def explain(
    viewer: Viewer, *, connection: Connection, question: Question, as_of: datetime | None = None
) -> WhyDeniedAnswer:
    """Answer a question from what the inventory held at `as_of`, or holds now.

    :raises CannotAnswer: a part of the question cannot be read.
    """
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    resource = _resource(viewer, connection, question, as_of)
    request = _request(question, resource)
    for field, account_id in (
        ("principal", request.principal.account_id),
        ("account", request.resource_account_id),
    ):
        refuse_unseen(viewer, connection=connection, field=field, account_id=account_id)
    identity = load_identity(
        viewer,
        connection=connection,
        organization=organization,
        principal=request.principal,
        as_of=as_of,
    )
    request = _with_role(request, identity)
    asked_role: Identity | None = None
    if is_about_trust(request):
        asked_role = load_identity(
            viewer,
            connection=connection,
            organization=organization,
            principal=_principal("resource", request.resource),
            as_of=as_of,
        )
    applicable = applicable_policies(
        organization,
        request=request,
        question=question,
        identity=identity,
        asked_role=asked_role,
        resource=resource,
    )
    evaluator = Evaluator(applicable.known)
    keys = request_keys(question, request, applicable.known, evaluator, identity, asked_role)
    request = request._replace(context=_context(request, keys))
    explanation = evaluator.explain(request)
    decision, deciding = _decide(request, explanation.decision, applicable)
    return WhyDeniedAnswer(
        question=question,
        request=request,
        decision=decision,
        without_gaps=None if decision == explanation.decision else explanation.decision,
        levels=_levels(organization, explanation.layers, applicable, decision),
        gaps=deciding,
        other_gaps=tuple(gap for gap in applicable.gaps if gap not in deciding),
        keys=keys,
        assumptions=_assumptions(question, request, resource),
        notes=_notes(question, request, resource),
        claim=check_claim(question.claim, decision, explanation.layers, applicable),
        identity=identity,
        caller_account=_account(organization, request.principal.account_id),
        resource_account=_account(organization, request.resource_account_id),
    )


def _resource(
    viewer: Viewer, connection: Connection, question: Question, as_of: datetime | None
) -> Resource:
    """Return what is collected of the resource, and of the shares that hold it."""
    arn = question.resource.strip()
    if arn in {"", "*"}:
        return Resource(ResourceKnowledge.NOT_COLLECTED, arn)
    if not has_resource_policy(question.action.strip()):
        shared = shared_grants(viewer, connection=connection, arn=arn, as_of=as_of)
        return Resource(ResourceKnowledge.NOT_COLLECTED, arn, arn.split(":", 5)[-1], grants=shared)
    return load_resource(viewer, connection=connection, arn=arn, as_of=as_of)


def _principal(field: str, text: str) -> RequestPrincipal:
    try:
        return parse_principal(text)
    except NotAPrincipal as error:
        raise CannotAnswer(field, str(error)) from error


def _request(question: Question, resource: Resource) -> Request:
    """Build the request part by part, so that an error tells which part is wrong.

    A collected resource is of the account it was read in, unless the question says otherwise.

    :raises CannotAnswer: one is.
    """
    caller = _principal("principal", question.principal.strip())
    context = {key: values[0] if len(values) == 1 else values for key, values in question.context}
    account_id = question.resource_account_id.strip() or resource.account_id
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("action", {}),
        ("resource", {"resource": question.resource.strip() or "*"}),
        (
            "account",
            {"resource_account_id": account_id or None},
        ),
        ("context", {"context": context}),
    )
    given: dict[str, Any] = {}
    request: Request | None = None
    for field, more in steps:
        given |= more
        try:
            request = make_request(caller, question.action.strip(), **given)
        except (NotARequest, NotAPrincipal) as error:
            raise CannotAnswer(field, str(error)) from error
    if request is None:
        raise AssertionError("there are steps")
    both = {key.lower() for key in question.absent} & set(request.context)
    if both:
        raise CannotAnswer(
            "context", f"{min(both)!r} is given a value and said to be absent; leave one out"
        )
    return request


def _with_role(request: Request, identity: Identity) -> Request:
    """Give a session its role's path, by which service-linked roles are recognised."""
    caller = request.principal
    if caller.kind is not PrincipalKind.SESSION or caller.role_path_known or not identity.arn:
        return request
    return request._replace(principal=caller.with_role(identity.arn))


def _context(request: Request, keys: tuple[KeyValue, ...]) -> Mapping[str, ContextValue]:
    values = dict(request.context)
    for key in keys:
        if key.is_unknown:
            values[key.name.lower()] = UNKNOWN
        elif key.supplies:
            values[key.name.lower()] = key.value
    return values


def _decide(
    request: Request, known: Decision, applicable: ApplicablePolicies
) -> tuple[Decision, tuple[RequestGap, ...]]:
    """Decide by the extremes of all gaps; return also the gaps that can turn the decision."""

    def decided(is_worst: Callable[[RequestGap], bool]) -> Decision:
        filled: PolicySet = applicable.known
        for gap in applicable.gaps:
            filled = gap.worst(filled) if is_worst(gap) else gap.best(filled)
        return Evaluator(filled).evaluate(request)

    return decide_under_gaps(known, applicable.gaps, decided)


def _levels(
    organization: CompiledOrganization,
    layers: tuple[LayerTrace, ...],
    applicable: ApplicablePolicies,
    decision: Decision,
) -> tuple[AnsweredLevel, ...]:
    return tuple(_level(organization, layer, applicable, decision) for layer in layers)


def _level(
    organization: CompiledOrganization,
    layer: LayerTrace,
    applicable: ApplicablePolicies,
    decision: Decision,
) -> AnsweredLevel:
    place = (layer.decider, layer.target_id)
    shown = applicable.at.get(place, ())
    unreadable = applicable.unreadable.get(place, ()) if layer.exempt is None else ()
    result = layer.result
    if unreadable and result is not DecisionOutcome.EXPLICIT_DENY:
        result = DecisionOutcome.UNKNOWN
    statements: dict[int, list[AnsweredStatement]] = {}
    if layer.exempt is None:
        for trace in layer.statements:
            document = shown[trace.policy].document
            if document is None:
                raise AssertionError("only policies that can be read are traced")
            statements.setdefault(trace.policy, []).append(
                AnsweredStatement(
                    trace, document.statements[trace.statement], _decides(trace, layer, decision)
                )
            )
    policies = tuple(
        AnsweredPolicy(policy, tuple(statements.get(number, ())))
        for number, policy in enumerate(shown)
    )
    lacks = (
        decision.decision is DecisionOutcome.IMPLICIT_DENY
        and layer.decider in decision.decided_by
        and layer.result is DecisionOutcome.IMPLICIT_DENY
    )
    return AnsweredLevel(
        decider=layer.decider,
        target=organization.names.get(layer.target_id) if layer.target_id else None,
        result=result,
        exempt=layer.exempt,
        policies=policies,
        unreadable=unreadable,
        decides=(
            lacks
            or any(policy.decides for policy in policies)
            or (layer.rule is not None and layer.decider in decision.decided_by)
        ),
        rule=layer.rule,
    )


def _decides(trace: StatementTrace, layer: LayerTrace, decision: Decision) -> bool:
    """Whether a decision rests on a statement."""
    if layer.decider not in decision.decided_by:
        return False
    match decision.decision:
        case DecisionOutcome.EXPLICIT_DENY:
            return trace.matched is True and trace.effect is Effect.DENY
        case DecisionOutcome.ALLOWED:
            return trace.matched is True and trace.effect is Effect.ALLOW
        case DecisionOutcome.UNKNOWN:
            return trace.matched is None
        case _:
            return False


def _notes(question: Question, request: Request, resource: Resource) -> tuple[str, ...]:
    if question.assumed(UncollectedPolicy.RESOURCE_POLICY) is not AssumedPolicy.COLLECTED:
        return ()
    if not resource.restricts(request.principal):
        return ()
    return (
        f"S3 Block Public Access (RestrictPublicBuckets) is on: the policy of {resource.name} is "
        "public, so what it allows holds for its own account and for AWS services alone.",
    )


def _assumptions(
    question: Question, request: Request, resource: Resource
) -> tuple[Assumption, ...]:
    found: list[Assumption] = []
    in_arn = request.resource.split(":", 5)[4] if request.resource.count(":") >= 5 else ""
    account = request.resource_account_id
    if (
        request.resource != "*"
        and account
        and account != in_arn
        and not (question.resource_account_id or resource.account_id)
    ):
        sentence = (
            f"The resource's ARN names no account; it is taken to be of {account}, the caller's."
        )
        found.append(Assumption(AssumptionKind.RESOURCE_ACCOUNT, sentence))
    if (
        question.assumed(UncollectedPolicy.RESOURCE_POLICY) is AssumedPolicy.NONE
        and request.resource != "*"
        and may_have_resource_policy(request)
        and not is_about_trust(request)
    ):
        sentence = f"{request.resource} has no policy of its own."
        found.append(Assumption(AssumptionKind.RESOURCE_POLICY, sentence))
    sessions = (PrincipalKind.SESSION, PrincipalKind.ROLE, PrincipalKind.FEDERATED_USER)
    if (
        request.principal.kind in sessions
        and question.assumed(UncollectedPolicy.SESSION_POLICY) is AssumedPolicy.NONE
    ):
        sentence = "No session policy was passed."
        found.append(Assumption(AssumptionKind.SESSION_POLICY, sentence))
    if question.assumed(UncollectedPolicy.VPC_ENDPOINT_POLICY) is AssumedPolicy.NONE:
        sentence = "No VPC endpoint policy applies."
        found.append(Assumption(AssumptionKind.VPC_ENDPOINT_POLICY, sentence))
    return tuple(found)


def _account(organization: CompiledOrganization, account_id: str | None) -> TargetName | None:
    if account_id is None:
        return None
    return organization.names.get(account_id) or organization.unplaced.get(account_id)
