"""Addresses of the roots, OUs and accounts that a page names."""

from django.urls import reverse


def target_href(slug: str, kind: str, target_id: str) -> str:
    """Return the page of a root, OU or account."""
    if kind == "ROOT":
        return reverse("organization", kwargs={"slug": slug})
    if kind == "ACCOUNT":
        return reverse("account", kwargs={"slug": slug, "account_id": target_id})
    return reverse("organizational-unit", kwargs={"slug": slug, "target_id": target_id})
