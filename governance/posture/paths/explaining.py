"""What makes one step possible: the statements of both sides, in words, and what to write instead.

Statements are looked up when a chain is shown, not kept with each edge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.posture.paths.escalations import escalation_list
from governance.posture.paths.graph import EdgeKind, PathEdge, TrustGraph
from governance.posture.paths.nodes import NodeKind, PathNode, Privilege
from governance.posture.paths.question import node_label
from governance.posture.paths.steps.accessing import sensitive_actions
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.denial_answers import WhyDeniedAnswer
from governance.posture.requests.questions import Question
from governance.posture.requests.why_denied import explain
from governance.posture.trust.selectors import edge_of
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import Effect, Statement, load_catalogue
from policies.context_keys import spelled
from policies.evaluation.layers import Decider
from policies.evaluation.trace import StatementTrace

_PASS_ROLE: Final = "iam:PassRole"  # noqa: S105
_ADMINISTERING: Final = "iam:PutRolePolicy"
_ON_RESOURCE: Final = frozenset({"Resource", "NotResource"})
_SIDES: Final = {
    Decider.IDENTITY_POLICY: "Identity policy",
    Decider.RESOURCE_POLICY: "Resource policy",
}


@dataclass(frozen=True, slots=True)
class StepStatement:
    """One statement that allows a step. `side`: in words; `statement`: its place, from 0.

    `policy_arn`: empty for an inline or a resource's own policy. `holder_arn`: whose it is.
    `asks`: what it is limited to, in words: resources, and conditions with whether they hold.
    """

    side: str
    policy_name: str
    policy_arn: str
    holder_arn: str
    statement: int
    sid: str
    action: str
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One step of a chain. `sentence`: what happens. `remedy`: `text`, perhaps `statement`."""

    edge: PathEdge
    source: PathNode
    target: PathNode
    privilege: Privilege
    sentence: str
    statements: tuple[StepStatement, ...]
    conditions: tuple[str, ...]
    needs: str
    remedy: Mapping[str, Any]


def explain_step(
    viewer: Viewer,
    graph: TrustGraph,
    edge: PathEdge,
    *,
    connection: Connection,
    as_of: datetime | None = None,
) -> ExplainedStep:
    """Say what makes a step possible and how to cut it."""
    source, target = graph.node(edge.source), graph.node(edge.target)
    statements = tuple(dict.fromkeys(_statements(viewer, edge, source, target, connection, as_of)))
    catalogue = load_catalogue()
    return ExplainedStep(
        edge=edge,
        source=source,
        target=target,
        privilege=graph.privilege(edge.target),
        sentence=_sentence(edge, source, target),
        statements=statements,
        conditions=tuple(spelled(catalogue, key) for key in edge.way.keys if ":" in key),
        needs=edge.way.needs,
        remedy=_remedy(edge, source, target, statements),
    )


def _sentence(edge: PathEdge, source: PathNode, target: PathNode) -> str:
    who, whom = node_label(source), node_label(target)
    start = f"{who[0].upper()}{who[1:]}"
    through = edge.way.through
    match edge.way.kind:
        case EdgeKind.ASSUMES:
            return f"{start} assumes {whom}."
        case EdgeKind.FEDERATES:
            return f"{start} signs in as {whom}."
        case EdgeKind.ASSIGNED:
            return f"{start} has {whom} by an Identity Center assignment."
        case EdgeKind.PASSES:
            return f"{start} passes {whom} to {through}."
        case EdgeKind.RUNS:
            return f"{start} runs code as {whom} through {through}."
        case EdgeKind.TAKES_OVER:
            return f"{start} takes over {whom} by {edge.way.actions[0]}."
        case EdgeKind.ESCALATES:
            by = " and ".join(edge.way.actions)
            by_way = f" on {through}" if through else ""
            return f"{start} becomes {whom} by {by}{by_way}."
        case EdgeKind.ACCESSES:
            return f"{start} reaches {whom} by {', '.join(edge.way.actions) or through}."
        case _:
            return _controls(start, source, target, whom)


def _controls(start: str, source: PathNode, target: PathNode, whom: str) -> str:
    if target.kind is NodeKind.EVERYBODY:
        return f"{start} may call {target.name}."
    if target.kind is NodeKind.CONTROL and source.kind is not NodeKind.ORGANIZATION:
        return f"{start} has an administrator's rights in account {target.account_id}."
    if target.kind is NodeKind.ORGANIZATION:
        return f"{start} administers Identity Center, which gives access to every account."
    if source.kind is NodeKind.ORGANIZATION:
        return f"Identity Center gives an administrator's rights in account {target.account_id}."
    if target.kind is NodeKind.RESOURCE:
        return f"{start} controls {whom}."
    return f"{start} can take over {whom}."


def _statements(
    viewer: Viewer,
    edge: PathEdge,
    source: PathNode,
    target: PathNode,
    connection: Connection,
    as_of: datetime | None,
) -> Iterator[StepStatement]:
    if edge.way.edge_key:
        yield from _stored(viewer, edge.way.edge_key, connection, as_of)
        return
    if source.kind not in {NodeKind.USER, NodeKind.ROLE}:
        return
    for action, resource, account_id in _requests(edge, source, target):
        question = Question(
            principal=source.id,
            action=action,
            resource=resource,
            resource_account_id=account_id,
            context=_context(edge, action),
        )
        try:
            answer = explain(viewer, connection=connection, question=question, as_of=as_of)
        except CannotAnswer:
            continue
        yield from _allowing(answer, action, source, target)


def _context(edge: PathEdge, action: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if action == _PASS_ROLE:
        return (("iam:PassedToService", (edge.way.through,)),)
    return ()


def _requests(edge: PathEdge, source: PathNode, target: PathNode) -> Iterator[tuple[str, str, str]]:
    """Yield the requests that make a step: action, resource, the resource's account."""
    way = edge.way
    match way.kind:
        case EdgeKind.ASSUMES | EdgeKind.TAKES_OVER:
            yield way.actions[0], target.id, target.account_id
        case EdgeKind.PASSES | EdgeKind.RUNS:
            for action in way.actions:
                yield action, target.id if action == _PASS_ROLE else "*", source.account_id
        case EdgeKind.ESCALATES:
            first = way.through or source.id
            for number, action in enumerate(way.actions):
                in_account = number == 0 and first.startswith("arn:")
                yield action, first if in_account else "*", source.account_id
        case EdgeKind.ACCESSES:
            service = way.actions[0].partition(":")[0] if way.actions else ""
            sensitive = sensitive_actions().get(service)
            for action in way.actions:
                arn = sensitive.arn(action, target.id) if sensitive else target.id
                yield action, arn, target.account_id
        case EdgeKind.CONTROLS if target.kind is NodeKind.EVERYBODY:
            yield target.name, "*", source.account_id
        case EdgeKind.CONTROLS:
            yield _ADMINISTERING, f"arn:aws:iam::{source.account_id}:role/any", source.account_id
        case _:
            return


def _allowing(
    answer: WhyDeniedAnswer, action: str, source: PathNode, target: PathNode
) -> Iterator[StepStatement]:
    for level in answer.levels:
        side = _SIDES.get(level.decider)
        if side is None:
            continue
        own = level.decider is Decider.IDENTITY_POLICY
        if not own and target.kind is NodeKind.ROLE:
            side = "Trust policy"
        for policy in level.policies:
            for one in policy.statements:
                trace, written = one.trace, one.written
                if trace.effect is Effect.ALLOW and _may_hold(trace, answer.request.resource):
                    yield StepStatement(
                        side=side,
                        policy_name=policy.policy.name,
                        policy_arn=policy.policy.arn,
                        holder_arn=source.id if own else target.id,
                        statement=trace.statement,
                        sid=written.sid or "",
                        action=action,
                        asks=tuple(_asks(written, trace)),
                    )


def _may_hold(trace: StatementTrace, resource: str) -> bool:
    """Whether a statement holds, or may; asked of any resource, also where it names some."""
    if trace.matched is not False or resource != "*":
        return trace.matched is not False
    return all(one.holds is not False for one in trace.because if one.element not in _ON_RESOURCE)


def _asks(written: Statement, trace: StatementTrace) -> Iterator[str]:
    """Yield what a statement is limited to."""
    if written.resources is not None and "*" not in written.resources:
        yield f"On {', '.join(written.resources)}"
    if written.not_resources is not None:
        yield f"On everything but {', '.join(written.not_resources)}"
    for reason in trace.because:
        if reason.operator is not None:
            known = "" if reason.holds is not None else " (not known)"
            yield f"{reason.key} {reason.operator} {', '.join(reason.values)}{known}"


def _stored(
    viewer: Viewer, key: str, connection: Connection, as_of: datetime | None
) -> Iterator[StepStatement]:
    row = edge_of(viewer, connection=connection, key=key, as_of=as_of)
    if row is None:
        return
    yield StepStatement(
        side=row.get_source_display(),
        policy_name=row.through or row.resource_name,
        policy_arn="",
        holder_arn=row.resource_arn,
        statement=row.statement if row.statement is not None else -1,
        sid=row.sid,
        action=", ".join(row.actions),
    )


def _remedy(
    edge: PathEdge,
    source: PathNode,
    target: PathNode,
    statements: tuple[StepStatement, ...],
) -> Mapping[str, Any]:
    named = _named(statements, "Identity policy")
    match edge.way.kind:
        case EdgeKind.ASSUMES if source.kind in {NodeKind.USER, NodeKind.ROLE}:
            return {
                "text": f"Name only the principals that need {node_label(target)} in its trust "
                f"policy, or add this statement to it, which shuts out {node_label(source)}.",
                "statement": {
                    "Effect": "Deny",
                    "Principal": {"AWS": source.id},
                    "Action": "sts:AssumeRole",
                },
            }
        case EdgeKind.ASSUMES | EdgeKind.FEDERATES:
            return {"text": _entering_text(source, target)}
        case EdgeKind.ASSIGNED:
            return {
                "text": f"Remove the assignment of {edge.way.through} to {source.name} in account "
                f"{target.account_id}."
            }
        case EdgeKind.PASSES:
            return _denying(
                f"Limit iam:PassRole in {named} to the roles that are needed, or deny this one.",
                ("iam:PassRole",),
                target.id,
            )
        case EdgeKind.RUNS | EdgeKind.TAKES_OVER | EdgeKind.ESCALATES:
            resource = "*" if edge.way.kind is EdgeKind.RUNS else edge.way.through or "*"
            if edge.way.kind is EdgeKind.TAKES_OVER:
                resource = target.id
            escalation = escalation_list().by_id(edge.way.escalation)
            return _denying(
                f"Remove {escalation.actions[0]} from {named}, or deny it.",
                escalation.actions[:1],
                resource if resource.startswith("arn:") else "*",
            )
        case EdgeKind.ACCESSES:
            return _denying(
                f"Remove {target.name} from what {named} allows, or deny it.",
                edge.way.actions,
                target.id,
            )
        case _:
            return _controls_remedy(source, target, named)


_OF_IDENTITY_CENTER: Final = ":role/aws-reserved/sso.amazonaws.com/"


def _entering_text(source: PathNode, target: PathNode) -> str:
    match source.kind:
        case NodeKind.FEDERATED if _OF_IDENTITY_CENTER in target.id:
            return (
                "Remove the assignment of the permission set in Identity Center: AWS itself keeps "
                f"the trust policy of {node_label(target)}."
            )
        case NodeKind.FEDERATED:
            return (
                f"Ask for the exact subject and audience in the trust policy of "
                f"{node_label(target)}."
            )
        case NodeKind.SERVICE:
            return (
                f"Ask for aws:SourceAccount and aws:SourceArn in the trust policy of "
                f"{node_label(target)}."
            )
        case NodeKind.EVERYONE:
            return f"Name the principals that need {node_label(target)} instead of everyone."
        case _:
            return (
                f"Remove {source.id} from the trust policy of {node_label(target)}, or name one "
                "role there and ask for sts:ExternalId."
            )


def _controls_remedy(source: PathNode, target: PathNode, named: str) -> Mapping[str, Any]:
    if target.kind is NodeKind.CONTROL and source.kind in {NodeKind.USER, NodeKind.ROLE}:
        return {
            "text": f"Replace {named} of {node_label(source)} by what it needs, or give it a "
            "permissions boundary that denies writes of IAM policies, roles and keys."
        }
    if target.kind is NodeKind.EVERYBODY:
        return _denying(
            f"Limit {target.name} in {named} to the resources that are needed.", (target.name,), "*"
        )
    if source.kind is NodeKind.CONTROL and target.kind is NodeKind.ROLE:
        return {
            "text": f"Protect {target.name} with an SCP that allows only the deployment role to "
            "change it.",
            "statement": {
                "Effect": "Deny",
                "Action": [
                    "iam:UpdateAssumeRolePolicy",
                    "iam:PutRolePolicy",
                    "iam:AttachRolePolicy",
                ],
                "Resource": target.id,
            },
        }
    return {"text": "This follows from administrator rights: remove those first."}


def _denying(text: str, actions: tuple[str, ...], resource: str) -> Mapping[str, Any]:
    return {
        "text": text,
        "statement": {"Effect": "Deny", "Action": list(actions), "Resource": resource},
    }


def _named(statements: tuple[StepStatement, ...], side: str) -> str:
    names = list(dict.fromkeys(one.policy_name for one in statements if one.side == side))
    return ", ".join(names) if names else "its policies"
