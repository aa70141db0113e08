"""Reads settings from the environment, and says what is wrong with one that cannot be read."""

import os
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

TOKEN_CHARACTERS: Final = 32


def text(name: str, default: str | None = None) -> str:
    """Return the variable `name`; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"set the environment variable {name}")
    return value


def integer(name: str, default: int) -> int:
    """Return the variable `name` as a whole number."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None


def flag(name: str, *, default: bool) -> bool:
    """Return the variable `name` as true or false."""
    value = os.environ.get(name, "").strip().lower()
    if value == "":
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")


def words(name: str) -> list[str]:
    """Return the variable `name`, a list separated by commas; unset is empty."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def secret(name: str) -> str:
    """Return a secret from the file that `name`_FILE names, or else from the variable `name`."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {file_name}, which cannot be read: {error.strerror}"
            ) from error
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"set {name}_FILE to the path of a file with the secret")
    return value


def token_in_file(name: str) -> str:
    """Return the token in the file that the variable `name` names; unset is empty.

    :raises ImproperlyConfigured: the file cannot be read, or the token could be guessed.
    """
    file_name = os.environ.get(name)
    if not file_name:
        return ""
    token = optional_secret(name)
    if len(token) < TOKEN_CHARACTERS:
        raise ImproperlyConfigured(
            f"{name} names {file_name}, whose token has fewer than {TOKEN_CHARACTERS} characters"
        )
    return token


def one_of(name: str, choices: tuple[str, ...], *, default: str) -> str:
    """Return the variable `name`, which is one of some words."""
    value = os.environ.get(name, "").strip().lower() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def optional_secret(name: str) -> str:
    """Return the text of the file that the variable `name` names; unset is empty."""
    file_name = os.environ.get(name)
    if not file_name:
        return ""
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} names {file_name}, which cannot be read: {error.strerror}"
        ) from error


def keys_in_file(name: str) -> list[str]:
    """Return the keys, a line each, in the file that the variable `name` names; unset: none.

    :raises ImproperlyConfigured: the file cannot be read, or a key could be guessed.
    """
    keys = [line.strip() for line in optional_secret(name).splitlines() if line.strip()]
    if any(len(key) < TOKEN_CHARACTERS for key in keys):
        raise ImproperlyConfigured(
            f"{name} names a file with a key of fewer than {TOKEN_CHARACTERS} characters"
        )
    return keys
