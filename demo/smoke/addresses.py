"""Every address of the product that can be visited, found in its URL patterns.

A screen or endpoint added later is visited without a line here, as long as its parameters have
a value among the samples.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

# What an address must be asked with.
_CHANGE = "/api/v1/organizations/<slug:slug>/change-requests/<int:number>"
_QUESTIONS = {
    "/api/v1/organizations/<slug:slug>/who-can": "?action=s3:GetObject",
    "/api/v1/organizations/<slug:slug>/paths": "?from=outside",
    f"{_CHANGE}/verdict": f"?digest={'0' * 64}",
}
# Answer by what beat and workers do at the moment, not by what is stored, or only to a token.
# The files of a plan are for one that was approved and that another tool applies.
_PROBES = frozenset({"/readyz", "/metrics", f"{_CHANGE}/files"})
# Steps of a sign-in and of second factors, which answer by what a browser, a mail or a person has.
_STEPS = (
    "/sign-in/with/<",
    "/set-password/<",
    "/step-up/",
    "/profile/security/authenticator/remove/",
    "/profile/security/passkeys/<",
    "/profile/security/codes/",
)
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Address:
    """One address. `lacking`: parameters without a sample; then `path` is still the pattern."""

    path: str
    lacking: tuple[str, ...] = ()


def addresses(samples: Mapping[str, str]) -> Iterator[Address]:
    """Yield every address, its parameters filled from `samples`."""
    for pattern in _patterns(get_resolver(), "/"):
        if pattern in _PROBES or pattern.startswith(_STEPS):
            continue
        names = _PARAMETER.findall(pattern)
        lacking = tuple(name for name in names if name not in samples)
        if lacking:
            yield Address(pattern, lacking)
        else:
            path = _PARAMETER.sub(lambda found: quote(samples[found[1]]), pattern)
            yield Address(path + _QUESTIONS.get(pattern, ""))


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        # Only path(): what is matched by a regular expression has no one address.
        route = getattr(entry.pattern, "_route", None)
        if route is None:
            continue
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, prefix + str(route))
        elif isinstance(entry, URLPattern):
            yield prefix + str(route)
