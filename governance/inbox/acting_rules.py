"""Who may do what with which findings, and what is said of those passed over."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.contrib.auth.models import User

from governance.access import rights
from governance.access.owners.acting import ActingPerson, RightPlaces
from governance.access.owners.targets import target_tree
from governance.access.viewers import holds_within
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import OWN_EXCEPTIONS
from inventory.models import Connection
from inventory.viewing import Viewer, visible

State = InboxItem.State

MOST_AT_ONCE: Final = 1000
DRIFT_ACTS: Final = frozenset({"adopt", "ignore", "revert"})
"""What only drift can be resolved by, in `governance.drift` and `governance.changes`."""

_IN_TREE: Final = frozenset({"ROOT", "ORGANIZATIONAL_UNIT", "ACCOUNT"})


class CannotActOnFinding(Exception):
    """This cannot be done with a finding; the message says why."""


class NoSuchFinding(CannotActOnFinding):
    """There is no such finding for this person."""


@dataclass(slots=True)
class DoneWithFindings:
    """What came of an act. `passed_over`: why some were left as they are → how many."""

    done: list[int] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)

    def pass_over(self, reason: str) -> None:
        """Count one that is left as it is."""
        self.passed_over[reason] = self.passed_over.get(reason, 0) + 1


def why_not_act(item: InboxItem, act: str) -> str:
    """Return why an act is not possible with a finding in its state; empty: it is."""
    if act in ("comment", "export"):
        return ""
    if item.state == State.RESOLVED:
        return "it is resolved"
    if act in DRIFT_ACTS:
        return "" if item.source == InboxItem.Source.DRIFT else "it is not drift"
    if act == "mute" and item.source in OWN_EXCEPTIONS:
        return (
            "ask for an exception from the guardrail"
            if item.source == InboxItem.Source.GUARDRAIL
            else "except the drift instead"
        )
    if act == "return" and item.state not in (State.SNOOZED, State.EXCEPTED):
        return "it is open"
    if act == "return" and item.source in OWN_EXCEPTIONS:
        return "its exception ends where it was made" if item.state == State.EXCEPTED else ""
    return ""


class ActingPlaces:
    """Where somebody may work on findings."""

    def __init__(self, by: ActingPerson, connection: Connection) -> None:
        self._places: RightPlaces = by.places(rights.WORK_ON_FINDINGS, connection)
        self._tree = target_tree(connection)

    def why_not(self, item: InboxItem) -> str:
        """Return why not on a finding; empty: they may."""
        if self._places.whole:
            return ""
        own = item.target_id if item.target_kind in _IN_TREE else ""
        place = item.account_id or item.place_id or own
        if place and self._places.covers(self._tree, place):
            return ""
        return "you may not work on findings there"


def may_work(user: User, connection: Connection) -> bool:
    """Whether somebody may see findings of an organization, and so be given some."""
    return user.is_active and holds_within(user, rights.VIEW_FINDINGS, connection=connection)


def findings_to_act_on(
    viewer: Viewer, connection: Connection, item_ids: Collection[int], *, lock: bool = False
) -> Sequence[InboxItem]:
    """Return findings by their numbers.

    :raises CannotActOnFinding: too many at once.
    :raises NoSuchFinding: this person sees none of them.
    """
    if len(item_ids) > MOST_AT_ONCE:
        raise CannotActOnFinding(f"at most {MOST_AT_ONCE:,} findings at once")
    rows = visible(InboxItem.objects.all(), viewer).filter(
        connection=connection, pk__in=list(item_ids)
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = list(rows.order_by("pk"))
    if not found:
        raise NoSuchFinding("choose a finding that you may see")
    return found


def assignable_people(connection: Connection, people: Iterable[User]) -> list[User]:
    """Return those of some people to whom findings of an organization can be given."""
    return [one for one in people if may_work(one, connection)]
