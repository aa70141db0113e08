"""Contracts from a file, and as one."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.approvals.agreements.changing import State
from governance.contracts.files import ContractFileUnreadable, contract_file
from governance.contracts.importing import (
    CannotImportContracts,
    ContractImport,
    contracts_import,
    contracts_import_preview,
)
from governance.contracts.selectors import contracts
from governance.presentation.contract_wording import source_name, target_name
from governance.web.contracts.forms import LARGEST_FILE, ContractFileForm
from governance.web.contracts.frame import ContractsPart
from governance.web.parts.exports import file_exported
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb

_SHOWN: Final = 200


class ContractImportPage(ContractsPart):
    """The form of a file, its preview, and the button that declares what is new."""

    required_right = rights.DECLARE_CONTRACT
    page_title = "Import contracts"
    template_name = "governance/contracts/import.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this form."""
        return [*self.list_crumbs(), Crumb("Import")]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(ContractFileForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Preview an uploaded file, or declare what was previewed."""
        if "apply" in request.POST:
            return self.apply(request)
        form = ContractFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        content = form.cleaned_data["file"].read(LARGEST_FILE + 1)
        return self.preview(form, content)

    def preview(self, form: ContractFileForm, content: bytes) -> HttpResponseBase:
        """Show what a file would declare."""
        try:
            found = contracts_import_preview(self.connection, content, by=self.by, now=self.now)
        except ContractFileUnreadable as error:
            form.add_error("file", sentence(error))
            return self.show(form)
        return self.show(form, found, content.decode("utf-8-sig"))

    def apply(self, request: HttpRequest) -> HttpResponseBase:
        """Declare what is new."""
        content = request.POST.get("content", "").encode()
        try:
            done = contracts_import(
                by=self.by,
                connection=self.connection,
                content=content,
                submit="submit" in request.POST,
                now=self.now,
            )
        except (CannotImportContracts, ContractFileUnreadable) as error:
            messages.error(request, sentence(error))
            return self.preview(ContractFileForm(request.POST, request.FILES), content)
        count = len(done.made)
        messages.success(request, f"{count:,} contract{' is' if count == 1 else 's are'} declared.")
        return HttpResponseRedirect(self.href("contracts"))

    def show(
        self, form: ContractFileForm, found: ContractImport | None = None, content: str = ""
    ) -> HttpResponseBase:
        """Show the form, with a preview where there is one."""
        shown: dict[str, Any] = {}
        if found is not None:
            shown = {
                "errors": found.errors[:_SHOWN],
                "new": [
                    (
                        one.line,
                        source_name(one.terms.source, self.directory),
                        target_name(one.terms.target, self.directory),
                        one.terms.purpose,
                    )
                    for one in found.new[:_SHOWN]
                ],
                "new_count": len(found.new),
                "unchanged": len(found.unchanged),
                "content": content,
            }
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(form=form, preview=found, **shown)
        )
        return answer


class ContractExportFile(ContractsPart):
    """The active contracts as a file."""

    required_right = rights.VIEW_CONTRACTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the file."""
        rows = contracts(self.viewer, connection=self.connection, states=[State.ACTIVE])
        text = contract_file(contract.terms for contract in rows.order_by("number"))
        file_exported(self, title="Active contracts", kind="yaml")
        answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
        name = f"{self.connection.slug}-contracts.yaml"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
