"""A change as its form holds it while somebody writes: nothing of it is stored before they save."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from django.core.exceptions import BadRequest
from django.http import QueryDict

from governance.changes.life.content import ChangeContent
from governance.edits.operations import Operation, OperationsInvalid, read_operations

UNITS: Final = (("1", "minutes"), ("60", "hours"), ("1440", "days"))
GATES: Final = (("manual", "Manual approval"), ("automatic", "Automatic, if nothing blocks it"))
_RING_FIELDS: Final = ("name", "targets", "soak", "unit", "gate")
_PLAIN: Final = ("title", "reason", "ticket_url", "revert_at", "applied", "policy_ids")
# What stands in the place of a text until it is put back: any text has the form.
_NO_TEXT: Final = "{}"
_BETWEEN: Final = " · "


@dataclass(frozen=True, slots=True)
class WrittenRing:
    """A ring as its fields hold it. `targets`: a line each, `name · id` or an id."""

    name: str = ""
    targets: str = ""
    soak: str = "0"
    unit: str = "60"
    gate: str = "manual"

    @property
    def target_ids(self) -> list[str]:
        """The ids in the lines, what is no id as it was written."""
        lines = self.targets.replace(",", "\n").splitlines()
        return [line.rpartition(_BETWEEN)[2].strip() for line in lines if line.strip()]

    @classmethod
    def of(cls, ring: Mapping[str, Any], names: Mapping[str, str]) -> Self:
        """Return a stored ring's fields, its targets by name where they have one."""
        minutes = int(ring.get("soak_minutes") or 0)
        unit = next(
            (size for size, _ in reversed(UNITS) if minutes and minutes % int(size) == 0), "60"
        )
        targets = [
            f"{names[target_id]}{_BETWEEN}{target_id}" if target_id in names else target_id
            for target_id in map(str, ring.get("targets") or ())
        ]
        return cls(
            name=str(ring.get("name") or ""),
            targets="\n".join(targets),
            soak=str(minutes // int(unit)),
            unit=unit,
            gate=str(ring.get("gate") or "manual"),
        )

    def as_json(self) -> dict[str, object]:
        """Return the ring as a request stores it; a soak that is no number stays as it is."""
        minutes: object = self.soak.strip() or "0"
        if self.soak.strip().isdecimal() and len(self.soak.strip()) <= 6 and self.unit.isdecimal():
            minutes = int(self.soak) * int(self.unit)
        return {
            "name": self.name,
            "targets": self.target_ids,
            "soak_minutes": minutes,
            "gate": self.gate,
        }


@dataclass(frozen=True)
class WrittenChange:
    """What the fields hold. `fields`: the plain ones by name; `revision`: of the request edited.

    `errors`: by field, what to do: `operation-0`, `ring-0` for those of a list.
    """

    fields: Mapping[str, str]
    operations: tuple[Operation, ...] = ()
    rings: tuple[WrittenRing, ...] = ()
    revision: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def empty(cls, **fields: str) -> Self:
        """Return a form that holds nothing but some fields."""
        usual = {"applied": "here", "policy_ids": "keep"}
        known = {name: text for name, text in fields.items() if name in _PLAIN}
        if known.get("revert_at"):
            known["revert_at"] = _local_text(known["revert_at"])
        return cls({**dict.fromkeys(_PLAIN, ""), **usual, **known})

    @classmethod
    def of(cls, content: ChangeContent, names: Mapping[str, str], *, revision: int | None) -> Self:
        """Return what a request asks for, to be edited. `names`: of targets, by id."""
        return cls(
            fields={
                "title": content.title,
                "reason": content.reason,
                "ticket_url": content.ticket_url,
                "revert_at": _local(content.revert_at),
                "applied": str(content.applied),
                "policy_ids": str(content.policy_ids),
            },
            operations=read_operations(list(content.operations)),
            rings=tuple(WrittenRing.of(ring, names) for ring in content.rings),
            revision="" if revision is None else str(revision),
        )

    @classmethod
    def sent(cls, data: QueryDict) -> Self:
        """Read the form as it was sent.

        :raises BadRequest: a hidden field is not as the page wrote it.
        """
        rings = [data.getlist(f"ring-{name}") for name in _RING_FIELDS]
        if len({len(values) for values in rings}) != 1:
            raise BadRequest(f"Each ring has {', '.join(_RING_FIELDS)}.")
        return cls(
            fields={name: _text(data.get(name, "")) for name in _PLAIN},
            operations=tuple(
                _operation(number, text, data)
                for number, text in enumerate(data.getlist("operation"))
            ),
            rings=tuple(WrittenRing(*map(_text, ring)) for ring in zip(*rings, strict=True)),
            revision=data.get("revision", ""),
        )

    def with_operation(self, operation: Operation) -> "WrittenChange":
        """Return the form with one operation more."""
        return replace(self, operations=(*self.operations, operation))

    def without_operation(self, number: int) -> "WrittenChange":
        """Return the form without one operation; a number beyond the last changes nothing."""
        left = (one for place, one in enumerate(self.operations) if place != number)
        return replace(self, operations=tuple(left))

    def with_rings(self, rings: Iterable[WrittenRing]) -> "WrittenChange":
        """Return the form with other rings."""
        return replace(self, rings=tuple(rings))

    def with_errors(self, errors: Mapping[str, Sequence[str]]) -> "WrittenChange":
        """Return the form with what is wrong beside its fields."""
        return replace(self, errors=errors)

    def content(self) -> ChangeContent:
        """Return what the form asks for, not yet checked.

        :raises ValueError: the end is no date and time.
        """
        fields = self.fields
        return ChangeContent(
            title=fields["title"],
            reason=fields["reason"],
            operations=tuple(one.as_json() for one in self.operations),
            rings=tuple(ring.as_json() for ring in self.rings),
            applied=fields["applied"],
            policy_ids=fields["policy_ids"],
            ticket_url=fields["ticket_url"].strip(),
            revert_at=_moment(fields["revert_at"]),
        )


def errors_by_field(
    errors: Iterable[tuple[tuple[int | str, ...], str]],
) -> dict[str, list[str]]:
    """Return errors of a content by the name of the form's field that they stand beside."""
    found: dict[str, list[str]] = {}
    for path, words in errors:
        first = str(path[0]) if path else "form"
        if first in ("operations", "rings") and len(path) > 1:
            within = ", ".join(str(part) for part in path[2:] if isinstance(part, str))
            name = f"{first.removesuffix('s')}-{path[1]}"
            words = f"{within.replace('_', ' ')}: {words}" if within else words
        else:
            name = first
        found.setdefault(name, []).append(f"{words[:1].upper()}{words[1:]}.")
    return found


def _operation(number: int, text: str, data: QueryDict) -> Operation:
    try:
        value = json.loads(text)
        has_text = isinstance(value, dict) and "text" in value
        if has_text:
            value = {**value, "text": _NO_TEXT}
        (operation,) = read_operations([value])
    except (ValueError, OperationsInvalid, RecursionError) as error:
        raise BadRequest(f"Operation {number + 1} cannot be read: {error}.") from error
    if has_text:
        operation = replace(operation, text=_text(data.get(f"text-{number}", "")))
    if f"name-{number}" in data:
        operation = replace(operation, name=str(data.get(f"name-{number}", "")).strip())
    return operation


def _text(value: str) -> str:
    return value.replace("\r\n", "\n")


def _local_text(text: str) -> str:
    """Return a time as its field holds it; what is no time stays as written, with an error."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return _local(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _local(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
