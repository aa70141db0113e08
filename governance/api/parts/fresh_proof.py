"""Demands of endpoints that whoever asks has just proved who they are."""

from rest_framework.request import Request

from governance.access.step_up import StepUpRequired, require_step_up
from governance.api.parts.problems import STEP_UP_REQUIRED, Problem


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
