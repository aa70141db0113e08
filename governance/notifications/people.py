"""Who may be told, as whom they look, and what they chose."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import User
from django.db.models import QuerySet

from governance.access.models import Profile
from governance.access.viewers import holds
from inventory.viewing import Viewer


def people_holding(right: str) -> list[User]:
    """Return the active people who hold a right in some place; service accounts read nothing."""
    return [user for user in _people() if holds(user, right)]


def _people() -> "QuerySet[User]":
    return (
        User.objects.filter(is_active=True)
        .exclude(profile__kind=Profile.Kind.SERVICE_ACCOUNT)
        .select_related("profile")
        .order_by("pk")
    )


def people_by_id(user_ids: Iterable[int]) -> list[User]:
    """Return those of some people who are active."""
    return list(_people().filter(pk__in=list(user_ids)))


def viewer_digest(viewer: Viewer) -> str:
    """Return what is equal for viewers who may see the same, in every process."""
    plain = json.dumps(_plain(viewer), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.compare
        }
    if isinstance(value, frozenset | set):
        return sorted((_plain(each) for each in value), key=str)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def time_zone_of(user: User) -> tzinfo:
    """Return the time zone that a person chose; UTC where they chose none."""
    name = getattr(getattr(user, "profile", None), "time_zone", "") or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
