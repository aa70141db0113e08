"""The palette behind Ctrl-K: accounts, OUs, policies, principals and screens by name or id."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from governance.access.viewers import viewer_of
from governance.web.parts.pages import Opening, RightsView
from governance.web.shell import Shell, build_shell, require_named_connection
from inventory.models import Connection
from inventory.selectors.search import Found, search

SHORTEST_QUERY: Final = 2


@dataclass(frozen=True, slots=True)
class PaletteKind:
    """How hits of one kind are shown. `argument`: which part of the page's address names it."""

    label: str
    icon: str
    url_name: str
    argument: str


_KINDS: Final = {
    "account": PaletteKind("Accounts", "box", "account", "account_id"),
    "organizational-unit": PaletteKind("OUs", "folder", "organizational-unit", "target_id"),
    "policy": PaletteKind("Policies", "file-certificate", "policy", "policy_id"),
    "principal": PaletteKind("Principals", "user-shield", "principal", "arn"),
    "resource": PaletteKind("Resources", "database", "resource-policy", "resource_arn"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the palette."""

    label: str
    note: str
    icon: str
    href: str


class Palette(RightsView):
    """Answers with the options of the palette's list, grouped."""

    required_right = Opening.SIGNED_IN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find in the organization named by `slug`, and among the screens."""
        query = request.GET.get("q", "").strip()
        shell = build_shell(request)
        require_named_connection(request, shell)
        groups: list[tuple[str, list[Hit]]] = []
        if shell.connection is not None and len(query) >= SHORTEST_QUERY:
            found = search(viewer_of(request.user), connection=shell.connection, words=query)
            groups += _things(found, shell.connection)
        screens = _screens(shell, query)
        if screens:
            groups.append(("Screens", screens))
        return render(
            request,
            "includes/palette_options.html",
            {
                "groups": groups,
                "query": query,
                "too_short": 0 < len(query) < SHORTEST_QUERY,
            },
        )


def _screens(shell: Shell, query: str) -> list[Hit]:
    wanted = query.casefold()
    return [
        Hit(destination.label, group, destination.icon, destination.href)
        for group, destinations in shell.navigation
        for destination in destinations
        if wanted in destination.label.casefold()
    ]


def _things(found: list[Found], connection: Connection) -> list[tuple[str, list[Hit]]]:
    groups = []
    for name, hits_of_kind in groupby(found, key=lambda hit: hit.kind):
        kind = _KINDS[name]
        hits = []
        for hit in hits_of_kind:
            try:
                href = reverse(
                    kind.url_name, kwargs={"slug": connection.slug, kind.argument: hit.key}
                )
            except NoReverseMatch:
                continue
            hits.append(Hit(hit.name, hit.detail, kind.icon, href))
        if hits:
            groups.append((kind.label, hits))
    return groups
