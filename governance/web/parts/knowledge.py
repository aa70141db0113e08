"""What is known of the accounts below each node, in the words of the coverage column."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from inventory.selectors.coverage import NOTHING_KNOWN, CoverageSummary, Knowledge
from inventory.selectors.coverage_by_parent import AlikeAccounts
from inventory.selectors.hierarchy import Tree

# What a node of several accounts shows where they are not all collected, worst news first.
_WORST_FIRST = (
    Knowledge.DENIED,
    Knowledge.FAILED,
    Knowledge.PARTIAL,
    Knowledge.UNKNOWN,
    Knowledge.STALE,
)


@dataclass(slots=True)
class NodeKnowledge:
    """How well the accounts at or below a node are known.

    `readable` leaves out accounts that cannot be read, being suspended or closed.
    """

    by_knowledge: Counter[Knowledge] = field(default_factory=Counter)
    oldest_complete_at: datetime | None = None

    def add(
        self, knowledge: Knowledge, oldest_complete_at: datetime | None, accounts: int = 1
    ) -> None:
        """Count accounts that are known alike."""
        self.by_knowledge[knowledge] += accounts
        self._note(oldest_complete_at)

    def merge(self, below: "NodeKnowledge") -> None:
        """Count the accounts of a node below."""
        self.by_knowledge.update(below.by_knowledge)
        self._note(below.oldest_complete_at)

    def _note(self, at: datetime | None) -> None:
        if at is not None and (self.oldest_complete_at is None or at < self.oldest_complete_at):
            self.oldest_complete_at = at

    @property
    def readable(self) -> int:
        """Accounts that could be read."""
        return self.by_knowledge.total() - self.by_knowledge[Knowledge.SKIPPED]

    @property
    def collected(self) -> int:
        """Accounts whose every collector is complete and fresh."""
        return self.by_knowledge[Knowledge.COLLECTED]

    @property
    def state(self) -> str:
        """The state to show: a key of `states.STATES`, empty with no account."""
        if not self.by_knowledge.total():
            return ""
        if len(self.by_knowledge) == 1:
            return next(iter(self.by_knowledge))
        if self.readable == 0:
            return Knowledge.SKIPPED
        if self.collected == self.readable:
            return Knowledge.COLLECTED
        for knowledge in _WORST_FIRST:
            if self.by_knowledge[knowledge] == self.readable:
                return knowledge
        return Knowledge.PARTIAL

    @property
    def shown_at(self) -> datetime | None:
        """The age to show in place of a word, where all is collected or merely too old."""
        if self.state in (Knowledge.COLLECTED, Knowledge.STALE):
            return self.oldest_complete_at
        return None

    @property
    def words(self) -> str:
        """What stands beside the icon where neither its word nor an age does."""
        if self.state == Knowledge.PARTIAL and self.readable > 1:
            return f"{self.collected:,} of {self.readable:,}"
        return ""


def knowledge_by_node(tree: Tree, alike: Iterable[AlikeAccounts]) -> dict[str, NodeKnowledge]:
    """Gather the accounts' coverage at every root and OU above them.

    Accounts that are not among `alike` were never collected.
    """
    found = {target_id: NodeKnowledge() for target_id in tree.by_id}
    for group in alike:
        if group.parent_id in found:
            found[group.parent_id].add(group.knowledge, group.oldest_complete_at, group.accounts)
    # A parent comes before its children, so backwards each is whole before it is merged.
    for node in reversed(tree.by_id.values()):
        known = found[node.target_id]
        unknown = node.accounts - known.by_knowledge.total()
        if unknown > 0:
            known.add(Knowledge.UNKNOWN, None, unknown)
        if node.parent_id in found:
            found[node.parent_id].merge(known)
    return found


def knowledge_of(summary: CoverageSummary | None) -> NodeKnowledge:
    """Show one account like a node of one."""
    alone = NodeKnowledge()
    known = summary or NOTHING_KNOWN
    alone.add(known.knowledge, known.oldest_complete_at)
    return alone
