"""The frame around every page: which organization, where one can go, how fresh it all is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from governance.access import rights
from governance.access.grants import grants_of
from governance.access.rights import RightReach
from governance.access.viewers import viewer_of
from governance.web.parts.frame import FrameFreshness, frame_figures
from governance.web.parts.known_connections import known_connections
from governance.web.parts.rights_view import Opening, may_open
from inventory.models import Connection
from inventory.viewing import sees_whole


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A screen in the navigation. `of_connection`: its address begins with the organization's."""

    key: str
    label: str
    icon: str
    url_name: str
    right: str | Opening = rights.VIEW_INVENTORY
    of_connection: bool = True


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """Entries under one heading; the first group has none."""

    label: str
    entries: tuple[NavigationEntry, ...]


NAVIGATION: tuple[NavigationGroup, ...] = (
    NavigationGroup(
        "",
        (
            NavigationEntry("posture", "Posture", "layout-dashboard", "posture"),
            NavigationEntry("organization", "Organization", "hierarchy-3", "organization"),
            NavigationEntry("accounts", "Accounts", "box", "accounts"),
            NavigationEntry("policies", "Policies", "file-certificate", "policies"),
            NavigationEntry(
                "guardrails", "Guardrails", "shield-check", "guardrails", rights.VIEW_GUARDRAILS
            ),
            NavigationEntry(
                "landing-zone",
                "Landing zone",
                "building-broadcast-tower",
                "landing-zone",
                rights.VIEW_LANDING_ZONE,
            ),
            NavigationEntry("trust", "Trust", "arrows-right-left", "trust", rights.VIEW_TRUST),
            NavigationEntry("findings", "Findings", "list-check", "findings", rights.VIEW_FINDINGS),
            NavigationEntry("principals", "Principals", "users", "principals"),
            NavigationEntry("resources", "Resources", "database", "resource-policies"),
            NavigationEntry("usage", "Usage", "chart-line", "usage"),
            NavigationEntry("owners", "Owners", "user-shield", "owners"),
            NavigationEntry(
                "changes", "Changes", "git-pull-request", "change-requests", rights.VIEW_CHANGES
            ),
        ),
    ),
    NavigationGroup(
        "Investigate",
        (
            NavigationEntry("why-denied", "Why denied", "help-circle", "why-denied"),
            NavigationEntry("who-can", "Who can", "users-group", "who-can"),
            NavigationEntry("simulator", "Simulator", "flask", "simulator", rights.SIMULATE),
        ),
    ),
    NavigationGroup(
        "Record",
        (
            NavigationEntry("inventory-runs", "Inventory runs", "refresh", "inventory-runs"),
            NavigationEntry("log-sources", "CloudTrail logs", "file-certificate", "log-sources"),
            NavigationEntry("reports", "Reports", "printer", "reports", rights.MAKE_REPORT),
            NavigationEntry(
                "grants",
                "Grants",
                "checklist",
                "grants",
                rights.CONFIRM_OWNERS,
                of_connection=False,
            ),
            NavigationEntry(
                "audit", "Audit", "history", "audit", rights.VIEW_AUDIT, of_connection=False
            ),
        ),
    ),
    NavigationGroup(
        "Settings",
        (
            NavigationEntry(
                "connections", "Connections", "plug-connected", "connections", of_connection=False
            ),
            NavigationEntry(
                "approval-rules",
                "Approvals",
                "checklist",
                "approval-rules",
                rights.VIEW_APPROVAL_SETTINGS,
            ),
            NavigationEntry(
                "people", "People", "user", "people", rights.MANAGE_PEOPLE, of_connection=False
            ),
            NavigationEntry(
                "groups",
                "Groups",
                "users-group",
                "groups",
                rights.MANAGE_PEOPLE,
                of_connection=False,
            ),
            NavigationEntry(
                "claim-rules",
                "Identity provider",
                "login",
                "claim-rules",
                rights.MANAGE_PEOPLE,
                of_connection=False,
            ),
            NavigationEntry(
                "roles", "Roles", "checklist", "roles", rights.VIEW_ROLES, of_connection=False
            ),
            NavigationEntry(
                "tokens",
                "API tokens",
                "key",
                "tokens",
                rights.MANAGE_OWN_TOKENS,
                of_connection=False,
            ),
            NavigationEntry(
                "absence",
                "Absence",
                "calendar-clock",
                "absence",
                Opening.SIGNED_IN,
                of_connection=False,
            ),
            NavigationEntry(
                "webhooks",
                "Webhooks",
                "webhook",
                "webhooks",
                rights.MANAGE_WEBHOOKS,
                of_connection=False,
            ),
            NavigationEntry(
                "api",
                "REST API",
                "api",
                "api:documentation",
                Opening.SIGNED_IN,
                of_connection=False,
            ),
            NavigationEntry(
                "style", "Style", "list-details", "style", Opening.STAFF, of_connection=False
            ),
        ),
    ),
)


# Keys that lead to a screen after `g`: the key, the screen's and its label.
SHORTCUTS: Final = tuple(
    (key, entry.key, entry.label)
    for key, wanted in (
        ("p", "posture"),
        ("o", "organization"),
        ("a", "accounts"),
        ("l", "policies"),
        ("g", "guardrails"),
        ("t", "trust"),
        ("f", "findings"),
        ("r", "principals"),
        ("u", "usage"),
        ("c", "changes"),
        ("d", "why-denied"),
        ("w", "who-can"),
        ("s", "simulator"),
    )
    for group in NAVIGATION
    for entry in group.entries
    if entry.key == wanted
)


@dataclass(frozen=True, slots=True)
class Destination:
    """An entry this person may open, with its address. `count`: what waits for them there."""

    key: str
    label: str
    icon: str
    href: str
    count: int | None = None


# The groups, each with its label and the entries in it.
Destinations = tuple[tuple[str, tuple[Destination, ...]], ...]


@lru_cache(maxsize=4096)
def address_of(entry: NavigationEntry, slug: str | None) -> str | None:
    """Return where an entry leads; None without the organization it needs or without its page.

    `slug`: of the organization.
    """
    if entry.of_connection and slug is None:
        return None
    arguments = {"slug": slug} if entry.of_connection else {}
    try:
        return reverse(entry.url_name, kwargs=arguments)
    except NoReverseMatch:
        return None


def navigation(
    user: Any, connection: Connection | None, counts: Mapping[str, int] | None = None
) -> Destinations:
    """Return the groups with the entries that this person may open. `counts`: by entry's key."""
    waiting = counts or {}
    slug = connection.slug if connection else None
    opens: dict[str | Opening, bool] = {}
    for group in NAVIGATION:
        for entry in group.entries:
            if entry.right not in opens:
                opens[entry.right] = may_open(user, entry.right)
    groups = []
    for group in NAVIGATION:
        destinations = tuple(
            Destination(entry.key, entry.label, entry.icon, href, waiting.get(entry.key))
            for entry in group.entries
            if opens[entry.right] and (href := address_of(entry, slug)) is not None
        )
        if destinations:
            groups.append((group.label, destinations))
    return tuple(groups)


@dataclass(frozen=True, slots=True)
class Shell:
    """What `base.html` shows around a page. `roles`: the person's, with where they hold them.

    `sees_part`: they see not all of the organization.
    """

    connection: Connection | None
    connections: list[Connection]
    navigation: Destinations
    freshness: FrameFreshness | None
    roles: tuple[str, ...] = ()
    sees_part: bool = False
    shortcuts: tuple[tuple[str, str, str], ...] = SHORTCUTS


def roles_of(user: Any) -> tuple[str, ...]:
    """Say which roles somebody holds, each once, and whether only in part of an organization."""
    widest: dict[str, RightReach] = {}
    for grant in grants_of(user) if isinstance(user, User) else ():
        known = widest.get(grant.role, RightReach.ANYWHERE)
        widest[grant.role] = max(known, grant.reach, key=list(RightReach).index)
    return tuple(f"{role}{_ROLE_WHERE[reach]}" for role, reach in widest.items())


_ROLE_WHERE = {
    RightReach.ANYWHERE: " in part of an organization",
    RightReach.ORGANIZATION: " in one organization",
    RightReach.EVERYWHERE: "",
}


def build_shell(request: HttpRequest) -> Shell:
    """Read the frame for this request. The first organization is chosen where none is named."""
    viewer = viewer_of(request.user)
    found = known_connections(request, viewer)
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    chosen = next((one for one in found if one.slug == slug), found[0] if found else None)
    figures = frame_figures(request, viewer, chosen)
    return Shell(
        connection=chosen,
        connections=found,
        navigation=navigation(request.user, chosen, figures.waiting),
        freshness=figures.freshness,
        roles=roles_of(request.user),
        sees_part=chosen is not None and not sees_whole(viewer, chosen),
    )


def require_named_connection(request: HttpRequest, shell: Shell) -> None:
    """Stop where the address names an organization that the frame could not choose.

    :raises Http404: no such connection, or not one this person may see.
    """
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    if slug is not None and (shell.connection is None or shell.connection.slug != slug):
        raise Http404(f"There is no connected organization {slug!r} that you may see.")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Offer the frame to templates; it is read only where a template shows it."""
    return {"shell": SimpleLazyObject(lambda: build_shell(request))}
