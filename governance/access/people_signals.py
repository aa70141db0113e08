"""Gives every user a profile, however the user is made."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models.signals import post_save

from governance.access.models import Profile


def connect() -> None:
    """Have a profile made with each new user."""
    post_save.connect(_make_profile, sender=User, dispatch_uid="access.profile")


def _make_profile(*, instance: User, created: bool, raw: bool = False, **_: Any) -> None:
    if created and not raw:
        Profile.objects.get_or_create(user=instance)
