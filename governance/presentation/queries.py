"""Values that a program or a browser sends in an address."""

from django.core.exceptions import BadRequest
from django.http import QueryDict


def refuse_longer(query: QueryDict, most: int) -> None:
    """Check that no value in an address has more than so many characters.

    :raises BadRequest: one has.
    """
    for name in query:
        if any(len(value) > most for value in query.getlist(name)):
            raise BadRequest(f"{name} has more than {most:,} characters.")
