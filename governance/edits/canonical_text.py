"""Policies' texts in one form, so that another order or layout is no difference."""

import json
import re
from typing import Any, Final

from policies import PolicyDocument, PolicyType, Statement, parse_policy

_TYPES: Final = frozenset(PolicyType)
_ACCOUNT: Final = re.compile(r"^arn:[a-z0-9-]+:iam::(\d{12}):root$")
_VARIABLE_KEY: Final = re.compile(r"\$\{\s*([^}\s,'*?$]+)")


def canonical_text(text: str, policy_type: str) -> str:
    """Return what is equal for two texts of one type that hold the same statements or settings.

    Of a policy of statements: each with its actions, resources, principals and conditions in
    order, whichever way they were written; the order of statements, their Sid, the case of
    actions, operators, condition keys and policy variables, and whether an account is named by its
    id or by its root ARN do not count.
    Of others: the JSON with its members in order. Of what is no JSON: the text itself.
    """
    if policy_type in _TYPES:
        document = parse_policy(text, PolicyType(policy_type)).document
        if document is not None:
            return _document(document)
    try:
        return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return text


def _document(document: PolicyDocument) -> str:
    statements = sorted(
        json.dumps(_statement(each), sort_keys=True, separators=(",", ":"))
        for each in document.statements
    )
    # Two equal statements say what one says.
    kept = list(dict.fromkeys(statements))
    return json.dumps([document.expands_variables, kept], separators=(",", ":"))


def _statement(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": statement.effect.value}
    for name, actions in (("Action", statement.actions), ("NotAction", statement.not_actions)):
        if actions is not None:
            found[name] = sorted({action.lower() for action in actions})
    for name, resources in (
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if resources is not None:
            found[name] = sorted({_with_variables(resource) for resource in resources})
    for name, principals in (
        ("Principal", statement.principals),
        ("NotPrincipal", statement.not_principals),
    ):
        if principals is not None:
            found[name] = sorted({(each.kind, _principal(each.value)) for each in principals})
    if statement.conditions:
        found["Condition"] = sorted(
            [
                each.written_operator.lower(),
                each.key.lower(),
                sorted({_with_variables(value) for value in each.values}),
            ]
            for each in statement.conditions
        )
    return found


def _principal(value: str) -> str:
    """Return the id of an account that is named by its root ARN; others as they are."""
    return _ACCOUNT.sub(r"\1", value)


def _with_variables(text: str) -> str:
    """Write the keys of policy variables in small letters, as AWS compares them."""
    if "${" not in text:
        return text
    return _VARIABLE_KEY.sub(lambda found: "${" + found[1].lower(), text)
