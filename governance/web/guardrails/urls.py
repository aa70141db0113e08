"""Addresses of guardrails, under an organization."""

from django.urls import URLPattern, path

from governance.web.guardrails.around import GuardrailsAround
from governance.web.guardrails.baseline import (
    BaselineAdoption,
    BaselineFile,
    BaselineImportPage,
    BaselinePage,
    BaselineVersionPage,
)
from governance.web.guardrails.cell import GuardrailCellPage, GuardrailCellPanel
from governance.web.guardrails.exception_ending import ExceptionsEndPage
from governance.web.guardrails.exceptions import (
    ExceptionAction,
    ExceptionAsk,
    ExceptionPage,
    ExceptionReview,
    ExceptionsPage,
)
from governance.web.guardrails.guardrail import GuardrailFix, GuardrailListPage, GuardrailPage
from governance.web.guardrails.matrix import GuardrailMatrixPage
from governance.web.guardrails.mutation import MutationTestPage
from governance.web.guardrails.posture import GuardrailsOnPosture
from governance.web.guardrails.writing import (
    GuardrailEditPage,
    GuardrailSwitch,
    GuardrailWritePage,
)

_ONE = "guardrails/of/<slug:guardrail_id>/"
_EXCEPTION = "exceptions/<int:exception_number>/"
_VERSION = "baseline/versions/<int:baseline_number>/"
_CELL = f"{_ONE}accounts/<str:account_id>/"
guardrail_patterns: list[URLPattern] = [
    path("guardrails/", GuardrailMatrixPage.as_view(), name="guardrails"),
    path("guardrails/posture/", GuardrailsOnPosture.as_view(), name="guardrails-on-posture"),
    path("guardrails/around/", GuardrailsAround.as_view(), name="guardrails-around"),
    path("guardrails/write/", GuardrailWritePage.as_view(), name="guardrail-write"),
    path("guardrails/mutation/", MutationTestPage.as_view(), name="mutation-test"),
    path("guardrails/list/", GuardrailListPage.as_view(), name="guardrail-list"),
    path(_ONE, GuardrailPage.as_view(), name="guardrail"),
    path(f"{_ONE}edit/", GuardrailEditPage.as_view(), name="guardrail-edit"),
    path(f"{_ONE}switch/", GuardrailSwitch.as_view(), name="guardrail-switch"),
    path(f"{_ONE}fix/", GuardrailFix.as_view(), name="guardrail-fix"),
    path(_CELL, GuardrailCellPage.as_view(), name="guardrail-cell"),
    path(f"{_CELL}panel/", GuardrailCellPanel.as_view(), name="guardrail-cell-panel"),
    path("exceptions/", ExceptionsPage.as_view(), name="exceptions"),
    path("exceptions/end/", ExceptionsEndPage.as_view(), name="exceptions-end"),
    path("exceptions/ask/", ExceptionAsk.as_view(), name="exception-ask"),
    path(_EXCEPTION, ExceptionPage.as_view(), name="exception"),
    path(f"{_EXCEPTION}act/", ExceptionAction.as_view(), name="exception-act"),
    path(f"{_EXCEPTION}review/", ExceptionReview.as_view(), name="exception-review"),
    path("baseline/", BaselinePage.as_view(), name="baseline"),
    path("baseline/adopt/", BaselineAdoption.as_view(), name="baseline-adopt"),
    path("baseline/import/", BaselineImportPage.as_view(), name="baseline-import"),
    path(_VERSION, BaselineVersionPage.as_view(), name="baseline-version"),
    path(f"{_VERSION}file/", BaselineFile.as_view(), name="baseline-file"),
]
