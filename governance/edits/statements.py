"""The statements of a draft's text, each to be taken out with one click."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

_INDENT: Final = 2
_ACTIONS_NAMED: Final = 2


class NoSuchStatement(ValueError):
    """The text holds no such statement any more, or cannot be read."""


@dataclass(frozen=True, slots=True)
class TextStatement:
    """One statement of a text. `number` from 1; `name`: its Sid, or what it does in few words.

    `sha256`: of the statement as canonical JSON, 64 hex digits.
    """

    number: int
    name: str
    effect: str
    sha256: str


def text_statements(text: str) -> tuple[TextStatement, ...]:
    """Return the statements of a policy's text; none of a text that cannot be read."""
    try:
        statements = _statements(json.loads(text))
    except (ValueError, RecursionError):
        return ()
    return tuple(
        TextStatement(number, _name(one, number), str(one.get("Effect", "")), _sha256(one))
        for number, one in enumerate(statements, start=1)
    )


def without_statement(text: str, sha256: str) -> str:
    """Return a policy's text without one of its statements.

    :raises NoSuchStatement: none has this digest, or the text cannot be read.
    """
    try:
        document = json.loads(text)
        statements = _statements(document)
    except (ValueError, RecursionError):
        raise NoSuchStatement("the text cannot be read: correct it first") from None
    for place, one in enumerate(statements):
        if _sha256(one) == sha256:
            left = [*statements[:place], *statements[place + 1 :]]
            changed = {**document, "Statement": left}
            return json.dumps(changed, indent=_INDENT, ensure_ascii=False)
    raise NoSuchStatement("this statement is gone from the text: open the page again")


def _statements(document: Any) -> list[dict[str, Any]]:
    """Return the statements of a document.

    :raises ValueError: it has none that can be told apart.
    """
    if not isinstance(document, dict):
        raise ValueError("a policy is an object")
    found = document.get("Statement", [])
    statements = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in statements):
        raise ValueError("a statement is an object")
    return statements


def _name(statement: dict[str, Any], number: int) -> str:
    sid = statement.get("Sid")
    if isinstance(sid, str) and sid:
        return sid
    for element, words in (("Action", ""), ("NotAction", "all but ")):
        given = statement.get(element)
        actions = [given] if isinstance(given, str) else given
        if isinstance(actions, list) and actions:
            named = ", ".join(str(one) for one in actions[:_ACTIONS_NAMED])
            more = len(actions) - _ACTIONS_NAMED
            return f"{words}{named}{f' and {more} more' if more > 0 else ''}"
    return f"Statement {number}"


def _sha256(statement: dict[str, Any]) -> str:
    canonical = json.dumps(statement, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
