"""The resource that an ARN of a type AWS does not have was probably meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from policies.catalogue import Catalogue
from policies.resource_arns import ARN_PARTS

_SERVICE: Final = 2
_WORD: Final = re.compile(r"/?([A-Za-z][\w-]*)[/:](.+)", re.DOTALL)
"""A resource's type, and what stands behind it, as authors write them."""
_BEGINNING: Final = re.compile(r"(/?([A-Za-z][\w-]*)[/:])\$\{")
"""A resource's type in the catalogue, with what separates it from a name."""
_ABBREVIATED: Final = 3
"""From so many letters on, the beginning of a type's name stands for it: `repo`, `func`."""


def suggested_resources(catalogue: Catalogue, action_bits: int, value: str) -> Iterator[str]:
    """Yield an ARN with its type spelled as the types of some actions are, the likeliest first.

    `value`: `arn:aws:lambda:*:*:functions:*`, `arn:aws:dynamodb:*:*:table:*`; nothing for an ARN
    of fewer than six parts. Whether an action works on what is yielded is for the caller to ask.
    """
    parts = value.split(":", ARN_PARTS - 1)
    written = _WORD.fullmatch(parts[-1]) if len(parts) == ARN_PARTS else None
    if written is None:
        return
    beginnings = _beginnings(catalogue, action_bits, parts[_SERVICE].lower())
    word, name = _plain(written[1]), written[2]
    for known in (word,) if word in beginnings else _near(word, tuple(beginnings)):
        start = ":".join((*parts[:-1], beginnings[known]))
        yield f"{start}{name}"
        yield f"{start}{name}/*"


def _near(word: str, known: tuple[str, ...]) -> Iterator[str]:
    yield from get_close_matches(word, known, n=2, cutoff=0.8)
    if len(word) >= _ABBREVIATED:
        yield from (name for name in known if name.startswith(word))


@lru_cache(maxsize=1024)
def _beginnings(catalogue: Catalogue, action_bits: int, service: str) -> dict[str, str]:
    """Return how the resources of some actions begin, by the plain name of their type."""
    found: dict[str, str] = {}
    for kind, acting in catalogue.all_resource_types:
        _, _, own, _, _, resource = kind.arn.split(":", ARN_PARTS - 1)
        if own == service and acting & action_bits and (match := _BEGINNING.match(resource)):
            found.setdefault(_plain(match[2]), match[1])
    return found


def _plain(word: str) -> str:
    """Return a type's name without what is written in several ways: `log-groups`, `LogGroup`."""
    plain = re.sub(r"[-_]", "", word).lower()
    return plain[:-1] if plain.endswith("s") else plain
