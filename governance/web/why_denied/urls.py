"""Addresses of Why denied, under an organization."""

from django.urls import URLPattern, path

from governance.web.why_denied.views import WhyDenied, WhyDeniedSuggestions

why_denied_patterns: list[URLPattern] = [
    path("why-denied/", WhyDenied.as_view(), name="why-denied"),
    path("why-denied/suggestions/", WhyDeniedSuggestions.as_view(), name="why-denied-suggestions"),
]
