"""The rows of both trees in one table: which are shown, and what stands in them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from governance.snapshots.comparing import Compared
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import KIND_WORDS, DifferenceGroup, DifferenceKind
from governance.snapshots.trees import ACCOUNT, AlignedNode, NodeState, unchanged_accounts
from governance.web.parts.organization_rows import CountChip, count_chips
from governance.web.parts.states import state_look
from governance.web.parts.tree_state import OpenNodes, TreeState
from governance.web.snapshots.wording import iso, verb_look, way_words
from inventory.models import Account, Connection
from inventory.policy_types import DEFAULT_POLICY_IDS, policy_type
from inventory.selectors.accounts import accounts_after, first_accounts
from inventory.selectors.hierarchy import attached_policies
from inventory.viewing import Viewer

_ACCOUNTS_AT_ONCE: Final = 50
_CHANGED_AT_ONCE: Final = 20
_MARKS_SHOWN: Final = 4
_ROWS_OPENED: Final = 80


@dataclass(frozen=True, slots=True)
class NodeMark:
    """One thing that differs at a node: icon and words. `place`: where it moved from or to."""

    icon: str
    tone: str
    words: str
    place: SafeString | None = None


@dataclass(frozen=True, slots=True)
class AlignedRow:
    """One row. `kind`: of the tree, or `fold`, a button that loads rows from `load`.

    A fold with `href` instead leads to the list.
    `opens`: it is open where nobody closed it. `is_hidden`: something above it is closed.
    """

    node_id: str
    parent_id: str
    kind: str
    depth: int
    before: NodeState | None = None
    after: NodeState | None = None
    before_chips: tuple[CountChip, ...] = ()
    after_chips: tuple[CountChip, ...] = ()
    before_href: str = ""
    after_href: str = ""
    marks: tuple[NodeMark, ...] = ()
    more_marks: int = 0
    has_children: bool = False
    is_open: bool = False
    load: str = ""
    words: str = ""
    href: str = ""
    opens: bool = False
    is_hidden: bool = False

    @property
    def icon_name(self) -> str:
        """The icon of its kind."""
        return {"ROOT": "building", "ORGANIZATIONAL_UNIT": "folder"}.get(self.kind, "box")

    @property
    def name(self) -> str:
        """What it is called, later if it is still there."""
        state = self.after or self.before
        return state.name if state else ""

    @property
    def was_renamed(self) -> bool:
        """Whether it has another name later, at the same place."""
        if self.before is None or self.after is None:
            return False
        return self.before.name != self.after.name

    @property
    def accounts_words(self) -> str:
        """How many accounts lie below at both times, once where they are equal."""
        before = self.before.accounts if self.before else 0
        after = self.after.accounts if self.after else 0
        if before == after:
            return f"{after:,} {'account' if after == 1 else 'accounts'}"
        return f"{before:,} → {after:,} accounts"

    @property
    def is_account(self) -> bool:
        """Whether it is an account, which has no number of accounts."""
        return self.kind == ACCOUNT


class AlignedRows:
    """Makes rows of nodes. `everything`: OUs that did not change stand in their places."""

    def __init__(
        self,
        viewer: Viewer,
        connection: Connection,
        compared: Compared,
        tree: AlignedNode,
        *,
        everything: bool,
    ) -> None:
        self._viewer = viewer
        self._connection = connection
        self._compared = compared
        self._tree = tree
        self._everything = everything

    def all(self, state: TreeState) -> list[AlignedRow]:
        """Return the whole table, as much of it opened as one page may hold and `state` asks."""
        nodes = OpenNodes(self._opened(), frozenset(state.opened), state.closed)
        opened = {*nodes.by_itself, *nodes.by_hand}
        shown = self._accounts(opened) if self._everything else {}
        chips = self._chips(account for rows in shown.values() for account in rows)
        rows: list[AlignedRow] = []

        def walk(node: AlignedNode, *, hidden: bool) -> None:
            is_loaded = nodes.is_loaded(node.target_id) and is_here(node)
            is_open = is_loaded and nodes.is_open(node.target_id)
            row = replace(self._row(node, is_open=is_open), is_hidden=hidden)
            if is_loaded:
                row = replace(row, load="", opens=node.target_id in nodes.by_itself)
            rows.append(row)
            if not is_loaded:
                return
            hidden = hidden or not is_open
            for child in self._units(node):
                walk(child, hidden=hidden)
            below = self._below(node, shown.get(node.target_id, []), chips)
            rows.extend(replace(one, is_hidden=hidden) for one in below)

        walk(self._tree, hidden=False)
        return rows

    def directly_below(self, node: AlignedNode) -> list[AlignedRow]:
        """Return what a node shows when it is opened: OUs closed, then accounts."""
        accounts: list[Account] = []
        if self._everything or _is_equal(node):
            following = accounts_after(self._unchanged(), parent_id=node.target_id, after="")
            accounts = list(following[:_ACCOUNTS_AT_ONCE])
        units = [self._row(child, is_open=False) for child in self._units(node)]
        return units + self._below(node, accounts, self._chips(accounts))

    def unchanged_below(self, node: AlignedNode, *, after: str) -> list[AlignedRow]:
        """Return the OUs directly below a node that did not change, then such accounts.

        `after`: only the accounts that follow this one by name; the OUs were shown before them.
        """
        rows: list[AlignedRow] = []
        if not after and not self._everything:
            rows += [
                self._row(child, is_open=False)
                for child in node.children
                if child.kind != ACCOUNT and _is_equal(child)
            ]
        following = accounts_after(self._unchanged(), parent_id=node.target_id, after=after)
        here = list(following[:_ACCOUNTS_AT_ONCE])
        chips = self._chips(here)
        rows += [self._account_row(node, account, chips) for account in here]
        left = following.count() - len(here)
        if left > 0:
            rows.append(self._fold(node, units=0, accounts=left, after=here[-1].account_id))
        return rows

    def _units(self, node: AlignedNode) -> list[AlignedNode]:
        """Return the OUs that have a row of their own directly below a node."""
        whole = self._everything or _is_equal(node)
        units = [child for child in node.children if child.kind != ACCOUNT]
        return [child for child in units if whole or not _is_equal(child)]

    def _below(
        self,
        node: AlignedNode,
        accounts: Sequence[Account],
        chips: Mapping[str, tuple[CountChip, ...]],
    ) -> list[AlignedRow]:
        """Return the rows of a node after its OUs: accounts that changed, others, folds."""
        changed = [child for child in node.children if child.kind == ACCOUNT]
        rows = [self._row(child, is_open=False) for child in changed[:_CHANGED_AT_ONCE]]
        if len(changed) > _CHANGED_AT_ONCE:
            rows.append(self._more_changed(node, len(changed) - _CHANGED_AT_ONCE))
        rows += [self._account_row(node, account, chips) for account in accounts]
        units = sum(child.kind != ACCOUNT for child in node.children) - len(self._units(node))
        left = node.accounts_unchanged - len(accounts)
        if units or left > 0:
            after = accounts[-1].account_id if accounts else ""
            rows.append(self._fold(node, units=units, accounts=left, after=after))
        return rows

    def _opened(self) -> set[str]:
        """Choose which nodes are open at first: the upper ones before the lower ones."""
        opened: set[str] = set()
        waiting, rows = [self._tree], 1
        while waiting:
            node = waiting.pop(0)
            units = self._units(node)
            changed = sum(child.kind == ACCOUNT for child in node.children)
            below = len(units) + min(changed, _CHANGED_AT_ONCE) + 1
            if self._everything:
                below += min(node.accounts_unchanged, _ACCOUNTS_AT_ONCE)
            if node is not self._tree and rows + below > _ROWS_OPENED:
                continue
            rows += below
            opened.add(node.target_id)
            waiting += [child for child in units if is_here(child)]
        return opened

    def _unchanged(self) -> Any:
        return unchanged_accounts(
            self._viewer, connection=self._connection, compared=self._compared
        )

    def _accounts(self, opened: set[str]) -> Mapping[str, list[Account]]:
        return first_accounts(self._unchanged(), parent_ids=opened, limit=_ACCOUNTS_AT_ONCE)

    def _chips(self, accounts: Any) -> Mapping[str, tuple[CountChip, ...]]:
        """Return the chips of some accounts of the later state, in two queries."""
        account_ids = [account.account_id for account in accounts]
        if not account_ids:
            return {}
        found = attached_policies(
            self._viewer,
            connection=self._connection,
            as_of=self._compared.after.as_of,
            target_ids=account_ids,
        )
        return {
            account_id: chips_of(
                policy.type for policy in policies if policy.policy_id not in DEFAULT_POLICY_IDS
            )
            for account_id, policies in found.items()
        }

    def _row(self, node: AlignedNode, *, is_open: bool) -> AlignedRow:
        marks = self._marks(node, is_open=is_open)
        gone = not is_here(node)
        has_children = not gone and bool(node.children or node.accounts_unchanged > 0)
        loads = has_children and not is_open
        return AlignedRow(
            node_id=node.target_id if not gone else f"was-{node.target_id}",
            parent_id=node.state.parent_id,
            kind=node.kind,
            depth=node.depth,
            before=node.before,
            after=node.after,
            before_chips=chips_of(node.before.policies.elements()) if node.before else (),
            after_chips=chips_of(node.after.policies.elements()) if node.after else (),
            before_href=self._href(node.target_id, at_before=True) if node.before else "",
            after_href=self._href(node.target_id, at_before=False) if node.after else "",
            marks=tuple(marks[:_MARKS_SHOWN]),
            more_marks=max(0, len(marks) - _MARKS_SHOWN),
            has_children=has_children,
            is_open=is_open and has_children,
            load=self._load(node.target_id) if loads else "",
        )

    def _account_row(
        self, node: AlignedNode, account: Account, chips: Mapping[str, tuple[CountChip, ...]]
    ) -> AlignedRow:
        state = NodeState(account.name, node.target_id, 1, node.state.policies)
        found = chips.get(account.account_id, ())
        return AlignedRow(
            node_id=account.account_id,
            parent_id=node.target_id,
            kind=ACCOUNT,
            depth=node.depth + 1,
            before=state,
            after=state,
            before_chips=found,
            after_chips=found,
            before_href=self._href(account.account_id, at_before=True),
            after_href=self._href(account.account_id, at_before=False),
        )

    def _fold(self, node: AlignedNode, *, units: int, accounts: int, after: str) -> AlignedRow:
        """Return the button that brings what did not change below a node."""
        counts = []
        if units:
            counts.append(f"{units:,} {'OU' if units == 1 else 'OUs'}")
        if accounts > 0:
            counts.append(f"{accounts:,} {'account' if accounts == 1 else 'accounts'}")
        more = {"part": "unchanged", **({"after": after} if after else {})}
        return AlignedRow(
            node_id=f"fold-{node.target_id}-{after}",
            parent_id=node.target_id,
            kind="fold",
            depth=node.depth + 1,
            load=self._load(node.target_id, **more),
            words=f"Show {' and '.join(counts)} that did not change",
        )

    def _more_changed(self, node: AlignedNode, more: int) -> AlignedRow:
        where = self._address(
            "organization-compare", query={"group": "accounts", "under": node.target_id}
        )
        return AlignedRow(
            node_id=f"more-{node.target_id}",
            parent_id=node.target_id,
            kind="fold",
            depth=node.depth + 1,
            words=f"{more:,} more that changed, in the list",
            href=where,
        )

    def _load(self, target_id: str, **more: str) -> str:
        if self._everything:
            more["all"] = "1"
        return self._address("organization-compare-children", target_id=target_id, query=more)

    def _address(self, name: str, *, query: Mapping[str, str], **kwargs: str) -> str:
        """Return the address of another part about the same two times."""
        before, after = self._compared.before, self._compared.after
        pairs = QueryDict(mutable=True)
        pairs.update({"from": before.text, "until": after.text, **query})
        where = reverse(name, kwargs={"slug": self._connection.slug, **kwargs})
        return f"{where}?{pairs.urlencode()}"

    def _href(self, target_id: str, *, at_before: bool) -> str:
        moment = self._compared.before if at_before else self._compared.after
        slug = self._connection.slug
        if target_id.isdecimal():
            href = reverse("account", kwargs={"slug": slug, "account_id": target_id})
        elif target_id.startswith("ou-"):
            href = reverse("organizational-unit", kwargs={"slug": slug, "target_id": target_id})
        else:
            href = reverse("organization", kwargs={"slug": slug})
        return href if moment.as_of is None else f"{href}?as_of={iso(moment.at)}"

    def _marks(self, node: AlignedNode, *, is_open: bool) -> list[NodeMark]:
        marks = [self._mark(node, one) for one in node.differences]
        marks += [
            NodeMark("file-diff", "plain", f"Text of {one.name} changed") for one in node.edited
        ]
        if node.changed_below and not is_open:
            words = f"{node.changed_below:,} that changed below"
            marks.append(NodeMark("chevron-down", "plain", words))
        return marks

    def _mark(self, node: AlignedNode, one: SnapshotDifference) -> NodeMark:
        verb = KIND_WORDS[one.kind].verb
        icon, tone = verb_look(verb)
        if one.loud:
            icon, tone = "alert-triangle", "bad"
        if one.kind in (DifferenceKind.ACCOUNT_MOVED, DifferenceKind.ORGANIZATIONAL_UNIT_MOVED):
            gone = node.after is None
            words, way = ("Moved to", one.way_after) if gone else ("Moved from", one.way_before)
            return NodeMark(icon, tone, words, way_words(way))
        if one.group is DifferenceGroup.ATTACHMENTS or one.target_id:
            words = f"{one.name} {verb.lower()}"
        elif one.kind in (
            DifferenceKind.ACCOUNT_RENAMED,
            DifferenceKind.ORGANIZATIONAL_UNIT_RENAMED,
        ):
            words = f"Renamed from {(one.before or {}).get('name', '')}"
        elif one.kind is DifferenceKind.ACCOUNT_STATE_CHANGED:
            was, is_now = (
                state_look((side or {})["state"]).word for side in (one.before, one.after)
            )
            words = f"State {was} → {is_now}"
        elif one.policy_type:
            words = f"{policy_type(one.policy_type).label} {verb.lower()}"
        else:
            words = verb
        return NodeMark(icon, tone, words)


def chips_of(types: Iterable[str]) -> tuple[CountChip, ...]:
    """Return a chip for each policy type that is attached right at a node."""
    return count_chips(Counter(types), Counter())


def is_here(node: AlignedNode) -> bool:
    """Whether what lies below a node is told at this place: of what moved, at its later one."""
    return node.after is not None or not node.elsewhere


def _is_equal(node: AlignedNode) -> bool:
    return not node.is_changed and not node.changed_below
