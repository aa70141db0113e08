"""What the picture can show of judgements: guardrails that fail, and open drift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

from governance.baseline.guardrails.outcome_counts import (
    NO_ACCOUNTS,
    OutcomeCounts,
    counts_by_account,
    counts_by_unit,
)
from governance.drift.models import DriftReading
from governance.drift.selectors import drift_reading
from governance.inbox.models import InboxItem
from governance.inbox.open_drift import DriftAtPlace, drift_by_place
from governance.web.organization.measures import Measured, MeasureReading
from governance.web.organization.reading import TreeReading
from governance.web.parts.knowledge import NodeKnowledge
from inventory.models import Account
from inventory.selectors.accounts import account_parents
from inventory.selectors.coverage import NOTHING_KNOWN, CoverageSummary, Knowledge
from inventory.selectors.hierarchy import TreeNode

_NOTHING_WORKED_OUT: Final = "Not known: no guardrail was evaluated"
_NOT_COVERED: Final = "Not known: what the guardrails rest on could not be read"
_NEVER_COMPARED: Final = "Not known: no baseline was compared"
_NO_BASELINE: Final = "Not known: no baseline says what should be"
_NO_DRIFT_THEN: Final = "Not known: drift is known as of now only"
# Accounts of which nothing was read: that no drift was found there says nothing.
_UNREAD: Final = frozenset({Knowledge.UNKNOWN, Knowledge.DENIED, Knowledge.FAILED})
_SEVERITIES: Final = tuple(reversed(InboxItem.InboxSeverity.values))
# What a severity outweighs: drift of one severity is ordered by its number, up to this.
_MOST_COUNTED: Final = 999


@dataclass(frozen=True)
class FailingGuardrails(MeasureReading):
    """How many guardrails fail in a node. `by_account`: of the accounts that are drawn."""

    full: ClassVar[float] = 1.0

    by_account: Mapping[str, OutcomeCounts]

    @cached_property
    def _by_unit(self) -> Mapping[str, OutcomeCounts]:
        at = self.reading
        found = dict.fromkeys(at.tree.by_id, NO_ACCOUNTS)
        counted = counts_by_unit(at.viewer, connection=at.connection, as_of=at.as_of)
        for (_guardrail, parent_id), counts in counted.items():
            if parent_id in found:
                found[parent_id] += counts
        # A parent comes before its children, so backwards each is whole before it is added.
        for node in reversed(at.tree.by_id.values()):
            if node.parent_id in found:
                found[node.parent_id] += found[node.target_id]
        return found

    def meaning(self) -> str:
        """Say what counts."""
        return (
            "guardrails an account that fail and that no exception covers. Undecided ones and "
            "those whose facts could not be read do not count"
        )

    def of_unit(self, node: TreeNode) -> Measured:
        """Count the results of all accounts below."""
        counts = self._by_unit[node.target_id]
        return self._of(counts, accounts=node.accounts)

    def of_account(self, account: Account, parent: TreeNode) -> Measured:
        """Count the guardrails that fail in the account."""
        return self._of(self.by_account.get(account.account_id, NO_ACCOUNTS), accounts=1)

    @staticmethod
    def _of(counts: OutcomeCounts, *, accounts: int) -> Measured:
        if not counts.accounts:
            return Measured(None, _NOTHING_WORKED_OUT)
        if counts.not_covered == counts.accounts:
            return Measured(None, _NOT_COVERED)
        noun = "guardrail" if accounts == 1 else "result"
        verb = "fails" if counts.fails == 1 else "fail"
        said = f"{counts.fails:,} of {counts.accounts:,} {noun}s {verb}"
        said += f"; {counts.undecided:,} undecided" if counts.undecided else ""
        said += f"; {counts.not_covered:,} not covered" if counts.not_covered else ""
        return Measured(counts.fails / max(accounts, 1), said)

    def in_words(self, value: float) -> str:
        """Count guardrails an account."""
        return f"{value:,.1f}".removesuffix(".0") + " an account" if value else "None"


@dataclass(frozen=True)
class OpenDriftSeverity(MeasureReading):
    """The worst open drift at or below a node; of one severity, more is worse."""

    full: ClassVar[float] = float(len(_SEVERITIES))

    knowledge: Mapping[str, NodeKnowledge]
    summaries: Mapping[str, CoverageSummary]

    @cached_property
    def _drift(self) -> Mapping[str, DriftAtPlace]:
        at = self.reading
        parents = {one.target_id: one.parent_id for one in at.tree.by_id.values()}
        parents |= account_parents(at.viewer, connection=at.connection)
        return drift_by_place(at.viewer, connection=at.connection, parents=parents)

    @cached_property
    def _looked_for(self) -> DriftReading | None:
        return None if self.reading.as_of else drift_reading(self.reading.connection)

    def meaning(self) -> str:
        """Say what counts."""
        return (
            "the worst severity of drift that is not resolved, at the node or below it. Where no "
            "account was read, no drift found means nothing"
        )

    def of_unit(self, node: TreeNode) -> Measured:
        """Weigh what is at the node and below."""
        known = self.knowledge[node.target_id].by_knowledge
        unread = sum(known[one] for one in _UNREAD)
        nothing_read = bool(unread) and unread == known.total() - known[Knowledge.SKIPPED]
        return self._of(node.target_id, unread, nothing_read=nothing_read)

    def of_account(self, account: Account, parent: TreeNode) -> Measured:
        """Weigh what concerns the account."""
        known = self.summaries.get(account.account_id, NOTHING_KNOWN).knowledge
        is_unread = known in _UNREAD
        return self._of(account.account_id, int(is_unread), nothing_read=is_unread)

    def _of(self, target_id: str, unread: int, *, nothing_read: bool) -> Measured:
        if self._looked_for is None:
            return Measured(None, _NO_DRIFT_THEN if self.reading.as_of else _NEVER_COMPARED)
        drift = self._drift.get(target_id)
        if drift is None:
            if self._looked_for.baseline_version is None:
                return Measured(None, _NO_BASELINE)
            if nothing_read:
                return Measured(None, "Not known: not collected")
            return Measured(0.0, "No open drift" + _also_unread(unread))
        counted = ", ".join(
            f"{drift.by_severity[name]:,} {name}"
            for name in InboxItem.InboxSeverity.values
            if drift.by_severity[name]
        )
        total = drift.by_severity.total()
        rank = 1 + _SEVERITIES.index(drift.worst)
        weight = rank + min(drift.by_severity[drift.worst], _MOST_COUNTED) / (_MOST_COUNTED + 1)
        said = f"{total:,} open: {counted}"
        said += f"; {drift.unverified:,} cannot be verified" if drift.unverified else ""
        return Measured(weight, said + _also_unread(unread))

    def in_words(self, value: float) -> str:
        """Name a severity."""
        return _SEVERITIES[int(value) - 1].capitalize() if value else "None"


def _also_unread(accounts: int) -> str:
    return f"; {accounts:,} not collected" if accounts else ""


def failing_guardrails(reading: TreeReading, accounts: Sequence[Account]) -> FailingGuardrails:
    """Read the measure for the accounts that are drawn."""
    return FailingGuardrails(
        reading,
        counts_by_account(
            reading.viewer,
            connection=reading.connection,
            account_ids=[one.account_id for one in accounts],
            as_of=reading.as_of,
        )
        if accounts
        else {},
    )
