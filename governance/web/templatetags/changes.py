"""What the pages of change requests need beyond the includes' own tags."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from governance.edits.operations import Operation
from governance.web.changes.naming import TargetNames

register = template.Library()


@register.filter
def at(found: Mapping[str, Any], key: str) -> Any:
    """Return what a mapping has under a key, None where it has nothing."""
    return found.get(key)


@register.filter
def operation_json(operation: Operation) -> str:
    """Write an operation for a hidden field; its text and name stand in fields of their own."""
    written = operation.as_json()
    return json.dumps({**written, "text": ""} if "text" in written else written)


@register.simple_tag
def shown_targets(names: TargetNames, ids: Sequence[str], most: int = 6) -> dict[str, Any]:
    """Return the first targets that have a name, and how many more there are."""
    shown = [names.of(target_id) for target_id in ids[:most] if target_id in names.found]
    return {"shown": shown, "more": len(ids) - len(shown)}


@register.filter
def ticket(url: str) -> str:
    """Shorten a ticket's address to what people call it: its last part."""
    return url.rstrip("/").rpartition("/")[2] or url
