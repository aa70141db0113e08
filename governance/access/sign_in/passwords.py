"""Refuses passwords made of what everybody here knows: the product, the instance, organizations."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from governance.access.owners.environments import words_of
from inventory.models import Connection

_PRODUCT: Final = "orgwarden"
# Shorter words stand in too many passwords by chance.
_SHORTEST: Final = 5
# What must be left of a password once such words are taken out of it.
_LEFT: Final = 8


class ContextWordsValidator:
    """Takes no password that is little more than words of this instance."""

    def validate(self, password: str, user: Any = None) -> None:
        """Judge a password.

        :raises ValidationError: without the words of this instance it would be too short.
        """
        left = password.lower()
        for word in sorted(set(_context_words()), key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < min(_LEFT, len(password)):
            raise ValidationError(
                "This password is little more than names of this instance or of an organization.",
                code="password_of_context_words",
            )

    def get_help_text(self) -> str:
        """Say what is refused."""
        return "It may not consist of names of this instance or of an organization."


def _context_words() -> Iterator[str]:
    host = urlsplit(settings.SITE_URL).hostname or ""
    names = Connection.objects.values_list("name", "slug")
    texts = [_PRODUCT, host, *(text for pair in names for text in pair)]
    for text in texts:
        yield from (word for word in words_of(text) if len(word) >= _SHORTEST)
