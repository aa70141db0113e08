"""Addresses of guardrails, under an organization."""

from django.urls import URLPattern, path

from governance.web.guardrails.cell import GuardrailCellPage, GuardrailCellPanel
from governance.web.guardrails.guardrail import GuardrailFix, GuardrailListPage, GuardrailPage
from governance.web.guardrails.matrix import GuardrailMatrixPage

_ONE = "guardrails/of/<slug:guardrail_id>/"
_CELL = f"{_ONE}accounts/<str:account_id>/"
guardrail_patterns: list[URLPattern] = [
    path("guardrails/", GuardrailMatrixPage.as_view(), name="guardrails"),
    path("guardrails/list/", GuardrailListPage.as_view(), name="guardrail-list"),
    path(_ONE, GuardrailPage.as_view(), name="guardrail"),
    path(f"{_ONE}fix/", GuardrailFix.as_view(), name="guardrail-fix"),
    path(_CELL, GuardrailCellPage.as_view(), name="guardrail-cell"),
    path(f"{_CELL}panel/", GuardrailCellPanel.as_view(), name="guardrail-cell-panel"),
]
