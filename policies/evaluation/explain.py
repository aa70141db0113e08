"""A decision with its trace, for programs (JSON) and for people (text)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from policies.evaluation.layers import Decider
from policies.evaluation.request import Request
from policies.evaluation.trace import LayerTrace, StatementTrace
from policies.evaluation.verdict import Decision, DecisionOutcome


@dataclass(frozen=True)
class Explanation:
    """A request, its decision, and one `LayerTrace` for each attachment point."""

    request: Request
    decision: Decision
    layers: tuple[LayerTrace, ...]

    @property
    def json_text(self) -> str:
        """The members `decision`, `decided_by`, `unknown_keys` and `trace` as JSON text."""
        return self.json_with_keys(self.decision.unknown_keys)

    def json_with_keys(self, unknown_keys: tuple[str, ...]) -> str:
        """Return `json_text` with the unknown keys spelled as given here."""
        outcome, decided_by, _ = self.decision
        trace = ",".join([layer.json_text for layer in self.layers])
        deciders = ",".join([f'"{decider.value}"' for decider in decided_by])
        keys = json.dumps(unknown_keys, ensure_ascii=False) if unknown_keys else "[]"
        return (
            f'{{"decision":"{outcome.value}","decided_by":[{deciders}],'
            f'"unknown_keys":{keys},"trace":[{trace}]}}'
        )

    def text(self, *, all_statements: bool = False) -> str:
        """Return lines for people: the decision, then each level with what mattered there.

        `all_statements` shows also the statements that another action or caller concerns.
        """
        request = self.request
        lines = [
            f"{request.principal.text} asks for {request.action} on {request.resource}",
            _headline(self.decision),
        ]
        for layer in self.layers:
            where = f" at {layer.target_id}" if layer.target_id else ""
            lines.append(f"{_NAMES[layer.decider]}{where}: {_layer_text(layer)}")
            lines.extend(
                line
                for statement in layer.statements
                if all_statements or _concerns(statement)
                for line in _statement_lines(statement)
            )
        return "\n".join(lines) + "\n"


_NAMES: Final = {
    Decider.RESOURCE_CONTROL_POLICY: "Resource control policies",
    Decider.SERVICE_CONTROL_POLICY: "Service control policies",
    Decider.VPC_ENDPOINT_POLICY: "VPC endpoint policy",
    Decider.RESOURCE_POLICY: "Resource policy",
    Decider.IDENTITY_POLICY: "Identity policies",
    Decider.PERMISSION_BOUNDARY: "Permissions boundary",
    Decider.SESSION_POLICY: "Session policy",
    Decider.ROOT_USER: "The account's root user, who needs no policy",
    Decider.ALWAYS_ALLOWED: "AWS itself, which never denies this action",
    Decider.NEVER_PERMITTED: "AWS itself, which never permits this",
}
_RESULTS: Final = {
    DecisionOutcome.ALLOWED: "allows",
    DecisionOutcome.EXPLICIT_DENY: "denies",
    DecisionOutcome.IMPLICIT_DENY: "nothing here allows it",
    DecisionOutcome.UNKNOWN: "not known",
}


def _headline(decision: Decision) -> str:
    outcome, decided_by, unknown_keys = decision
    names = "; ".join(_NAMES[decider] for decider in decided_by)
    match outcome:
        case DecisionOutcome.ALLOWED:
            return f"ALLOWED by: {names}"
        case DecisionOutcome.EXPLICIT_DENY:
            return f"DENIED explicitly by: {names}"
        case DecisionOutcome.IMPLICIT_DENY:
            return f"DENIED, because no statement allows it in: {names}"
        case _:
            keys = ", ".join(unknown_keys) or "more than a context key"
            return f"NOT KNOWN: it depends on {keys}; may be denied by: {names}"


def _layer_text(layer: LayerTrace) -> str:
    if layer.exempt is not None:
        return f"not applied, {layer.exempt}"
    if layer.rule is not None:
        doubt = "perhaps, " if layer.result is DecisionOutcome.UNKNOWN else ""
        return f"{doubt}{layer.rule.text} ({layer.rule.source})"
    if layer.decider is Decider.RESOURCE_CONTROL_POLICY and layer.result is DecisionOutcome.ALLOWED:
        return "no deny holds"
    return _RESULTS[layer.result or DecisionOutcome.UNKNOWN]


def _concerns(statement: StatementTrace) -> bool:
    first = statement.because[0]
    return first.holds is not False


def _statement_lines(statement: StatementTrace) -> list[str]:
    name = statement.sid or f"statement {statement.statement + 1}"
    matched = {True: "holds", False: "does not hold", None: "may hold"}[statement.matched]
    head = f"  {statement.effect} “{name}” (policy {statement.policy + 1}) {matched}:"
    return [head, *(f"    {_mark(reason.holds)} {reason.text}" for reason in statement.because)]


def _mark(holds: bool | None) -> str:
    return {True: "+", False: "-", None: "?"}[holds]
