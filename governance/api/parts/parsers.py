"""Reads the bodies of requests."""

from collections.abc import Mapping
from typing import Any, Final

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# Policies nest some ten levels; what is read of a body goes through it by recursion.
DEEPEST: Final = 100


class BodyParser(JSONParser):
    """JSON, refused where it is nested too deep or holds the character NUL."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body.

        :raises ParseError: it is no JSON, is nested deeper than `DEEPEST`, or holds NUL.
        """
        too_deep = f"the body is nested deeper than {DEEPEST} levels"
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(too_deep) from None
        waiting: list[tuple[Any, int]] = [(found, 1)]
        while waiting:
            value, depth = waiting.pop()
            if depth > DEEPEST:
                raise ParseError(too_deep)
            if isinstance(value, str) and "\0" in value:
                raise ParseError("the body holds the character NUL (\\u0000)")
            if isinstance(value, dict):
                waiting += [(name, depth) for name in value]
                waiting += [(inner, depth + 1) for inner in value.values()]
            elif isinstance(value, list):
                waiting += [(inner, depth + 1) for inner in value]
        return found
