"""Effect guardrails of an organization, decided by the engine under the policies in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from governance.baseline.guardrails.documents import EffectAssertion, GuardrailDocument
from governance.baseline.guardrails.findings import GuardrailFinding, Outcome, worst_of
from governance.baseline.guardrails.parameters import (
    GuardrailParameters,
    ParameterUnset,
    filled,
    filled_texts,
)
from governance.baseline.guardrails.proofs import proof_content
from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    InForce,
)
from governance.posture.state.process_cache import ProcessCache
from policies import default_compiler
from policies.guardrails import AccountResult, BadGuardrail, EffectGuardrail, GuardrailChecker
from policies.guardrails.results import GuardrailResults

_PART: Final = "#"
_checkers: Final[ProcessCache[tuple[object, ...], GuardrailChecker]] = ProcessCache(most=4)
_MOST_PROOFS: Final = 250_000
"""How many proofs are shared before a new state begins with none."""
# A checker remembers what it proved and is not safe in threads.
_checking: Final = Lock()


def engine_guardrails(
    document: GuardrailDocument, parameters: GuardrailParameters
) -> tuple[EffectGuardrail, ...]:
    """Return the effects of a guardrail as the engine takes them, parameters filled in.

    :raises ParameterUnset: one that it needs has no value.
    """
    return tuple(
        EffectGuardrail(
            id=f"{document.id}{_PART}{number}" if number else document.id,
            actions=one.actions,
            resources=_resources(one, parameters),
            principals_except=filled_texts(one.principals_except, parameters),
            unless=_unless(one, parameters),
        )
        for number, one in enumerate(document.effect)
    )


def _resources(one: EffectAssertion, parameters: GuardrailParameters) -> tuple[str, ...]:
    found = filled_texts(one.resources, parameters)
    if one.resources and not found:
        # No resource at all, and not any resource: there is nothing that it could guard.
        raise ParameterUnset(one.resources[0].strip("{} "))
    return found


def _unless(one: EffectAssertion, parameters: GuardrailParameters) -> tuple[Mapping[str, Any], ...]:
    """Return the blocks, less those whose optional parameters have no values.

    A block that loses a key would hold more often; so it goes as a whole.
    """
    found: list[Mapping[str, Any]] = []
    for block in one.unless:
        put = filled(block, parameters)
        if _shape(put) >= _shape(block):
            found.append(put)
    if one.unless and not found:
        raise ParameterUnset("unless")
    return tuple(found)


def _shape(block: Mapping[str, Any]) -> int:
    return sum(len(keys) if isinstance(keys, Mapping) else 1 for keys in block.values())


@dataclass(slots=True)
class EffectRequest:
    """A guardrail to decide in some accounts. `guardrails`: its effects as the engine takes them,
    empty where `problem` says why it cannot be decided."""

    guardrail_id: str
    account_ids: Sequence[str]
    guardrails: tuple[EffectGuardrail, ...] = ()
    problem: str = ""


def decide_effects(
    organization: CompiledOrganization, requests: Sequence[EffectRequest]
) -> dict[str, dict[str, GuardrailFinding]]:
    """Return guardrail id → account id → what is found of it.

    Accounts that are not in the tree, or on whose path a policy could not be read, are not decided
    as if it were not there: they are not covered, or undecided where something fails without it.
    """
    found: dict[str, dict[str, GuardrailFinding]] = {one.guardrail_id: {} for one in requests}
    groups: dict[tuple[str, ...], list[EffectRequest]] = {}
    for one in requests:
        if one.problem:
            finding = GuardrailFinding(Outcome.UNDECIDED, one.problem)
            found[one.guardrail_id] = dict.fromkeys(one.account_ids, finding)
        elif one.account_ids:
            groups.setdefault(tuple(one.account_ids), []).append(one)
    if not groups:
        return found
    with _checking:
        checker = _checker(organization)
        for account_ids, given in groups.items():
            chosen = []
            for one in given:
                problem = _problem(checker, one.guardrails)
                if problem:
                    finding = GuardrailFinding(Outcome.UNDECIDED, problem)
                    found[one.guardrail_id] = dict.fromkeys(account_ids, finding)
                else:
                    chosen.append(one)
            known = [one for one in account_ids if one in organization.names]
            results = checker.check(
                [guardrail for one in chosen for guardrail in one.guardrails], known
            )
            doubts = _doubts(organization, account_ids)
            for one in chosen:
                parts = [results[guardrail.id] for guardrail in one.guardrails]
                found[one.guardrail_id] = _together(
                    parts, account_ids, doubts, one, organization.management_account_id
                )
    return found


def _problem(checker: GuardrailChecker, guardrails: Sequence[EffectGuardrail]) -> str:
    """Return why the engine cannot ask a guardrail, such as an action that AWS no longer has."""
    try:
        for one in guardrails:
            checker.plan_of(one)
    except BadGuardrail as error:
        return f"It cannot be asked: {error}"
    return ""


def _together(
    parts: Sequence[Mapping[str, AccountResult]],
    account_ids: Sequence[str],
    doubts: Mapping[str, "_Doubt"],
    request: EffectRequest,
    management_account_id: str | None,
) -> dict[str, GuardrailFinding]:
    alike: dict[tuple[object, ...], GuardrailFinding] = {}
    doubted: dict[str, GuardrailFinding] = {}
    found = {}
    for account_id in account_ids:
        doubt = doubts.get(account_id)
        if doubt is not None and doubt.binds(request.guardrails):
            finding = doubted.get(doubt.because)
            if finding is None:
                finding = doubted[doubt.because] = GuardrailFinding(doubt.outcome, doubt.because)
            found[account_id] = finding
            continue
        # Accounts that are alike share an answer; making a result of it takes longer than deciding.
        key = (
            account_id == management_account_id,
            *(id(_answer_of(part, account_id)) for part in parts),
        )
        finding = alike.get(key)
        if finding is None:
            worst = worst_of(_finding(part[account_id], account_id) for part in parts)
            finding = alike[key] = worst
        found[account_id] = finding
    return found


def _answer_of(results: Mapping[str, AccountResult], account_id: str) -> object:
    if isinstance(results, GuardrailResults):
        return results.answers[account_id]
    return account_id


def _finding(result: AccountResult, account_id: str) -> GuardrailFinding:
    content = proof_content(
        because=result.because,
        account_id=account_id,
        counterexample=result.counterexample,
        keys=tuple(result.keys),
    )
    return GuardrailFinding(
        Outcome(result.outcome.value),
        content["because"],
        content["counterexample"],
        tuple(content["keys"]),
        is_general=True,
    )


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Why an account cannot be decided. `resources_only`: guardrails without resources can."""

    outcome: Outcome
    because: str
    resources_only: bool = False

    def binds(self, guardrails: Sequence[EffectGuardrail]) -> bool:
        return not self.resources_only or any(one.resources for one in guardrails)


def _doubts(organization: CompiledOrganization, account_ids: Sequence[str]) -> dict[str, _Doubt]:
    scps, rcps = organization.control(SCP), organization.control(RCP)
    if scps.in_force is InForce.NOT_COLLECTED:
        never = _Doubt(Outcome.NOT_COVERED, "SCPs of the organization were never read completely.")
        return dict.fromkeys(account_ids, never)
    found: dict[str, _Doubt] = {}
    rcps_unknown = rcps.in_force is InForce.NOT_COLLECTED
    for account_id in account_ids:
        if account_id not in organization.names:
            found[account_id] = _Doubt(
                Outcome.NOT_COVERED, "Its place in the organization was not read."
            )
        elif scps.unreadable and (unread := scps.unreadable_on_path(account_id)):
            found[account_id] = _unreadable("SCP", unread[0][1].name)
        elif rcps_unknown:
            said = "RCPs of the organization were never read completely."
            found[account_id] = _Doubt(Outcome.NOT_COVERED, said, resources_only=True)
        elif rcps.unreadable and (unread := rcps.unreadable_on_path(account_id)):
            doubt = _unreadable("RCP", unread[0][1].name)
            found[account_id] = _Doubt(doubt.outcome, doubt.because, resources_only=True)
    return found


def _unreadable(kind: str, name: str) -> _Doubt:
    return _Doubt(
        Outcome.UNDECIDED, f"The {kind} {name} on its path is not a policy that can be read."
    )


def _checker(organization: CompiledOrganization) -> GuardrailChecker:
    return _checkers.get(organization.key, lambda: _made_checker(organization))


def _made_checker(organization: CompiledOrganization) -> GuardrailChecker:
    """Return the engine's checker over the policies of an organization.

    It shares what was proven under another state of the same organization, so that after an edit
    only what the edit changes is proven again.
    """
    rcps = organization.resource_control
    resource_control = rcps.tree if rcps.in_force is InForce.IN_FORCE else None
    ids = organization.organization
    for key in reversed(_checkers.kept_keys()):
        known = _checkers.known(key) if key[0] == organization.key[0] else None
        if known is not None and known.ids == ids and known.proofs < _MOST_PROOFS:
            return known.under(organization.service_control.tree, resource_control)
    return GuardrailChecker(
        default_compiler(),
        organization.service_control.tree,
        resource_control,
        organization.management_account_id,
        organization_id=ids.organization_id,
    )


def with_checker(organization: CompiledOrganization, use: Callable[[GuardrailChecker], Any]) -> Any:
    """Call a function with the shared checker of an organization, one thread at a time."""
    with _checking:
        return use(_checker(organization))
