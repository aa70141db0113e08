"""What is known of the accounts below each node, in the words of the coverage column."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from inventory.selectors.coverage import NOTHING_KNOWN, CoverageSummary, Knowledge
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

    def add(self, summary: CoverageSummary) -> None:
        """Count one account."""
        self.by_knowledge[summary.knowledge] += 1
        at = summary.oldest_complete_at
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
        """The state to show: a key of `governance.web.states.STATES`, empty with no account."""
        if not self.by_knowledge.total():
            return ""
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


def knowledge_by_node(
    tree: Tree, parents: dict[str, str], summaries: dict[str, CoverageSummary]
) -> dict[str, NodeKnowledge]:
    """Gather the accounts' coverage at every root and OU above them.

    `parents`: account id → id of the root or OU it is in.
    """
    found = {target_id: NodeKnowledge() for target_id in tree.by_id}
    for account_id, parent_id in parents.items():
        summary = summaries.get(account_id, NOTHING_KNOWN)
        at = tree.by_id.get(parent_id)
        while at is not None:
            found[at.target_id].add(summary)
            at = tree.by_id.get(at.parent_id)
    return found


def knowledge_of(summary: CoverageSummary | None) -> NodeKnowledge:
    """Show one account like a node of one."""
    alone = NodeKnowledge()
    alone.add(summary or NOTHING_KNOWN)
    return alone
