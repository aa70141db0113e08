"""Says in a few sentences why a guardrail holds, fails or is undecided in an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.comparison.wording import ALWAYS
from policies.guardrails.answers import AccountAnswer
from policies.guardrails.compiled_guardrail import CompiledGuardrail
from policies.guardrails.domains import GuardedCallers
from policies.guardrails.guardrail import GuardrailOutcome
from policies.language.json_reader import JsonValue

LEFT_OUT: Final = "Service-linked roles are left out: neither SCPs nor RCPs bind them."
"""Said with each answer that rests on SCPs or RCPs."""
_ASKED: Final[Mapping[GuardedCallers, str]] = {
    GuardedCallers.OWN: "by a principal of the account",
    GuardedCallers.OWN_ELSEWHERE: "by a principal of the account on a resource of another account",
    GuardedCallers.OUTSIDERS: "by anyone else on a resource of the account",
}


def because(
    guardrail: CompiledGuardrail,
    found: AccountAnswer,
    request: Mapping[str, JsonValue] | None,
    *,
    is_management: bool,
) -> str:
    """Return the sentences. `request`: the counterexample."""
    answer = found.answer
    if request is not None:
        said = _failing(found, request, is_management=is_management)
    elif answer.outcome is GuardrailOutcome.UNDECIDED:
        where = "" if answer.when in ("", ALWAYS) else f" where {answer.when}"
        said = f"It is not known whether a request passes{where}: {answer.reason}."
    else:
        said = _holding(guardrail, found, is_management=is_management)
    return f"{said} {LEFT_OUT}"


def _holding(guardrail: CompiledGuardrail, found: AccountAnswer, *, is_management: bool) -> str:
    if is_management:
        return "No request is guarded: every principal is excepted or meets the conditions."
    asked = ", or ".join(_ASKED[one] for one in found.asked)
    return f"The SCPs and RCPs of the account deny every guarded request {asked}."


def _failing(found: AccountAnswer, request: Mapping[str, JsonValue], *, is_management: bool) -> str:
    answer = found.answer
    act = f"{request['principal']} can do {request['action']} on {request['resource']}"
    if answer.needs_no_permission:
        return f"{act}: it needs no permission, and no policy denies it."
    where = "" if answer.when in ("", ALWAYS) else f" where {answer.when}"
    if is_management:
        by = (
            "not bound by RCPs"
            if found.callers is GuardedCallers.OUTSIDERS
            else "not bound by SCPs"
        )
        said = f"The management account is {by}: {act}{where}."
    elif found.callers is GuardedCallers.OUTSIDERS:
        said = f"{act}, which is the account's, if its policy allows it: no RCP denies it{where}."
    elif found.callers is GuardedCallers.OWN_ELSEWHERE:
        said = f"{act}, which is another account's: SCPs let it pass{where}."
    else:
        said = f"{act}: the SCPs and RCPs of the account let it pass{where}."
    return f"{said} It passes {answer.remark}." if answer.remark else said
