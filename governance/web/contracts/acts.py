"""What people do with a contract by a button: submit, withdraw, end, review."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from governance.access import rights
from governance.approvals.models import Review
from governance.contracts.deciding import (
    contract_end,
    contract_review,
    contract_submit,
    contract_withdraw,
)
from governance.web.contracts.frame import ContractPart
from governance.web.parts.agreements import AgreementButton, AgreementReviewForm


class ContractButton(AgreementButton, ContractPart):
    """The buttons of the action card."""

    required_right = rights.VIEW_CONTRACTS
    reviewers = "the owners of its target"

    def buttons(self, reason: str) -> Mapping[str, Callable[[], object]]:
        """Return what each button does."""
        given: dict[str, Any] = {"by": self.by, "contract_id": self.contract.pk, "now": self.now}
        return {
            "submit": partial(contract_submit, **given),
            "withdraw": partial(contract_withdraw, reason=reason, **given),
            "end": partial(contract_end, reason=reason, **given),
        }


class ContractReview(AgreementReviewForm, ContractPart):
    """A verdict on the version that the page showed."""

    required_right = rights.VIEW_CONTRACTS

    def review(self, **given: Any) -> Review:
        """Give the review."""
        return contract_review(contract_id=self.contract.pk, **given)
