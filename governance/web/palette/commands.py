"""What can be begun from the palette: commands by their words, and questions about an action."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from governance.access import rights
from governance.posture.requests.suggestions import Suggestion, actions_alike, actions_named
from governance.web.palette.hits import Hit
from governance.web.parts.rights_view import Opening, may_here, may_open
from inventory.models import Connection

_MOST_ACTIONS: Final = 4
# How alike a word of a command and a mistyped one are: 1 is equal.
_ALIKE: Final = 0.75


@dataclass(frozen=True, slots=True)
class PaletteCommand:
    """Something to begin. `words`: further words that find it. `right`: held somewhere here."""

    label: str
    icon: str
    url_name: str
    right: str | Opening
    words: str = ""
    of_connection: bool = True


COMMANDS: Final = (
    PaletteCommand(
        "Propose a change",
        "git-pull-request",
        "change-request-create",
        rights.PROPOSE_CHANGE,
        "new change request scp edit attach detach move",
    ),
    PaletteCommand(
        "Simulate a change", "flask", "simulator", rights.SIMULATE, "what if draft try edit scp rcp"
    ),
    PaletteCommand(
        "Explain a denial",
        "help-circle",
        "why-denied",
        rights.VIEW_INVENTORY,
        "why denied accessdenied explicit deny error paste message",
    ),
    PaletteCommand(
        "Find who can do something",
        "users-group",
        "who-can",
        rights.VIEW_INVENTORY,
        "who can access principals allowed",
    ),
    PaletteCommand(
        "Compare two dates",
        "history",
        "organization-compare",
        rights.VIEW_INVENTORY,
        "diff changed since between snapshot",
    ),
    PaletteCommand(
        "Start a change from a template",
        "file-certificate",
        "change-templates",
        rights.PROPOSE_CHANGE,
        "scp template library region lock",
    ),
    PaletteCommand(
        "Create an API token",
        "key",
        "tokens",
        rights.MANAGE_OWN_TOKENS,
        "token program automation rest",
        of_connection=False,
    ),
    PaletteCommand(
        "Set theme, density and time zone",
        "user",
        "profile",
        Opening.SIGNED_IN,
        "preferences dark light profile password passkey notifications",
        of_connection=False,
    ),
)


def commands(user: Any, connection: Connection | None, query: str) -> list[Hit]:
    """Return the commands that hold every word of a query and that this person may begin.

    Without a query: all of them.
    """
    wanted = query.casefold().split()
    return [
        Hit(one.label, "", one.icon, _address(one, connection))
        for one in _open_to(user, connection)
        if all(word in f"{one.label} {one.words}".casefold() for word in wanted)
    ]


def commands_alike(user: Any, connection: Connection | None, query: str) -> list[Hit]:
    """Return the commands one of whose words a mistyped query comes close to."""
    return [
        Hit(one.label, "", one.icon, _address(one, connection))
        for one in _open_to(user, connection)
        if are_alike(query, f"{one.label} {one.words}")
    ]


def are_alike(query: str, label: str) -> bool:
    """Whether every word of a query, perhaps mistyped, is one of a label's; not without words."""
    words, of_label = query.casefold().split(), label.casefold().split()
    return bool(words) and all(
        get_close_matches(word, of_label, n=1, cutoff=_ALIKE) for word in words
    )


def questions(connection: Connection, query: str) -> list[Hit]:
    """Return what can be asked about the actions of AWS that a query names."""
    return _about_each(connection, [] if " " in query else actions_named(query))


def questions_alike(connection: Connection, query: str) -> list[Hit]:
    """Return what can be asked about the actions that a mistyped query comes close to."""
    return _about_each(connection, [] if " " in query else actions_alike(query))


def _about_each(connection: Connection, actions: Sequence[Suggestion]) -> list[Hit]:
    found = actions[:_MOST_ACTIONS]
    return [hit for action in found for hit in _about(connection, action, is_only=len(found) == 1)]


def _about(connection: Connection, action: Suggestion, *, is_only: bool) -> Iterator[Hit]:
    asked = urlencode({"action": action.value})
    who_can = reverse("who-can", kwargs={"slug": connection.slug})
    yield Hit(f"Who can {action.value}", action.label, "users-group", f"{who_can}?{asked}")
    if is_only:
        why_denied = reverse("why-denied", kwargs={"slug": connection.slug})
        yield Hit(
            f"Why is {action.value} denied", action.label, "help-circle", f"{why_denied}?{asked}"
        )


def _open_to(user: Any, connection: Connection | None) -> Iterator[PaletteCommand]:
    for one in COMMANDS:
        if not one.of_connection or connection is None:
            opens = not one.of_connection and may_open(user, one.right)
        else:
            opens = isinstance(one.right, str) and may_here(user, one.right, connection, None)
        if opens:
            yield one


def _address(command: PaletteCommand, connection: Connection | None) -> str:
    if connection is None or not command.of_connection:
        return reverse(command.url_name)
    return reverse(command.url_name, kwargs={"slug": connection.slug})
