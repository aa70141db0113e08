"""The page of one contract: what it agrees to, the edges it covers, who agreed to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.access import rights
from governance.approvals.agreements.approving import AgreementStanding, agreement_reviews
from governance.approvals.agreements.changing import EDITABLE, State
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.reviews import needs_step_up, why_not_count
from governance.contracts.approving import contract_standing
from governance.contracts.kind import CONTRACT
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
from governance.web.parts.states import REVIEW_STATES
from governance.web.trust.groups import shown_edges

_SHOWN_EDGES: Final = 100


@dataclass(frozen=True, slots=True)
class ContractApproval:
    """An approval that a contract needs. `agreed`, `entitled`: people by name."""

    name: str
    note: str
    is_met: bool
    agreed: tuple[str, ...]
    entitled: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class ContractActs:
    """What the action card offers; `why_not`: why this person's review would not count."""

    verdicts: bool = False
    why_not: str = ""
    asks_proof: bool = False
    submits: bool = False
    edits: bool = False
    withdraws: bool = False
    ends: bool = False
    renews: bool = False


class ContractPage(ContractPart):
    """One contract."""

    required_right = rights.VIEW_CONTRACTS
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
        standing = None
        if contract.state in (State.DRAFT, State.PROPOSED):
            standing = contract_standing(contract, now=self.now, directory=self.directory)
        edges = list(
            contract_edges(self.viewer, contract, directory=self.directory)[: _SHOWN_EDGES + 1]
        )
        rows = shown_edges(self, edges[:_SHOWN_EDGES])
        return super().get_context_data(
            contract=contract,
            look="waiting_for_approval" if contract.state == State.PROPOSED else contract.state,
            from_name=source_name(terms.source, self.directory),
            from_label=source_label(terms.source),
            to_name=target_name(terms.target, self.directory),
            to_label=target_label(terms.target),
            guard_words=guard_labels(contract),
            edges=rows,
            more_edges=len(edges) > _SHOWN_EDGES,
            approvals=[] if standing is None else _approvals(standing),
            waits_for_me=self.person.pk in contract.waiting_for,
            reviews=[
                _review(one, contract.digest) for one in agreement_reviews(CONTRACT, contract)
            ],
            versions=contract.versions.select_related("made_by"),
            acts=self._acts(standing),
            **kwargs,
        )

    def _acts(self, standing: AgreementStanding | None) -> ContractActs:
        contract, state = self.contract, State(self.contract.state)
        declares = self.may(rights.DECLARE_CONTRACT, None)
        approves = self.may(rights.APPROVE_CONTRACT, None)
        why_not, proof = "", False
        if state is State.PROPOSED and standing is not None:
            why_not = why_not_count(self.person, self.connection, standing.subject)
            proof = needs_step_up(self.person, standing.subject)
        return ContractActs(
            verdicts=state is State.PROPOSED and not why_not,
            why_not=why_not,
            asks_proof=proof,
            submits=declares and state is State.DRAFT,
            edits=declares and state in EDITABLE,
            withdraws=(declares or contract.declared_by_id == self.person.pk) and state in EDITABLE,
            ends=(declares or approves) and state is State.ACTIVE,
            renews=declares and state in (State.ACTIVE, State.ENDED),
        )


def _approvals(standing: AgreementStanding) -> list[ContractApproval]:
    found = []
    for met in standing.standing.by_requirement.values():
        required = met.required
        names = required.names
        notes = [
            f"{required.count} approvals" if required.count > 1 else "",
            "security as well" if required.needs_security else "",
            "identity confirmed" if required.needs_step_up else "",
        ]
        agreed = dict.fromkeys((*met.approved_by, *met.security_by))
        found.append(
            ContractApproval(
                name=required.label,
                note=", ".join(note for note in notes if note),
                is_met=met.is_met,
                agreed=tuple(names.get(one, str(one)) for one in agreed),
                entitled=tuple(sorted(names.get(one, str(one)) for one in met.waits_for)),
                problem=required.problem,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class ContractReviewLine:
    """What somebody said. `counts`: of the version that stands now."""

    name: str
    look: str
    body: str
    at: Any
    counts: bool
    void_reason: str


def _review(one: Review, digest: str) -> ContractReviewLine:
    return ContractReviewLine(
        name=one.reviewer.get_full_name() or one.reviewer.get_username(),
        look=REVIEW_STATES[ReviewVerdict(one.verdict)],
        body=one.body,
        at=one.created_at,
        counts=one.voided_at is None and one.digest == digest,
        void_reason=one.void_reason,
    )
