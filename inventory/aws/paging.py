"""How the lists of an operation go on, from botocore's own paginator data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.exceptions import UnknownServiceError

_SESSION: Final = botocore.session.Session()
# What names the next page wherever botocore has no paginator, and what says that there is one.
_UNDECLARED: Final = (("NextToken", None), ("nextToken", None), ("Marker", "isTruncated"))
# A member, or one inside of another. Few lists of AWS's are paged by more of JMESPath than this.
_PATH: Final = re.compile(r"\w+(\.\w+)*")


@dataclass(frozen=True, slots=True)
class Paging:
    """How one operation is paged. Members of an answer are given as paths, `A` or `A.B`.

    `tokens`: the parameters that ask for the next page, each with the member that names it.
    `truncated`: the member that says whether more is to come; None: the answer does not say so.
    """

    tokens: Mapping[str, str]
    truncated: str | None

    def next_tokens(self, page: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of the next page; empty: `page` is the last."""
        found = {name: _member(page, path) for name, path in self.tokens.items()}
        return {name: token for name, token in found.items() if token}

    def is_truncated(self, page: Mapping[str, Any]) -> bool | None:
        """Whether a page says that more is to come; None: it does not tell."""
        return None if self.truncated is None else bool(_member(page, self.truncated))


@cache
def paging(service: str, operation: str) -> Paging:
    """Return how `operation`, by AWS's name, of a boto3 service is paged.

    Where botocore has no paginator, an operation is paged by the NextToken or Marker that it takes
    and returns.
    :raises ValueError: neither tells it, so that it cannot be told when a list ends.
    """
    try:
        config = _SESSION.get_paginator_model(service).get_paginator(operation)
    except (ValueError, UnknownServiceError):
        model = _SESSION.get_service_model(service).operation_model(operation)
        shapes = (model.input_shape, model.output_shape)
        for token, truncated in _UNDECLARED:
            if all(shape is not None and token in shape.members for shape in shapes):
                return Paging({token: token}, truncated)
        raise ValueError(f"botocore does not know how {service}:{operation} is paged") from None
    tokens = dict(
        zip(_several(config["input_token"]), _several(config["output_token"]), strict=True)
    )
    truncated = config.get("more_results")
    for path in [*tokens.values(), *([truncated] if truncated else [])]:
        if not _PATH.fullmatch(path):
            raise ValueError(f"{service}:{operation} is paged by {path!r}, which is not supported")
    return Paging(tokens, truncated)


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _member(page: Mapping[str, Any], path: str) -> Any:
    found: Any = page
    for name in path.split("."):
        found = (found or {}).get(name)
    return found
