"""Addresses of contracts, below an organization's."""

from django.urls import URLPattern, path

from governance.api import contract_transfers as transfers
from governance.api import contracts

_ONE = "/contracts/<int:contract_number>"
CONTRACTS: list[URLPattern] = [
    path(
        "/contracts/import",
        transfers.ContractImportEndpoint.as_view(),
        name="contract-import",
    ),
    path("/contracts/export", transfers.ContractExport.as_view(), name="contract-export"),
    path("/contracts", contracts.ContractList.as_view(), name="contracts"),
    path(_ONE, contracts.ContractDetail.as_view(), name="contract"),
    path(f"{_ONE}/submit", contracts.ContractSubmit.as_view(), name="contract-submit"),
    path(f"{_ONE}/withdraw", contracts.ContractWithdraw.as_view(), name="contract-withdraw"),
    path(f"{_ONE}/end", contracts.ContractEnd.as_view(), name="contract-end"),
    path(f"{_ONE}/reviews", contracts.ContractReviews.as_view(), name="contract-reviews"),
]
