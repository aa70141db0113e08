"""Reads the bodies of requests."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

# Policies nest some ten levels; what is read of a body goes through it by recursion.
DEEPEST: Final = 100
# JSON can write them by themselves; no answer, log or database can.
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


class BodyTooLarge(APIException):
    """The body has more bytes than are read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class BodyParser(JSONParser):
    """JSON, refused where it is too large, nested too deep or holds what is no text.

    Setting: `DATA_UPLOAD_MAX_MEMORY_SIZE`, in bytes.
    """

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body.

        :raises ParseError: it is no JSON, is nested deeper than `DEEPEST`, or holds NUL or half
            of a pair of surrogates.
        :raises BodyTooLarge: so it is.
        """
        largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(largest + 1)
        if len(content) > largest:
            raise BodyTooLarge(f"send at most {largest:,} bytes")
        too_deep = f"the body is nested deeper than {DEEPEST} levels"
        try:
            found = super().parse(BytesIO(content), media_type, parser_context)
        except RecursionError:
            raise ParseError(too_deep) from None
        waiting: list[tuple[Any, int]] = [(found, 1)]
        while waiting:
            value, depth = waiting.pop()
            if depth > DEEPEST:
                raise ParseError(too_deep)
            if isinstance(value, str) and "\0" in value:
                raise ParseError("the body holds the character NUL (\\u0000)")
            if isinstance(value, str) and _SURROGATE.search(value):
                raise ParseError("the body holds half of a pair of surrogates (\\ud800 to \\udfff)")
            if isinstance(value, dict):
                waiting += [(name, depth) for name in value]
                waiting += [(inner, depth + 1) for inner in value.values()]
            elif isinstance(value, list):
                waiting += [(inner, depth + 1) for inner in value]
        return found
