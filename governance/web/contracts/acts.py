"""What people do with a contract by a button: submit, withdraw, end, review."""

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.step_up import is_stepped_up, require_step_up, stepped_up_at
from governance.approvals.agreements.changing import CannotChangeAgreement
from governance.approvals.reviews import ReviewRefused, needs_step_up
from governance.contracts.approving import contract_standing
from governance.contracts.deciding import (
    contract_end,
    contract_review,
    contract_submit,
    contract_withdraw,
)
from governance.web.contracts.frame import ContractPart
from governance.web.parts.markup import sentence


class ContractAction(ContractPart):
    """Takes a form and leads back to the contract, with what came of it as a message."""

    required_right = rights.VIEW_CONTRACTS
    http_method_names = ["post", "options"]

    def act(self) -> str:
        """Do it; return what to say."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Do it, or say why not.

        :raises StepUpRequired: a fresh proof is needed.
        """
        try:
            messages.success(request, self.act())
        except (CannotChangeAgreement, MayNot, ReviewRefused) as error:
            messages.error(request, sentence(error))
        return HttpResponseRedirect(self.href("contract", contract_number=self.contract.number))


class ContractButton(ContractAction):
    """The buttons of the action card."""

    required_right = rights.VIEW_CONTRACTS

    def act(self) -> str:
        """Do what the pressed button says.

        :raises BadRequest: there is no such button.
        """
        known: Mapping[str, Callable[[], str]] = {
            "submit": self._submit,
            "withdraw": self._withdraw,
            "end": self._end,
        }
        wanted = self.request.POST.get("act", "")
        if wanted not in known:
            raise BadRequest(f"act is {wanted!r}; it can be {', '.join(known)}.")
        return known[wanted]()

    def _submit(self) -> str:
        contract_submit(by=self.by, contract_id=self.contract.pk, now=self.now)
        return f"{self.contract} waits for the owners of its target."

    def _withdraw(self) -> str:
        reason = self.request.POST.get("reason", "").strip()
        contract_withdraw(by=self.by, contract_id=self.contract.pk, reason=reason, now=self.now)
        return f"{self.contract} is withdrawn."

    def _end(self) -> str:
        reason = self.request.POST.get("reason", "")
        contract_end(by=self.by, contract_id=self.contract.pk, reason=reason, now=self.now)
        return f"{self.contract} has ended."


class ContractReview(ContractAction):
    """A verdict on the version that the page showed."""

    resumes_after_step_up = True
    required_right = rights.VIEW_CONTRACTS
    _SAID: Final[Mapping[str, str]] = {
        "approve": "You approved {}.",
        "request_changes": "You asked for changes to {}.",
        "reject": "You rejected {}.",
        "comment": "You commented on {}.",
    }

    def act(self) -> str:
        """Give the verdict; the digest is the page's."""
        data = self.request.POST
        verdict = data.get("verdict", "")
        if verdict not in self._SAID:
            raise BadRequest(f"verdict is {verdict!r}; it can be {', '.join(self._SAID)}.")
        subject = contract_standing(self.contract, now=self.now, directory=self.directory).subject
        if verdict == "approve" and needs_step_up(self.person, subject):
            require_step_up(self.request)
        contract_review(
            by=self.by,
            contract_id=self.contract.pk,
            verdict=verdict,
            body=data.get("body", "").replace("\r\n", "\n"),
            digest=data.get("digest", ""),
            stepped_up_at=stepped_up_at(self.request) if is_stepped_up(self.request) else None,
            now=self.now,
        )
        return self._SAID[verdict].format(self.contract)
