"""Addresses of contracts, under an organization."""

from django.urls import URLPattern, path

from governance.web.contracts.acts import ContractButton, ContractReview
from governance.web.contracts.adopting_many import ContractsAdoptPage
from governance.web.contracts.declaring import ContractDeclare, ContractEdit
from governance.web.contracts.detail import ContractPage
from governance.web.contracts.listing import ContractsPage
from governance.web.contracts.transfers import ContractExportFile, ContractImportPage

_ONE = "trust/contracts/<int:contract_number>/"
contract_patterns: list[URLPattern] = [
    path("trust/contracts/", ContractsPage.as_view(), name="contracts"),
    path("trust/contracts/declare/", ContractDeclare.as_view(), name="contract-declare"),
    path("trust/contracts/adopt/", ContractsAdoptPage.as_view(), name="contracts-adopt"),
    path("trust/contracts/import/", ContractImportPage.as_view(), name="contract-import"),
    path("trust/contracts/export/", ContractExportFile.as_view(), name="contract-export"),
    path(_ONE, ContractPage.as_view(), name="contract"),
    path(f"{_ONE}edit/", ContractEdit.as_view(), name="contract-edit"),
    path(f"{_ONE}act/", ContractButton.as_view(), name="contract-act"),
    path(f"{_ONE}review/", ContractReview.as_view(), name="contract-review"),
]
