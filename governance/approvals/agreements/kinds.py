"""What tells one kind of agreements from another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.dispatch import Signal

from governance.approvals.agreements.models import AgreementModel

AnAgreement = TypeVar("AnAgreement", bound=AgreementModel)


@dataclass(frozen=True, slots=True)
class AgreementKind(Generic[AnAgreement]):
    """One kind of agreements.

    `noun`: what one is called; signals hand it over by that name, events hold its key as
    `<noun>_id`. `related`: the rows that are read with a locked one. `object_kind`: of its reviews
    and its entries in the audit log; `subject_name`, `record_name`: how each names it. The actions
    are those of the audit log. Rights: to ask for one, to approve and to see it.

    `state_changed`: sent by the model, with the locked agreement by its noun, `was`, `to`, `actor`
    and `now`, in the transaction of the change.
    """

    model: type[AnAgreement]
    noun: str
    related: tuple[str, ...]
    object_kind: str
    subject_name: Callable[[AnAgreement], str]
    record_name: Callable[[AnAgreement], str]
    state_changed: Signal
    state_action: str
    submit_action: str
    review_action: str
    edit_action: str
    asking_right: str
    approving_right: str
    viewing_right: str
