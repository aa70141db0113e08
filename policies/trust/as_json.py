"""Edges and findings as `python -m policies trust` writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policies.catalogue import load_catalogue
from policies.context_keys import spelled
from policies.evaluation.request import Request
from policies.language.conditions.values import UNKNOWN, ContextValue, Missing
from policies.language.json_reader import JsonValue
from policies.trust.edges import EdgeBlock, PolicyEdge, TrustGuard, TrustPrincipal
from policies.trust.findings import PolicyFinding


def edge_as_json(edge: PolicyEdge) -> dict[str, JsonValue]:
    """Return an edge with all of its members."""
    return {
        "statement": edge.statement,
        "sid": edge.sid,
        "principal": _principal(edge.principal),
        "actions": list(edge.actions),
        "crossing": edge.crossing.value,
        "guards": [_guard(guard) for guard in edge.guards],
        "blocked_by": None if edge.blocked_by is None else _block(edge.blocked_by),
        "undecided": list(edge.undecided),
        "witness": None
        if edge.witness is None
        else request_as_json(edge.witness, tuple(guard.key for guard in edge.guards)),
    }


def finding_as_json(finding: PolicyFinding) -> dict[str, JsonValue]:
    """Return a finding with all of its members."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "statement": finding.statement,
        "message": finding.message,
        "remedy": _plain(finding.remedy),
    }


def request_as_json(request: Request, written: Sequence[str] = ()) -> dict[str, JsonValue]:
    """Return a request as `python -m policies evaluate` reads it.

    A key that is declared unknown stands in `unknown_context`. `written`: keys as a policy has
    them; what follows a key's variable, such as a tag's key, is spelled so.
    """
    as_written = {key.lower(): key for key in written}
    context: dict[str, JsonValue] = {}
    unknown: list[JsonValue] = []
    catalogue = load_catalogue()
    for lowered, value in request.context.items():
        key = spelled(catalogue, as_written.get(lowered, lowered))
        if value is UNKNOWN:
            unknown.append(key)
        elif not isinstance(value, Missing):
            context[key] = _value(value)
    found: dict[str, JsonValue] = {
        "principal": request.principal.text,
        "action": request.action,
        "resource": request.resource,
        "resource_account_id": request.resource_account_id,
        "context": context,
    }
    if unknown:
        found["unknown_context"] = unknown
    return found


def _principal(principal: TrustPrincipal) -> dict[str, JsonValue]:
    return {
        "kind": principal.kind.value,
        "id": principal.id,
        "account_id": principal.account_id,
        "provider": principal.provider,
        "tenant": principal.tenant,
    }


def _guard(guard: TrustGuard) -> dict[str, JsonValue]:
    return {
        "kind": guard.kind.value,
        "key": guard.key,
        "operator": guard.operator,
        "values": list(guard.values),
        "holds": guard.holds,
        "leaves_open": guard.leaves_open,
    }


def _block(block: EdgeBlock) -> dict[str, JsonValue]:
    return {
        "by": block.by,
        "target_id": block.target_id,
        "policy": block.policy,
        "statement": block.statement,
        "sid": block.sid,
        "because": block.because,
    }


def _value(value: ContextValue) -> JsonValue:
    return list(value) if isinstance(value, tuple) else str(value)


def _plain(value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return dict(value)
