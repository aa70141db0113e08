"""The kinds of events: each declares once what it is called, who is told, and in which words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth.models import User

from governance.notifications.models import NotificationWay, OutboxEvent
from inventory.viewing import Viewer

_LONGEST_TITLE: Final = 300
_MOST_LINES: Final = 50


class UnknownKind(ValueError):
    """No kind of that name is registered."""


@dataclass(frozen=True, slots=True)
class Wording:
    """An event in words for one viewer.

    `title`: the result in one sentence, without a full stop. `lines`: the details. `path`: where
    in Orgwarden to look. `facts`: the same for programs, as JSON.
    """

    title: str
    lines: tuple[str, ...] = ()
    path: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


Words = Callable[[OutboxEvent, Viewer], Wording | None]
Audience = Callable[[OutboxEvent], Iterable[User]]


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of events.

    `name`: `subject.happening`, as programs read it. `label`, `help`: as people choose it, under
    `group`. `default`: the ways by which somebody is told who chose nothing. `audience`: the right
    that those hold who may be told, or who they are for an event. `words`: the wording for a
    viewer; None: there is nothing that this viewer may see. `urgent`: told at once, at quiet hours
    too. `for_webhooks`: whether webhooks are told.
    """

    name: str
    label: str
    help: str
    group: str
    audience: str | Audience
    words: Words
    default: frozenset[NotificationWay] = frozenset({NotificationWay.INBOX})
    urgent: bool = False
    for_webhooks: bool = True


_KINDS: Final[dict[str, EventKind]] = {}


def register_kind(kind: EventKind) -> EventKind:
    """Make a kind known; the same one twice is no error.

    :raises ValueError: another kind has the name.
    """
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"two kinds of events are called {kind.name}")
    return kind


def kind_of(name: str) -> EventKind:
    """Return a kind by its name.

    :raises UnknownKind: there is none.
    """
    try:
        return _KINDS[name]
    except KeyError:
        raise UnknownKind(f"no kind of events is called {name!r}") from None


def kinds() -> tuple[EventKind, ...]:
    """Return every kind, those of one group together."""
    return tuple(sorted(_KINDS.values(), key=lambda kind: (kind.group, kind.label)))


def label_of(name: str) -> str:
    """Return what a kind is called; of one that is gone its name."""
    kind = _KINDS.get(name)
    return kind.label if kind else name


def fitted(wording: Wording) -> Wording:
    """Return a wording that every way can carry: no line breaks in it, nothing too long."""
    lines = tuple(one_line(line, most=1000) for line in wording.lines)
    if len(lines) > _MOST_LINES:
        lines = (*lines[: _MOST_LINES - 1], f"and {len(lines) - _MOST_LINES + 1:,} more")
    title = one_line(wording.title, most=_LONGEST_TITLE)
    return Wording(title, lines, wording.path, wording.facts)


def one_line(text: str, *, most: int) -> str:
    """Return text without line breaks and control characters, cut to `most` characters.

    Directions of writing are taken out too: a name must not turn around what is said of it.
    """
    kept = "".join(each if each.isprintable() else " " for each in text)
    kept = " ".join(kept.split())
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"
