"""What is wrong with the actions, conditions and policies that a guardrail names."""

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from governance.baseline.guardrails.documents import EffectAssertion
from governance.baseline.guardrails.parameters import LABELS, NAMED, OPTIONAL, names_in
from governance.edits.suggestions import meant_or_listed
from policies import PolicyType, Severity, default_compiler, load_catalogue, parse_policy
from policies.guardrails import BadGuardrail, EffectGuardrail
from policies.guardrails.compiled_guardrail import compile_guardrail
from policies.language.operators import OPERATOR_NAMES, operator_parts
from policies.lint.keys import find_key, suggest_key

_PLACE: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_SAMPLES: Final[Mapping[str, str]] = {
    "allowed_regions": "eu-central-1",
    "trusted_account_ids": "111122223333",
    "management_account_id": "111122223333",
    "expected_networks": "203.0.113.0/24",
    "expected_vpcs": "vpc-0a1b2c3d",
    "required_tag_keys": "Owner",
    "organization_id": "o-exampleorgid",
    "root_id": "r-ab12",
    "isolated_units": "ou-ab12-11111111",
}
_SAMPLE_ROLE: Final = "arn:aws:iam::*:role/Example"

Path = tuple[int | str, ...]


def action_problem(action: str) -> str:
    """Return what is wrong with an action or a pattern of actions; empty: the catalogue has it."""
    catalogue = load_catalogue()
    if NAMED.search(action):
        return "an action cannot be a parameter"
    service, colon, name = action.partition(":")
    if action == "*" or catalogue.bits(action):
        return ""
    if not colon or not name:
        return f"{action[:80]} is not an action: write one as s3:PutObject"
    if "*" not in service and service.lower() not in catalogue.service_ranges:
        near = get_close_matches(service.lower(), catalogue.services, n=1, cutoff=0.7)
        hint = f"; did you mean {near[0]}:{name}?" if near else ""
        return f"AWS has no service {service[:80]}{hint}"
    if "*" in action or "?" in action:
        return f"no action is matched by {action[:80]}"
    span = catalogue.service_ranges[service.lower()]
    own = {catalogue.lower_names[at]: catalogue.names[at] for at in span}
    near = get_close_matches(action.lower(), own, n=1, cutoff=0.7)
    hint = f"; did you mean {own[near[0]]}?" if near else ""
    return f"AWS has no action {action[:80]}{hint}"


def condition_problems(block: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with a condition block, each with its place in it."""
    catalogue = load_catalogue()
    for operator, keys in block.items():
        if problem := _operator_problem(operator):
            yield (operator,), problem
        if not isinstance(keys, Mapping):
            yield (operator,), "give keys, each with its values"
            continue
        for key, values in keys.items():
            name = NAMED.sub("Example", key)
            if find_key(catalogue, name) is None:
                better = suggest_key(catalogue, name)
                hint = f"; did you mean {better}?" if better else ""
                yield (operator, key), f"AWS has no condition key {key[:80]}{hint}"
            if values in (None, [], "", {}):
                yield (operator, key), "give values"
    yield from _parameter_problems(block)


def effect_problems(effect: EffectAssertion) -> Iterator[tuple[Path, str]]:
    """Yield parameters that there are not, else what the engine cannot decide of an effect.

    Its actions and conditions are in order by themselves.
    """
    unknown = [
        ((name, number, *below), problem)
        for name in ("resources", "principals_except")
        for number, text in enumerate(getattr(effect, name))
        for below, problem in _parameter_problems(text)
    ]
    yield from unknown
    if unknown:
        return
    sampled = EffectGuardrail(
        id="effect",
        actions=effect.actions,
        resources=tuple(map(_sampled, effect.resources)),
        principals_except=tuple(map(_sampled, effect.principals_except)),
        unless=tuple(map(_sampled, effect.unless)),
    )
    try:
        compile_guardrail(sampled, default_compiler())
    except BadGuardrail as error:
        yield (), str(error).removeprefix("guardrail effect").removeprefix(":").strip()


def _operator_problem(operator: str) -> str:
    if operator_parts(operator).operator is not None:
        return ""
    plain = operator.rpartition(":")[2].lower().removesuffix("ifexists")
    known = {name.lower(): name for name in OPERATOR_NAMES}
    near = get_close_matches(plain, known, n=1, cutoff=0.6)
    hint = f"; did you mean {known[near[0]]}?" if near else ""
    return f"AWS has no condition operator {operator[:80]}{hint}"


def policy_problems(policy: Mapping[str, Any], kind: PolicyType) -> Iterator[tuple[Path, str]]:
    """Yield what AWS would refuse in a remedy's policy, each with its place in it."""
    unknown = list(_parameter_problems(policy))
    yield from unknown
    if unknown:
        return
    parsed = parse_policy(json.dumps(_sampled(policy)), kind)
    for one in parsed.diagnostics:
        if one.severity is Severity.ERROR:
            yield _path_of(one.path), one.message
    if parsed.document is None:
        return
    statements = policy.get("Statement", [])
    for number, statement in enumerate(statements if isinstance(statements, list) else []):
        if not isinstance(statement, Mapping):
            continue
        for member in ("Action", "NotAction"):
            actions = statement.get(member, [])
            listed = [actions] if isinstance(actions, str) else actions
            for at, action in enumerate(listed):
                if problem := action_problem(str(action)):
                    place = (member,) if isinstance(actions, str) else (member, at)
                    yield ("Statement", number, *place), problem
        for below, problem in condition_problems(statement.get("Condition", {})):
            yield ("Statement", number, "Condition", *below), problem


def _path_of(text: str) -> Path:
    return tuple(int(number) if number else name.strip() for name, number in _PLACE.findall(text))


def _parameter_problems(value: Any) -> Iterator[tuple[Path, str]]:
    for name in dict.fromkeys(names_in(value)):
        if name not in LABELS:
            hint = meant_or_listed(name, LABELS, "there are")
            yield (), f"there is no parameter {{{{{name}}}}}; {hint}"


def _sampled(value: Any) -> Any:
    """Return a policy with an example in the place of each parameter."""
    if isinstance(value, str):
        return NAMED.sub(_sample, value)
    if isinstance(value, Mapping):
        return {str(_sampled(key)): _sampled(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sampled(member) for member in value]
    return value


def _sample(match: "re.Match[str]") -> str:
    name = match.group(1)
    return _SAMPLE_ROLE if name in OPTIONAL else _SAMPLES.get(name, "example")
