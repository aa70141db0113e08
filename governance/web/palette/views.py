"""The palette's list, as it is filled while somebody types."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from governance.access import rights
from governance.access.viewers import holds_within, viewer_of
from governance.web.palette.commands import (
    are_alike,
    commands,
    commands_alike,
    questions,
    questions_alike,
)
from governance.web.palette.hits import Hit, HitGroup
from governance.web.palette.similar import similar_names
from governance.web.palette.statements import statements_named
from governance.web.parts.rights_view import Opening, RightsView
from governance.web.shell import Shell, build_shell, require_named_connection
from inventory.models import Connection
from inventory.selectors.search import SearchHit, search

SHORTEST_QUERY: Final = 2
_OWN: Final = ("Commands", "Screens")


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


class Palette(RightsView):
    """Answers with the options of the palette's list, grouped."""

    required_right = Opening.SIGNED_IN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Find in the organization named by `slug`, and among the screens and commands."""
        query = request.GET.get("q", "").strip()
        shell = build_shell(request)
        require_named_connection(request, shell)
        groups = [group for group in _found(request, shell, query) if group[1]]
        groups.sort(key=lambda group: not _begins_with(query, group))
        is_similar = not groups and len(query) >= SHORTEST_QUERY
        if is_similar:
            groups = [group for group in _similar(request, shell, query) if group[1]]
        return render(
            request,
            "includes/palette_options.html",
            {
                "groups": groups,
                "query": query,
                "is_similar": is_similar and bool(groups),
                "too_short": 0 < len(query) < SHORTEST_QUERY,
            },
        )


def _begins_with(query: str, group: HitGroup) -> bool:
    """Whether a query begins a command's or screen's name: then these are what is meant."""
    label, hits = group
    wanted = query.casefold()
    return (
        bool(wanted)
        and label in _OWN
        and any(hit.label.casefold().startswith(wanted) for hit in hits)
    )


def _found(request: HttpRequest, shell: Shell, query: str) -> Iterator[HitGroup]:
    connection = shell.connection
    if connection is not None and len(query) >= SHORTEST_QUERY:
        viewer = viewer_of(request.user)
        yield from _things(search(viewer, connection=connection, words=query), connection)
        if _sees_inventory(request, connection):
            yield "Statements", statements_named(viewer, connection, query)
            yield "Actions", questions(connection, query)
    yield "Commands", commands(request.user, connection, query)
    wanted = query.casefold()
    yield (
        "Screens",
        [hit for hit in _screens(shell) if wanted in hit.label.casefold()],
    )


def _similar(request: HttpRequest, shell: Shell, query: str) -> Iterator[HitGroup]:
    """Return what a mistyped query may have meant."""
    if shell.connection is not None:
        found = similar_names(viewer_of(request.user), connection=shell.connection, words=query)
        yield from _things(found, shell.connection)
        if _sees_inventory(request, shell.connection):
            yield "Actions", questions_alike(shell.connection, query)
    yield "Commands", commands_alike(request.user, shell.connection, query)
    yield (
        "Screens",
        [hit for hit in _screens(shell) if are_alike(query, hit.label)],
    )


def _sees_inventory(request: HttpRequest, connection: Connection) -> bool:
    return holds_within(request.user, rights.VIEW_INVENTORY, connection=connection)


def _screens(shell: Shell) -> Iterator[Hit]:
    for group, destinations in shell.navigation:
        for one in destinations:
            yield Hit(one.label, group, one.icon, one.href)


def _things(found: list[SearchHit], connection: Connection) -> list[HitGroup]:
    groups: list[HitGroup] = []
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
