"""`guardrail`: one JSON object with a guardrail and policies in, what is proven per account out."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from typing import Final

from policies.cli.json_input import (
    BadInput,
    as_list,
    as_object,
    as_text,
    member,
    read_object,
    refuse_unknown,
)
from policies.cli.streams import Streams
from policies.cli.tree import TARGETS_HELP, TreeReader, target_ids
from policies.compiled import default_compiler
from policies.guardrails import (
    AccountResult,
    BadGuardrail,
    EffectGuardrail,
    GuardrailChecker,
    UnknownAccount,
)
from policies.language.json_reader import JsonValue
from policies.language.policy_types import PolicyType

_MEMBERS: Final = frozenset(
    {"guardrail", "targets", "resource_control_targets", "management_account_id", "report_on"}
)
_GUARDRAIL: Final = frozenset({"id", "scope", "effect"})
_EFFECT: Final = frozenset({"actions", "resources", "principals_except", "unless"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command; it takes no arguments."""
    parser.description = (
        "Prove for each account whether a guardrail holds: that nobody can do some actions, "
        "except exempt principals or where a condition holds. Reads one JSON object from standard "
        "input and writes one. Each failure has a request that passes the SCPs and RCPs."
    )
    parser.epilog = (
        'Input:\n  {"guardrail": {"id": text,\n'
        '     "scope": {"accounts": [account ids, default all]},\n'
        '     "effect": {"actions": [patterns], "resources": [ARN patterns; with them others than\n'
        "                  the account's principals are asked about, too],\n"
        '                "principals_except": [patterns of aws:PrincipalArn],\n'
        '                "unless": condition block, or a list of them of which one must hold}},\n'
        '   "targets": [targets with SCPs], "resource_control_targets": [targets with RCPs],\n'
        '   "management_account_id": 12 digits, "report_on": [account ids, default the scope]}\n'
        + TARGETS_HELP
        + 'Output:\n  {"accounts": {account id: {"result": "holds", "fails" or "undecided",\n'
        '     "counterexample": a request as evaluate reads it, or null,\n'
        '     "because": text, "keys": [context keys it hangs on]}}, "seconds": ...}\n'
        "  An account outside the scope is left out.\n"
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Decide the guardrail.

    :raises BadInput: see `read_object`, `TreeReader.read`; or the guardrail or an account is none.
    """
    given = read_object(streams.input)
    refuse_unknown(given, _MEMBERS, "the input")
    started = time.perf_counter()
    written = as_object(member(given, "guardrail", "the input"), '"guardrail"')
    guardrail, scope = _guardrail(written)
    compiler = default_compiler()
    tree = TreeReader(compiler, PolicyType.SERVICE_CONTROL_POLICY).read(
        member(given, "targets", "the input"), '"targets"'
    )
    controls = given.get("resource_control_targets")
    resource_tree = None
    if controls is not None:
        reader = TreeReader(compiler, PolicyType.RESOURCE_CONTROL_POLICY)
        resource_tree = reader.read(controls, '"resource_control_targets"')
    management = given.get("management_account_id")
    report_on = target_ids(given, "report_on")
    asked = report_on if report_on is not None else scope
    if asked is not None and scope is not None:
        asked = [account_id for account_id in asked if account_id in set(scope)]
    try:
        checker = GuardrailChecker(
            compiler,
            tree,
            resource_tree,
            None if management is None else as_text(management, '"management_account_id"'),
        )
        found = checker.check([guardrail], asked)[guardrail.id]
    except (BadGuardrail, UnknownAccount) as error:
        raise BadInput(str(error)) from error
    answer = {
        "accounts": {account_id: _result(result) for account_id, result in found.items()},
        "seconds": round(time.perf_counter() - started, 6),
    }
    streams.output.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


def _result(result: AccountResult) -> dict[str, object]:
    return {
        "result": result.outcome.value,
        "counterexample": result.counterexample,
        "because": result.because,
        "keys": list(result.keys),
    }


def _guardrail(given: dict[str, JsonValue]) -> tuple[EffectGuardrail, list[str] | None]:
    """Return a guardrail, and the accounts of its scope; None: all."""
    refuse_unknown(given, _GUARDRAIL, '"guardrail"')
    name = as_text(member(given, "id", '"guardrail"'), '"id"')
    effect = as_object(member(given, "effect", '"guardrail"'), '"effect"')
    refuse_unknown(effect, _EFFECT, '"effect"')
    member(effect, "actions", '"effect"')
    scope = as_object(given.get("scope") or {}, '"scope"')
    refuse_unknown(scope, frozenset({"accounts"}), '"scope"')
    guardrail = EffectGuardrail(
        id=name,
        actions=_texts(effect, "actions"),
        resources=_texts(effect, "resources"),
        principals_except=_texts(effect, "principals_except"),
        unless=_unless(effect.get("unless")),
    )
    return guardrail, target_ids(scope, "accounts")


def _texts(owner: dict[str, JsonValue], name: str) -> tuple[str, ...]:
    value = owner.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(as_text(item, f'an item of "{name}"') for item in as_list(value, f'"{name}"'))


def _unless(
    value: JsonValue,
) -> Mapping[str, JsonValue] | tuple[Mapping[str, JsonValue], ...]:
    if value is None:
        return {}
    if isinstance(value, list):
        return tuple(as_object(item, 'an item of "unless"') for item in value)
    return as_object(value, '"unless"')
