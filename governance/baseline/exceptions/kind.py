"""Exceptions as a kind of agreements."""

from typing import Final

from django.dispatch import Signal

from governance.access import rights
from governance.approvals.agreements.kinds import AgreementKind
from governance.audit import actions
from governance.baseline.exceptions.models import GuardrailException


def _name(exception: GuardrailException) -> str:
    return f"{exception} {exception.guardrail_id}"


EXCEPTION: Final = AgreementKind(
    model=GuardrailException,
    noun="exception",
    related=("asked_by", "owner"),
    object_kind="guardrail_exception",
    subject_name=_name,
    record_name=_name,
    state_changed=Signal(),
    state_action=actions.EXCEPTION_STATE,
    submit_action=actions.EXCEPTION_SUBMIT,
    review_action=actions.EXCEPTION_REVIEW,
    edit_action=actions.EXCEPTION_EDIT,
    asking_right=rights.ASK_EXCEPTION,
    approving_right=rights.APPROVE_EXCEPTION,
    viewing_right=rights.VIEW_EXCEPTIONS,
)
