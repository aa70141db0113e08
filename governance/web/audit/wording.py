"""What screens say of entries of the audit log."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from governance.audit.actions import label_of
from governance.audit.models import AuditEntry, AuditLeaf
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an object, before and after an act. None: it was not there."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as screens show it.

    `position`: in the tree, None: not sealed yet. `href`: the object's own page, empty: none.
    """

    entry: AuditEntry
    label: str
    position: int | None
    href: str

    def __getattr__(self, name: str) -> Any:
        """Return what the entry itself holds."""
        return getattr(self.entry, name)


def shown_entries(entries: Iterable[AuditEntry]) -> list[ShownEntry]:
    """Add to entries what screens say of them, in one query for all."""
    found = list(entries)
    slugs = dict(
        Connection.objects.filter(
            pk__in={entry.connection_id for entry in found if entry.connection_id}
        ).values_list("pk", "slug")
    )
    return [
        ShownEntry(
            entry=entry,
            label=label_of(entry.action),
            position=_position(entry),
            href=object_address(entry, slugs.get(entry.connection_id or 0, "")),
        )
        for entry in found
    ]


def _position(entry: AuditEntry) -> int | None:
    leaf: AuditLeaf | None = getattr(entry, "leaf", None)
    return None if leaf is None else leaf.position


def object_address(entry: AuditEntry, slug: str) -> str:
    """Return where the object's own page is, empty where it has none."""
    arguments: dict[str, Any]
    if entry.object_kind == "connection":
        name, arguments = "connection", {"slug": slug}
    elif entry.object_kind == "run":
        name, arguments = "inventory-run", {"slug": slug, "run_id": entry.object_id}
    elif entry.object_kind == "simulation":
        name, arguments = "simulation", {"slug": slug, "simulation_id": entry.object_id}
    elif entry.object_kind == "change_request" and entry.object_id.isdecimal():
        name, arguments = "change-request", {"slug": slug, "number": int(entry.object_id)}
    elif entry.object_kind == "person" and entry.object_id.isdecimal():
        return reverse("person", kwargs={"user_id": int(entry.object_id)})
    else:
        return ""
    try:
        return reverse(name, kwargs=arguments) if slug else ""
    except NoReverseMatch:
        return ""


def field_changes(entry: AuditEntry) -> list[FieldChange]:
    """Return the fields that an entry changed, with their values before and after."""
    before, after = _fields(entry.before), _fields(entry.after)
    return [
        FieldChange(name, _text(before, name), _text(after, name))
        for name in dict.fromkeys([*before, *after])
    ]


def _fields(values: Any) -> dict[str, Any]:
    return values if isinstance(values, dict) else {}


def _text(values: dict[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    value = values[name]
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value) or "none"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False, indent=2)
