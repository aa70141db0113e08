"""What of a finding somebody is shown who sees a part of the organization."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from governance.access.owners.targets import target_tree
from governance.inbox.models import InboxItem
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole, targets_seen

ACCOUNTS_OUTSIDE: Final = "and accounts outside your access"
OUTSIDE: Final = "outside your access"


@dataclass(frozen=True, slots=True)
class VisibleFinding:
    """A finding as one viewer may see it.

    `title` names and counts no hidden account. `accounts`: how many it concerns, of those that are
    seen. `has_more`: it concerns accounts outside what the viewer may see, too. `is_whole`: nothing
    that it rests on is hidden. `target_is_hidden`: what it is about lies in a hidden account.
    `caller_is_hidden`: it was done in one.
    """

    title: str
    accounts: int
    has_more: bool = False
    is_whole: bool = True
    target_is_hidden: bool = False
    caller_is_hidden: bool = False


class FindingsShown:
    """What one viewer is shown of the findings of one organization."""

    def __init__(self, viewer: Viewer, connection: Connection | int) -> None:
        self._connection = connection
        self._sees_whole = sees_whole(viewer, connection)
        self._seen = targets_seen(viewer, connection)

    def of(self, item: InboxItem) -> VisibleFinding:
        """Return what is shown of a finding that the viewer sees."""
        if self._sees_whole:
            return VisibleFinding(item.title, item.accounts)
        accounts, has_more = item.accounts, False
        if item.account_ids:
            accounts = sum(map(self._seen.holds_account, item.account_ids))
            has_more = accounts < len(item.account_ids)
        elif item.reached_ids and not all(map(self._seen.holds_wholly, item.reached_ids)):
            accounts = min(item.accounts, len(self._below(item.reached_ids)))
            has_more = True
        rests_on = [item.place_id] if item.place_id else []
        is_whole = not has_more and all(map(self._seen.holds_wholly, rests_on))
        title = item.title if is_whole else item.part_title or item.title
        return VisibleFinding(
            title,
            accounts,
            has_more,
            is_whole,
            target_is_hidden=self._is_hidden(item.account_id),
            caller_is_hidden=self._is_hidden(item.detail.get("happened_in") or ""),
        )

    def _is_hidden(self, account_id: str) -> bool:
        return bool(account_id) and not self._seen.holds_account(account_id)

    def _below(self, target_ids: Iterable[str]) -> set[str]:
        return {one for target_id in target_ids for one in self._by_place.get(target_id, ())}

    @cached_property
    def _by_place(self) -> dict[str, set[str]]:
        """The accounts that are seen, by each place at and above them."""
        connection = self._connection
        if isinstance(connection, int):
            connection = Connection.objects.get(pk=connection)
        tree = target_tree(connection)
        found: dict[str, set[str]] = {}
        for account_id in self._seen.account_ids:
            for one in tree.upwards(account_id):
                found.setdefault(one.target_id, set()).add(account_id)
        return found


def shown_findings(items: Iterable[InboxItem], viewer: Viewer) -> dict[int, VisibleFinding]:
    """Return what a viewer is shown of findings of one organization that they see, by number."""
    found = list(items)
    shown = FindingsShown(viewer, found[0].connection_id) if found else None
    return {item.pk: shown.of(item) for item in found if shown}
