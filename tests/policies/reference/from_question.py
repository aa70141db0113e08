"""Answers a question with unknown keys by trying their values one after another."""

from __future__ import annotations

import ipaddress
import itertools
import json
import re

from tests.policies.reference.evaluator import NotKnown, decide
from tests.policies.reference.matching import as_list, instant, number, operator_of

POLICIES = (
    "service_control_policies", "resource_control_policies", "identity_policies",
    "permission_boundary", "session_policy", "resource_policy", "vpc_endpoint_policy",
)  # fmt: skip


def reference_answer(question: dict) -> str:
    """Return allowed, explicitDeny, implicitDeny, or unknown."""
    request = question["request"]
    context = {
        key.lower(): [plain(v) for v in value] if isinstance(value, list) else plain(value)
        for key, value in (request.get("context") or {}).items()
    }
    unknown = [key.lower() for key in request.get("unknown_context") or []]
    constants = all_constants(question)
    outcomes: set[str] = set()
    for values in itertools.product(*(candidates(key, constants) for key in unknown)):
        outcomes |= outcomes_with(question, {**context, **dict(zip(unknown, values, strict=True))})
        if len(outcomes) > 1:
            return "unknown"
    return outcomes.pop()


def outcomes_with(question: dict, context: dict) -> set[str]:
    """Decide, trying both answers for what is neither true nor false."""
    open_guesses: list[dict] = [{}]
    outcomes = set()
    while open_guesses:
        guesses = open_guesses.pop()
        try:
            outcomes.add(decide(question, context, guesses))
        except NotKnown as what:
            open_guesses += [{**guesses, str(what): answer} for answer in (True, False)]
    return outcomes


def plain(value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def all_constants(question: dict) -> dict[str, list[tuple[str, str]]]:
    """Return by key every (operator, text) that any policy compares with it."""
    found: dict[str, list[tuple[str, str]]] = {}

    def walk(value) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for operator, keys in (value.get("Condition") or {}).items():
                for key, texts in keys.items():
                    found.setdefault(key.lower(), []).extend(
                        (operator, plain(text)) for text in as_list(texts)
                    )
            for name, item in value.items():
                if name != "Condition":
                    walk(item)

    walk([question.get(name) for name in POLICIES])
    for match in re.finditer(
        r"\$\{\s*([^}\s,']+)", json.dumps([question.get(n) for n in POLICIES])
    ):
        found.setdefault(match[1].lower(), [])
    found[""] = [("", str(question["request"].get("resource", "*")))]
    return found


def candidates(key: str, constants: dict) -> list:
    """Return values of a key between which the policies can tell."""
    texts = {"", "~other~"}
    several = key.startswith("kms:resourcealiases")
    for operator, text in constants.get(key, []):
        parts = operator_of(operator)
        several |= bool(parts and parts[0])
        texts |= {text, text.swapcase(), "true", "false"}
        texts |= {
            text.replace("*", star).replace("?", one) for star in ("", "q", "qq") for one in "qr"
        }
        if number(text) is not None or instant(text) is not None:
            texts |= around_numbers(text)
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue
        first, last = int(network[0]), int(network[-1])
        kind = type(network[0])
        top = (1 << network.max_prefixlen) - 1
        texts |= {str(kind(n)) for n in (first - 1, first, last, last + 1) if 0 <= n <= top}
    for part in re.split(r"[/:]", constants[""][0][1]):
        texts.add(part)
    if several:
        texts |= {"alias/aws/x"}
        ordered = sorted(texts)
        lists = [list(pair) for size in (1, 2) for pair in itertools.combinations(ordered, size)]
        return [None, *ordered, [], *lists]
    return [None, *sorted(texts)]


def around_numbers(text: str) -> set[str]:
    found = set()
    value = number(text)
    if value is not None:
        found |= {str(float(value + step)) for step in (-1, -0.5, 0, 0.5, 1)}
    moment = instant(text)
    if moment is not None and number(text) is None:
        found |= {str(int(moment) + step) for step in (-1, 0, 1)}
    return found
