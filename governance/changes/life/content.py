"""What a change request asks for, read from decoded JSON and checked for its form."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeRequest
from governance.edits.operations import JsonObject, OperationsInvalid, read_operations

LONGEST_TITLE: Final = 200
LONGEST_REASON: Final = 10_000
LONGEST_URL: Final = 500
LONGEST_RING_NAME: Final = 120
MOST_RINGS: Final = 20
MOST_RING_TARGETS: Final = 2000
LONGEST_SOAK_MINUTES: Final = 60 * 24 * 30
GATES: Final = ("automatic", "manual")
_RING_MEMBERS: Final = ("name", "targets", "soak_minutes", "gate")
_TARGET_ID: Final = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12}")
_CHECK_URL: Final = URLValidator(schemes=["http", "https"])

ContentError = tuple[tuple[int | str, ...], str]
"""Where in the content something is wrong, and what to do."""


class ContentInvalid(CannotChangeRequest):
    """What is asked for does not have its form. `errors`: (path, what to do) pairs."""

    def __init__(self, errors: Iterable[ContentError]) -> None:
        self.errors = tuple(errors)
        super().__init__(
            "; ".join(f"{'/'.join(map(str, path))}: {words}" for path, words in self.errors)
        )


@dataclass(frozen=True, slots=True)
class ChangeContent:
    """What a request asks for.

    `operations`, `rings`: as `ChangeRequest` stores them. `applied`, `policy_ids`: values of its
    choices. `revert_at`: when a temporary change ends.
    """

    title: str
    reason: str
    operations: tuple[JsonObject, ...]
    rings: tuple[JsonObject, ...] = ()
    applied: str = ChangeRequest.Applied.HERE
    policy_ids: str = ChangeRequest.PolicyIds.KEEP
    ticket_url: str = ""
    revert_at: datetime | None = None

    @classmethod
    def of(cls, change_request: ChangeRequest) -> Self:
        """Return what a request asks for now."""
        return cls(
            title=change_request.title,
            reason=change_request.reason,
            operations=tuple(change_request.operations),
            rings=tuple(change_request.rings),
            applied=change_request.applied,
            policy_ids=change_request.policy_ids,
            ticket_url=change_request.ticket_url,
            revert_at=change_request.revert_at,
        )

    def changed(self, **changes: Any) -> "ChangeContent":
        """Return the content with some members replaced, others as they are.

        :raises ContentInvalid: one of them does not have its form.
        """
        return checked_content(replace(self, **changes))

    def plan_part(self) -> JsonObject:
        """Return what decides the plan: whoever changes this has work in it."""
        return {
            "operations": list(self.operations),
            "rings": list(self.rings),
            "applied": str(self.applied),
            "policy_ids": str(self.policy_ids),
            "revert_at": self.revert_at,
        }


def checked_content(content: ChangeContent) -> ChangeContent:
    """Return the content in the form that is stored.

    :raises ContentInvalid: naming every member that is wrong.
    """
    errors: list[ContentError] = []
    title = " ".join(content.title.split())
    if not title or len(title) > LONGEST_TITLE:
        errors.append((("title",), f"give 1 to {LONGEST_TITLE} characters"))
    if len(content.reason) > LONGEST_REASON:
        errors.append((("reason",), f"give at most {LONGEST_REASON:,} characters"))
    errors += [
        ((name,), "text holds no NUL")
        for name in ("title", "reason")
        if "\0" in getattr(content, name)
    ]
    errors += _wrong_url(content.ticket_url)
    if content.applied not in ChangeRequest.Applied.values:
        errors.append((("applied",), f"choose one of {', '.join(ChangeRequest.Applied.values)}"))
    if content.policy_ids not in ChangeRequest.PolicyIds.values:
        errors.append(
            (("policy_ids",), f"choose one of {', '.join(ChangeRequest.PolicyIds.values)}")
        )
    operations: tuple[JsonObject, ...] = ()
    try:
        operations = tuple(one.as_json() for one in read_operations(list(content.operations)))
    except OperationsInvalid as error:
        errors += [(("operations", *path), words) for path, words in error.errors]
    rings, wrong = _read_rings(content.rings)
    errors += wrong
    if errors:
        raise ContentInvalid(errors)
    return replace(content, title=title, operations=operations, rings=rings)


def _wrong_url(url: str) -> Iterable[ContentError]:
    if not url:
        return
    try:
        _CHECK_URL(url)
    except ValidationError:
        yield ("ticket_url",), "give an address that begins with https:// or http://"
    if len(url) > LONGEST_URL:
        yield ("ticket_url",), f"give at most {LONGEST_URL} characters"


def _read_rings(
    rings: Sequence[object],
) -> tuple[tuple[JsonObject, ...], list[ContentError]]:
    """Return the rings as stored and what is wrong with them; each target is in one ring."""
    if len(rings) > MOST_RINGS:
        return (), [(("rings",), f"give at most {MOST_RINGS} rings")]
    errors: list[ContentError] = []
    found: list[JsonObject] = []
    seen: set[str] = set()
    for number, ring in enumerate(rings):
        if not isinstance(ring, Mapping):
            errors.append((("rings", number), f"give an object with {', '.join(_RING_MEMBERS)}"))
            continue
        wrong = list(_wrong_ring(ring, seen))
        errors += [(("rings", number, *path), words) for path, words in wrong]
        if not wrong:
            found.append(
                {
                    "name": " ".join(ring["name"].split()),
                    "targets": list(ring["targets"]),
                    "soak_minutes": ring.get("soak_minutes", 0),
                    "gate": ring.get("gate", "automatic"),
                }
            )
    return tuple(found), errors


def _wrong_ring(ring: Mapping[str, Any], seen: set[str]) -> Iterable[ContentError]:
    for name in sorted(set(ring) - set(_RING_MEMBERS)):
        yield (name,), f"a ring has no such member; it has {', '.join(_RING_MEMBERS)}"
    called = ring.get("name")
    if (
        not isinstance(called, str)
        or not 1 <= len(called.strip()) <= LONGEST_RING_NAME
        or "\0" in called
    ):
        yield ("name",), f"give 1 to {LONGEST_RING_NAME} characters"
    soak = ring.get("soak_minutes", 0)
    if type(soak) is not int or not 0 <= soak <= LONGEST_SOAK_MINUTES:
        yield ("soak_minutes",), f"give a whole number from 0 to {LONGEST_SOAK_MINUTES}"
    if ring.get("gate", "automatic") not in GATES:
        yield ("gate",), f"choose one of {', '.join(GATES)}"
    targets = ring.get("targets")
    if not isinstance(targets, list) or not 1 <= len(targets) <= MOST_RING_TARGETS:
        yield ("targets",), f"give a list of 1 to {MOST_RING_TARGETS} ids"
        return
    for place, target_id in enumerate(targets):
        if not isinstance(target_id, str) or not _TARGET_ID.fullmatch(target_id):
            yield ("targets", place), "give the id of a root, an OU or an account"
        elif target_id in seen:
            yield ("targets", place), f"{target_id} is in a ring already"
        else:
            seen.add(target_id)
