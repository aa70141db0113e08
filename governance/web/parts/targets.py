"""Addresses of what a page names: roots, OUs, accounts, policies and principals."""

import re
from typing import Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

_PRINCIPAL: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:(?:role|user|group)/\S+")
# By what an id looks like: the route of its page, and the keyword of the id there.
_PAGES: Final = (
    (re.compile(r"\d{12}"), "account", "account_id"),
    (re.compile(r"ou-\S+"), "organizational-unit", "target_id"),
    (re.compile(r"p-\S+"), "policy", "policy_id"),
    (_PRINCIPAL, "principal", "arn"),
)


def page_href(slug: str, subject_id: str) -> str:
    """Return the page of an account, OU, root, policy or principal; empty: it has none.

    `subject_id`: its id or ARN, which says what it is.
    """
    if subject_id.startswith("r-"):
        return reverse("organization", kwargs={"slug": slug})
    for pattern, route, keyword in _PAGES:
        if pattern.fullmatch(subject_id):
            return reverse(route, kwargs={"slug": slug, keyword: subject_id})
    return ""


def named_link(slug: str, subject_id: str, name: str, query: str = "") -> SafeString:
    """Show a name as the link to its page, alone where it has none.

    Give only ids of what the viewer may see. `query`: `?as_of=…` of a page about a past time.
    """
    href = page_href(slug, subject_id)
    if not href:
        return format_html("{}", name)
    return format_html('<a class="named-link" href="{}{}">{}</a>', href, query, name)
