"""Log who was refused what, whichever page, endpoint or middleware refused it."""

import logging
from typing import Final

from django.http import HttpRequest

from governance.access.client_address import client_address

_logger = logging.getLogger(__name__)
_REFUSED: Final = (401, 403)


def log_refusal(request: HttpRequest, *, status: int) -> None:
    """Write a line where an answer says that somebody may not.

    What may hold control characters is written quoted, so that nobody writes lines of their own.
    """
    if status not in _REFUSED:
        return
    user, token = getattr(request, "user", None), getattr(request, "auth", None)
    name = user.get_username() if user is not None and user.is_authenticated else ""
    _logger.warning(
        "refused with %d: %s %r by %r%s from %s",
        status,
        request.method,
        request.path[:500],
        name,
        "" if token is None else f" with token {token.pk}",
        client_address(request),
    )
