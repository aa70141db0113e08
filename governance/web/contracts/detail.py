"""The page of one contract: what it agrees to, the edges it covers, who agreed to it."""

from collections.abc import Sequence
from typing import Any, Final

from governance.access import rights
from governance.approvals.agreements.changing import State
from governance.contracts.selectors import contract_edges
from governance.presentation.contract_wording import (
    guard_labels,
    source_label,
    source_name,
    target_label,
    target_name,
    until_words,
)
from governance.web.contracts.frame import ContractPart
from governance.web.parts.ages import ago
from governance.web.parts.pages import Fact
from governance.web.trust.groups import shown_edges
from inventory.selectors.freshness import TRUST_TABLES

_SHOWN_EDGES: Final = 100


class ContractPage(ContractPart):
    """One contract."""

    required_right = rights.VIEW_CONTRACTS
    shows_tables = TRUST_TABLES
    template_name = "governance/contracts/contract.html"

    def get_facts(self) -> Sequence[Fact]:
        """Return who declared it, when, and until when it holds."""
        contract = self.contract
        facts = [
            Fact("Version", str(contract.version)),
            Fact("Declared by", contract.declared_by.get_username()),
            Fact("Declared", ago(contract.declared_at, now=self.now)),
            Fact("Until", until_words(contract, self.now.date())),
        ]
        if contract.decided_at:
            facts.append(Fact("Decided", ago(contract.decided_at, now=self.now)))
        if contract.replaces:
            facts.append(Fact("Replaces", str(contract.replaces)))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add terms, edges, approvals, reviews and what this person may do."""
        contract = self.contract
        terms = contract.terms
        edges = list(
            contract_edges(self.viewer, contract, directory=self.directory)[: _SHOWN_EDGES + 1]
        )
        rows = shown_edges(self, edges[:_SHOWN_EDGES])
        return super().get_context_data(
            contract=contract,
            from_id=self.linked_id(terms.source.value),
            to_id=self.linked_id(terms.target.value),
            from_name=source_name(terms.source, self.directory),
            from_label=source_label(terms.source),
            to_name=target_name(terms.target, self.directory),
            to_label=target_label(terms.target),
            guard_words=guard_labels(contract),
            edges=rows,
            more_edges=len(edges) > _SHOWN_EDGES,
            versions=contract.versions.select_related("made_by"),
            renews=(
                contract.state in (State.ACTIVE, State.ENDED)
                and self.may(rights.DECLARE_CONTRACT, None)
            ),
            **self.agreement_context(asked_by_id=contract.declared_by_id),
            **kwargs,
        )
