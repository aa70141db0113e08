"""Declaring a contract by hand or from an edge, editing one, and replacing one."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.environments import Environment
from governance.access.owners.targets import ACCOUNT
from governance.approvals.agreements.changing import CannotChangeAgreement
from governance.approvals.agreements.terms import AgreementInvalid
from governance.contracts.adopting import CannotAdopt, terms_of_edge
from governance.contracts.deciding import contract_submit
from governance.contracts.declaring import contract_declare, contract_edit
from governance.contracts.models import TrustContract
from governance.contracts.reading import read_terms
from governance.contracts.selectors import contract_find
from governance.contracts.terms import ContractTerms
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import edge_of
from governance.web.contracts.forms import ContractForm, initial_of
from governance.web.contracts.frame import ContractPart, ContractsPart
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab
from governance.web.parts.rights_view import RightMissing
from inventory.viewing import whole_targets

_MOST_SUGGESTED = 2000


class _ContractFormPage(ContractsPart):
    """The form of a contract."""

    required_right = rights.DECLARE_CONTRACT
    template_name = "governance/contracts/declare.html"
    button = "Declare"

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one contract."""
        return []

    def initial(self) -> dict[str, Any]:
        """Return what the form begins with."""
        return {}

    def save(self, terms: ContractTerms) -> TrustContract:
        """Store the terms; return the contract."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(ContractForm(initial=self.initial()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Declare or edit, or say by field what is wrong."""
        form = ContractForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            terms = read_terms(form.given(), self.directory, today=self.now.date())
            contract = self.save(terms)
            if "submit" in request.POST and contract.state == TrustContract.State.DRAFT:
                contract = contract_submit(by=self.by, contract_id=contract.pk, now=self.now)
        except AgreementInvalid as error:
            form.add_errors(error.errors)
            return self.show(form)
        except CannotChangeAgreement as error:
            form.add_error(None, sentence(error))
            return self.show(form)
        except MayNot:
            raise RightMissing(rights.DECLARE_CONTRACT) from None
        waits = contract.state == TrustContract.State.PROPOSED
        said = "waits for the owners of its target" if waits else "is saved"
        messages.success(request, f"{contract} {said}.")
        return HttpResponseRedirect(self.href("contract", contract_number=contract.number))

    def show(self, form: ContractForm) -> HttpResponseBase:
        """Show the form with what can be picked."""
        seen = whole_targets(self.viewer, self.connection)
        targets = [
            (one.target_id, one.name, "Account" if one.kind == ACCOUNT else "OU")
            for one in self.directory.targets()
            if seen is None or one.target_id in seen
        ]
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                form=form,
                targets=targets[:_MOST_SUGGESTED],
                vendors=self.directory.vendor_names,
                environments=[one.value for one in Environment],
                button=self.button,
            )
        )
        return answer


class ContractDeclare(_ContractFormPage):
    """A new contract: empty, adopted from an edge (`edge`), or in another's place (`replaces`)."""

    required_right = rights.DECLARE_CONTRACT
    page_title = "Declare a contract"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this page."""
        return [*self.list_crumbs(), Crumb("Declare")]

    @cached_property
    def edge(self) -> TrustEdge | None:
        """The edge that is adopted.

        :raises Http404: there is none that this person sees.
        """
        key = self.request.GET.get("edge", "")
        if not key:
            return None
        found = edge_of(self.viewer, connection=self.connection, key=key[:64])
        if found is None:
            raise Http404("There is no such edge now.")
        return found

    @cached_property
    def replaced(self) -> TrustContract | None:
        """The contract in whose place this one comes.

        :raises BadRequest: the address names none.
        :raises Http404: there is none that this person sees.
        """
        number = self.request.GET.get("replaces", "")
        if not number:
            return None
        if not number.isascii() or not number.isdecimal() or len(number) > 9:
            raise BadRequest("replaces is not a number of a contract.")
        found = contract_find(self.viewer, connection=self.connection, number=int(number))
        if found is None:
            raise Http404(f"There is no contract C-{number} here.")
        return found

    def initial(self) -> dict[str, Any]:
        """Return the terms of the edge or of the contract that is replaced."""
        if self.replaced is not None:
            return initial_of(self.replaced.terms)
        if self.edge is None:
            return {"actions": "sts:AssumeRole"}
        try:
            return initial_of(terms_of_edge(self.edge, self.directory))
        except CannotAdopt as error:
            messages.warning(self.request, sentence(error))
            return {}

    def save(self, terms: ContractTerms) -> TrustContract:
        """Declare it."""
        replaced = self.replaced
        if replaced is not None and replaced.state != TrustContract.State.ACTIVE:
            replaced = None
        return contract_declare(
            by=self.by,
            connection=self.connection,
            terms=terms,
            replaces=replaced,
            directory=self.directory,
            now=self.now,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what it is made of."""
        return super().get_context_data(edge=self.edge, replaced=self.replaced, **kwargs)


class ContractEdit(ContractPart, _ContractFormPage):
    """Another version of a contract that is not active."""

    required_right = rights.DECLARE_CONTRACT
    template_name = "governance/contracts/declare.html"
    button = "Save"

    def get_title(self) -> str:
        """Return what is edited."""
        return f"Edit {self.contract}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the contract and this form."""
        href = self.href("contract", contract_number=self.contract.number)
        return [*self.list_crumbs(), Crumb(str(self.contract), href), Crumb("Edit")]

    def initial(self) -> dict[str, Any]:
        """Return the terms as they are."""
        return initial_of(self.contract.terms)

    def save(self, terms: ContractTerms) -> TrustContract:
        """Make another version."""
        return contract_edit(
            by=self.by,
            contract_id=self.contract.pk,
            terms=terms,
            version=_version(self.request.POST.get("version", "")),
            directory=self.directory,
            now=self.now,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the contract."""
        return super().get_context_data(contract=self.contract, **kwargs)


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
