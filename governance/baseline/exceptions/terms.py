"""What an exception says, read and checked, and the SHA-256 that a review counts for."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any, Final

from django.contrib.auth.models import User

from governance.access.owners.targets import OwnedTree, target_tree
from governance.approvals.agreements.terms import AgreementInvalid
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrails_in_force
from inventory.models import Connection

LONGEST_DAYS: Final = 366
MOST_TARGETS: Final = 100
MOST_PRINCIPALS: Final = 50
_LONGEST_TEXT: Final = 4000
MEMBERS: Final = (
    *("guardrail_id", "kind", "targets", "principals", "reason", "mitigation", "owner", "until"),
)


@dataclass(frozen=True, slots=True)
class ExceptionTerms:
    """What is agreed to. `until`: the last day on which it holds."""

    guardrail_id: str
    kind: str
    target_ids: tuple[str, ...]
    reason: str
    owner_id: int
    until: date
    principals: tuple[str, ...] = ()
    mitigation: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over all of it."""
        parts = [
            *(self.guardrail_id, self.kind, sorted(self.target_ids), sorted(self.principals)),
            *(self.reason, self.mitigation, self.owner_id, self.until.isoformat()),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return it as the audit log has it."""
        return {
            "guardrail_id": self.guardrail_id,
            "kind": self.kind,
            "targets": list(self.target_ids),
            "principals": list(self.principals),
            "reason": self.reason,
            "mitigation": self.mitigation,
            "owner_id": self.owner_id,
            "until": self.until.isoformat(),
        }


def terms_of(exception: GuardrailException) -> ExceptionTerms:
    """Return the terms of a stored exception."""
    return ExceptionTerms(
        guardrail_id=exception.guardrail_id,
        kind=exception.kind,
        target_ids=tuple(exception.target_ids),
        reason=exception.reason,
        owner_id=exception.owner_id,
        until=exception.until,
        principals=tuple(exception.principals),
        mitigation=exception.mitigation,
    )


@dataclass(slots=True)
class _GivenTerms:
    """What a check of terms looks at, and what it found wrong."""

    given: Mapping[str, Any]
    tree: OwnedTree
    guardrails: Mapping[str, GuardrailInForce]
    errors: dict[str, str] = field(default_factory=dict)


def read_exception_terms(
    given: Mapping[str, Any], connection: Connection, *, today: date, by: User
) -> ExceptionTerms:
    """Read terms as a page or a program gives them.

    `given`: `MEMBERS`; without an owner it is whoever asks.

    :raises AgreementInvalid: naming every member that is wrong.
    """
    reading = _GivenTerms(given, target_tree(connection), guardrails_in_force(connection))
    guardrail_id = _guardrail(reading)
    kind = _kind(reading)
    target_ids = _targets(reading)
    principals = _principals(reading, guardrail_id)
    reason = _text(reading, "reason", required=True)
    mitigation = _text(reading, "mitigation", required=kind == GuardrailException.Kind.MITIGATED)
    if kind == GuardrailException.Kind.WAIVER and mitigation:
        reading.errors["mitigation"] = "a waiver has none: choose mitigated, or leave it empty"
    owner_id = _owner(reading, by)
    until = _until(reading, today)
    if reading.errors or until is None:
        raise AgreementInvalid(reading.errors)
    return ExceptionTerms(
        guardrail_id=guardrail_id,
        kind=kind,
        target_ids=target_ids,
        reason=reason,
        owner_id=owner_id,
        until=until,
        principals=principals,
        mitigation=mitigation,
    )


def _guardrail(reading: _GivenTerms) -> str:
    given = str(reading.given.get("guardrail_id") or "")
    found = reading.guardrails.get(given)
    if found is None:
        near = get_close_matches(given, reading.guardrails, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        reading.errors["guardrail_id"] = f"there is no guardrail {given[:80]}{hint}"
    elif not found.enabled:
        reading.errors["guardrail_id"] = f"{given} is disabled: nothing is to be excepted"
    return given


def _kind(reading: _GivenTerms) -> str:
    given = str(reading.given.get("kind") or "")
    if given not in GuardrailException.Kind.values:
        reading.errors["kind"] = f"choose one of {', '.join(GuardrailException.Kind.values)}"
    return given


def _texts(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        return None
    return tuple(dict.fromkeys(one.strip() for one in value if one.strip()))


def _targets(reading: _GivenTerms) -> tuple[str, ...]:
    found = _texts(reading.given.get("targets") or [])
    if not found or len(found) > MOST_TARGETS:
        reading.errors["targets"] = f"give 1 to {MOST_TARGETS} ids of accounts, OUs or the root"
        return ()
    unknown = [one for one in found if one not in reading.tree.by_id]
    if unknown:
        reading.errors["targets"] = f"the organization has no {unknown[0][:140]}"
    return found


def _principals(reading: _GivenTerms, guardrail_id: str) -> tuple[str, ...]:
    found = _texts(reading.given.get("principals") or [])
    if found is None or len(found) > MOST_PRINCIPALS:
        reading.errors["principals"] = f"give {MOST_PRINCIPALS} patterns of ARNs at most"
        return ()
    for one in found:
        if not one.startswith("arn:") or one.count(":") < 5 or len(one) > 2048:
            reading.errors["principals"] = f"{one[:80]}: write arn:aws:iam::*:role/Name"
    guardrail = reading.guardrails.get(guardrail_id)
    if found and guardrail is not None and not guardrail.document.effect:
        reading.errors["principals"] = "a guardrail about state does not ask who: leave it empty"
    return found


def _text(reading: _GivenTerms, name: str, *, required: bool) -> str:
    value = reading.given.get(name) or ""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or "\0" in value:
        reading.errors[name] = f"give a text of {_LONGEST_TEXT:,} characters at most"
        return ""
    if required and not value.strip():
        reading.errors[name] = "say it in a sentence"
    return value.strip()


def _owner(reading: _GivenTerms, by: User) -> int:
    given = reading.given.get("owner")
    if not given:
        return by.pk
    people = User.objects.filter(is_active=True)
    chosen = people.filter(pk=given) if isinstance(given, int) else people.filter(username=given)
    found = chosen.values_list("pk", flat=True).first()
    if found is None:
        reading.errors["owner"] = f"nobody active is called {str(given)[:80]}"
        return 0
    return found


def _until(reading: _GivenTerms, today: date) -> date | None:
    given = reading.given.get("until")
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given)
        except ValueError:
            given = None
    last = today + timedelta(days=LONGEST_DAYS)
    if not isinstance(given, date) or not today <= given <= last:
        reading.errors["until"] = f"give the last day, from {today} to {last}"
        return None
    return given
