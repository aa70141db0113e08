"""Addresses of guardrails and exceptions, below an organization's."""

from django.urls import URLPattern, path

from governance.api import exceptions, guardrail_trials, guardrails

_ONE = "/guardrails/<str:guardrail_id>"
_EXCEPTION = "/exceptions/<int:exception_number>"
GUARDRAILS: list[URLPattern] = [
    path("/guardrails", guardrails.GuardrailList.as_view(), name="guardrails"),
    path("/guardrails/schema", guardrails.GuardrailSchema.as_view(), name="guardrail-schema"),
    path("/guardrails/try", guardrail_trials.GuardrailTry.as_view(), name="guardrail-try"),
    path(
        "/guardrails/mutation", guardrail_trials.MutationList.as_view(), name="guardrail-mutations"
    ),
    path(
        "/guardrails/mutation/<uuid:job_id>",
        guardrail_trials.MutationDetail.as_view(),
        name="guardrail-mutation",
    ),
    path(_ONE, guardrails.GuardrailDetail.as_view(), name="guardrail"),
    path(f"{_ONE}/versions", guardrails.GuardrailVersions.as_view(), name="guardrail-versions"),
    path(f"{_ONE}/results", guardrails.GuardrailResultList.as_view(), name="guardrail-results"),
    path(f"{_ONE}/remedy", guardrail_trials.GuardrailRemedy.as_view(), name="guardrail-remedy"),
    path("/exceptions", exceptions.ExceptionList.as_view(), name="exceptions"),
    path(_EXCEPTION, exceptions.ExceptionDetail.as_view(), name="exception"),
    path(f"{_EXCEPTION}/submit", exceptions.ExceptionSubmit.as_view(), name="exception-submit"),
    path(
        f"{_EXCEPTION}/withdraw", exceptions.ExceptionWithdraw.as_view(), name="exception-withdraw"
    ),
    path(f"{_EXCEPTION}/end", exceptions.ExceptionEnd.as_view(), name="exception-end"),
    path(f"{_EXCEPTION}/reviews", exceptions.ExceptionReviews.as_view(), name="exception-reviews"),
]
