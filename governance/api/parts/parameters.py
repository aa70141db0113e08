"""Query parameters that are text, or name a person."""

from typing import Final

from django.contrib.auth.models import User
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from governance.api.parts.permissions import person_of

_LONGEST_TEXT: Final = 300
_NOBODY: Final = 0


def text_parameter(request: Request, name: str) -> str:
    """Return what the query says for a parameter, empty where it is absent.

    :raises ValidationError: no such value can be stored.
    """
    value = request.query_params.get(name, "")
    if "\0" in value or len(value) > _LONGEST_TEXT:
        raise ValidationError({name: [f"give {_LONGEST_TEXT} characters at most, no NUL"]})
    return value


def person_parameter(request: Request, name: str) -> int | None:
    """Return the id of the person whose user name a parameter is, or of the asker for `me`.

    None where it is absent; 0, which nobody has, where nobody is called so.

    :raises ValidationError: see `text_parameter`.
    """
    value = text_parameter(request, name)
    if not value:
        return None
    if value == "me":
        return person_of(request).pk
    found = User.objects.filter(username=value).values_list("pk", flat=True).first()
    return _NOBODY if found is None else found
