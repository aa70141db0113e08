"""Contracts as a kind of agreements."""

from typing import Final

from django.dispatch import Signal

from governance.access import rights
from governance.approvals.agreements.kinds import AgreementKind
from governance.audit import actions
from governance.contracts.models import TrustContract

CONTRACT: Final = AgreementKind(
    model=TrustContract,
    noun="contract",
    related=("declared_by", "replaces"),
    object_kind="trust_contract",
    subject_name=lambda contract: f"{contract} {contract.purpose}",
    record_name=lambda contract: contract.purpose,
    state_changed=Signal(),
    state_action=actions.CONTRACT_STATE,
    submit_action=actions.CONTRACT_SUBMIT,
    review_action=actions.CONTRACT_REVIEW,
    edit_action=actions.CONTRACT_EDIT,
    asking_right=rights.DECLARE_CONTRACT,
    approving_right=rights.APPROVE_CONTRACT,
    viewing_right=rights.VIEW_CONTRACTS,
)
