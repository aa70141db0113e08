"""Demands of endpoints that whoever asks has just proved who they are."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from governance.access.step_up import StepUpRequired, require_step_up
from governance.api.parts.problems import STEP_UP_REQUIRED, Problem
from governance.api.parts.representations import read_body


def require_fresh_proof(request: Request) -> None:
    """Go on only if whoever asks has just proved, in a session, who they are.

    :raises Problem: the last proof is too old, or a token was sent, which can prove nothing.
    """
    try:
        require_step_up(request)
    except StepUpRequired as error:
        raise Problem(
            STEP_UP_REQUIRED, f"{error}, at /step-up/ in the same session; a token cannot"
        ) from None


def proven_body(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Read the body of a request by whoever has just proved who they are.

    :raises Problem: see `require_fresh_proof`.
    :raises ValidationError: see `read_body`.
    """
    require_fresh_proof(request)
    return read_body(kind, request)
