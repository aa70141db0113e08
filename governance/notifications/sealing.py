"""Seals secrets that must be sent again, such as those that webhooks are signed with.

AES-256-GCM (RFC 5116) with a key from a file, never from the database: who has the database alone
has no secret. The purpose is sealed in, so that a sealed text is of no use in another column. The
file may hold several keys, a line each: the first seals, all open, so a key can be replaced.
"""

import base64
import hashlib
import os
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION: Final = "v1"
_NONCE_BYTES: Final = 12
_KEY_NAME_DIGITS: Final = 8


class SealingUnavailable(Exception):
    """Nothing can be sealed or opened; the message says what to set."""


class CannotOpen(Exception):
    """A sealed text cannot be opened: its key is gone from the file, or it was tampered with."""


def is_sealing_possible() -> bool:
    """Return whether the settings name a key."""
    return bool(settings.SEALING_KEYS)


def seal(text: str, *, purpose: str) -> str:
    """Return `text` encrypted, so that only a holder of the key can read it.

    :raises SealingUnavailable: the settings name no key.
    """
    keys = _keys(tuple(settings.SEALING_KEYS))
    if not keys:
        raise SealingUnavailable(
            "this instance has no key to keep secrets with: an operator sets "
            "ORGWARDEN_SEALING_KEY_FILE"
        )
    name, cipher = next(iter(keys.items()))
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, text.encode(), purpose.encode())
    return f"{_VERSION}:{name}:{base64.b64encode(sealed).decode()}"


def unseal(sealed: str, *, purpose: str) -> str:
    """Return the text that was sealed for the same purpose.

    :raises CannotOpen: the key is missing, or the text is not as it was sealed.
    """
    version, _, rest = sealed.partition(":")
    name, _, encoded = rest.partition(":")
    cipher = _keys(tuple(settings.SEALING_KEYS)).get(name)
    if version != _VERSION or cipher is None:
        raise CannotOpen(
            "the key that it was sealed with is not in the file that ORGWARDEN_SEALING_KEY_FILE "
            "names: put it back, or set the secret again"
        )
    try:
        whole = base64.b64decode(encoded, validate=True)
        opened = cipher.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], purpose.encode())
    except (ValueError, InvalidTag):
        raise CannotOpen("it is not as it was sealed: set the secret again") from None
    return opened.decode()


@cache
def _keys(texts: tuple[str, ...]) -> dict[str, AESGCM]:
    keys = {}
    for text in texts:
        key = hashlib.sha256(text.encode()).digest()
        name = hashlib.sha256(b"name of " + key).hexdigest()[:_KEY_NAME_DIGITS]
        keys[name] = AESGCM(key)
    return keys
