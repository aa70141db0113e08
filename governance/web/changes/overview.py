"""The first tab of a change request: what it does, who must agree, what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from governance.access.step_up import is_stepped_up
from governance.changes.life.shown import ShownPlan, shown_plan
from governance.changes.rollout.ledger import prediction_ledger
from governance.changes.states import ChangeState
from governance.usage.wording import UsageSentence, usage_sentence
from governance.web.changes.acting import PossibleActs, may_bundle, possible_acts
from governance.web.changes.approvals import ShownApprovals, shown_approvals
from governance.web.changes.evidence_lines import EvidenceWitness
from governance.web.changes.frame import ChangeRequestPage
from governance.web.changes.naming import NamedTarget, TargetNames, target_names
from governance.web.changes.shown_evidence import ShownEvidence, shown_evidence
from governance.web.changes.stages import RequestStage, soak_words, stages
from governance.web.parts.markup import counted
from inventory.viewing import whole_targets

_TARGETS_SHOWN = 4
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class ProvenLine:
    """One line of what is proven: `state` as `includes/state.html` shows it."""

    state: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RingLine:
    """A ring as the overview shows it. `after`: what comes before the next one, in words.

    `mine`: whether it changes some of the viewer's accounts.
    """

    number: int
    name: str
    targets: tuple[NamedTarget, ...]
    more: int
    after: str
    mine: bool


class DecidingPage(ChangeRequestPage):
    """A tab with the action card and the approvals beside it."""

    @cached_property
    def evidence(self) -> ShownEvidence | None:
        """What was shown of the revision that stands now."""
        return shown_evidence(self.viewer, self.change_request, self.plan)

    @cached_property
    def approvals(self) -> ShownApprovals:
        """Who must agree and who has."""
        return shown_approvals(self.change_request, self.person)

    @cached_property
    def acts(self) -> PossibleActs:
        """What this person may do now."""
        return possible_acts(self.change_request, self.by, self.approvals)

    @cached_property
    def plan(self) -> ShownPlan:
        """What of the plan this person is shown."""
        return shown_plan(self.viewer, self.change_request)

    @cached_property
    def seen_targets(self) -> frozenset[str] | None:
        """The targets whose details this person may see, None: all. Of others there are counts."""
        return whole_targets(self.viewer, self.connection)

    def sees(self, target_id: str) -> bool:
        """Whether this person may see what changes at a target in full."""
        return self.seen_targets is None or target_id in self.seen_targets

    @property
    def waits_for_me(self) -> bool:
        """Whether it is this person's turn to review."""
        return self.acts.verdicts and self.person.pk in self.change_request.waiting_for

    @property
    def my_accounts(self) -> int:
        """For how many accounts this person decides: their own, or all that change."""
        if self.approvals.my_targets:
            return len(self.approvals.my_targets)
        return self.evidence.counts()["accounts"] if self.evidence else 0

    def stages(self) -> list[RequestStage]:
        """Add how many have agreed."""
        rows = self.approvals.rows
        return stages(
            self.change_request, approved=(self.approvals.met, len(rows)) if rows else None
        )

    def tab_counts(self) -> dict[str, int]:
        """Add what the checks found."""
        counts = super().tab_counts()
        if self.evidence is not None:
            counts["evidence"] = len(self.evidence.findings)
        return counts

    def rollout_href(self) -> str:
        """Return where the rollout is watched and started."""
        return self.tab_href("change-request-rollout")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the side column shows."""
        accounts = self.my_accounts
        return super().get_context_data(
            acts=self.acts,
            approvals=self.approvals,
            evidence=self.evidence,
            approvals_end=f"{self.approvals.met} of {len(self.approvals.rows)}"
            if self.approvals.rows and not self.change_request.emergency
            else "",
            waits_for_me=self.waits_for_me,
            my_accounts=accounts,
            approve_label=f"Approve for {counted(accounts, 'account,accounts')}"
            if accounts
            else "Approve",
            asks_proof=self.change_request.needs_step_up and not is_stepped_up(self.request),
            hides=self.plan.hides,
            all_accounts=self.evidence.counts()["accounts"] if self.evidence else 0,
            rollout_href=self.rollout_href(),
            may_bundle=not self.plan.hides
            and may_bundle(self.person, self.viewer, self.connection),
            is_author=self.change_request.author_id == self.person.pk,
            **kwargs,
        )


class ChangeOverview(DecidingPage):
    """What somebody needs to know to decide, the sentence first."""

    template_name = "governance/changes/overview.html"
    tab = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sentence, what is proven, the examples and the rings."""
        found, mine = self.evidence, self.approvals.my_targets
        names = self.names()
        return super().get_context_data(
            headline=found.sentence(mine) if found else "",
            usage=self.usage_sentence() if found else None,
            counts=found.counts(mine or None) if found else None,
            counts_are_mine=bool(mine),
            proven=[*proven_lines(found), *self.past_predictions()] if found else (),
            rings=self.ring_lines(names),
            examples=[(one, names.of(one.account_id)) for one in self.examples],
            is_checking=self.change_request.state == ChangeState.CHECKING,
            **kwargs,
        )

    def past_predictions(self) -> list[ProvenLine]:
        """Say how well earlier predictions held; nothing where no logs have shown it yet."""
        ledger = prediction_ledger(self.connection)
        lines = []
        if ledger.rings:
            rings = counted(ledger.rings, "ring,rings")
            state = "partial" if ledger.not_predicted else "proven"
            said = f"{ledger.predicted_seen:,} of {counted(ledger.seen, 'denied use,denied uses')}"
            title = f"{said} had been predicted in the past" if ledger.seen else "No denied use yet"
            text = (
                f"In {rings} of past rollouts the logs showed {ledger.predicted_seen:,} of "
                f"{counted(ledger.predicted, 'predicted use,predicted uses')}, and "
                f"{ledger.not_predicted:,} that had not been predicted."
            )
            lines.append(ProvenLine(state, title, text))
        if ledger.prevented_by_replay or ledger.prevented_by_gate:
            text = (
                f"{counted(ledger.prevented_by_replay, 'request,requests')} changed or given up "
                "because calls would have been denied; "
                f"{counted(ledger.prevented_by_gate, 'rollout,rollouts')} taken back at a gate."
            )
            count = ledger.prevented_by_replay + ledger.prevented_by_gate
            title = f"{counted(count, 'incident,incidents')} prevented so far"
            lines.append(ProvenLine("proven", title, text))
        return lines

    def usage_sentence(self) -> UsageSentence:
        """Say what was used of what would be denied, naming only what this person may see."""
        result = self.evidence.content.get("usage") if self.evidence else None
        if result is not None:
            groups = [one for one in result["groups"] if self.sees(one["account_id"])]
            result = {**result, "groups": groups}
        return usage_sentence(result, self.approvals.my_targets or None)

    @cached_property
    def examples(self) -> list[EvidenceWitness]:
        """Requests that show the change, in accounts that this person may see; theirs first."""
        if self.evidence is None:
            return []
        shown = [one for one in self.evidence.examples if self.sees(one.account_id)]
        mine = self.approvals.my_targets
        return sorted(shown, key=lambda one: one.account_id not in mine)[:_EXAMPLES]

    def names(self) -> TargetNames:
        """Return the names of the targets that the overview speaks of."""
        wanted = {
            str(target_id)
            for ring in self.plan.rings
            for target_id in (ring.get("targets") or ())[:_TARGETS_SHOWN]
        }
        wanted.update(one.account_id for one in self.examples)
        return target_names(self.viewer, self.connection, wanted)

    def ring_lines(self, names: TargetNames) -> Sequence[RingLine]:
        """Return the rings, those with the viewer's accounts marked."""
        mine = self.approvals.my_targets
        lines = []
        for number, ring in enumerate(self.plan.rings, start=1):
            targets = [str(one) for one in ring.get("targets") or ()]
            lines.append(
                RingLine(
                    number=number,
                    name=str(ring.get("name") or f"Ring {number}"),
                    targets=tuple(names.of(one) for one in targets[:_TARGETS_SHOWN]),
                    more=max(0, len(targets) - _TARGETS_SHOWN),
                    after=_words_after(ring, last=number == len(self.plan.rings)),
                    mine=bool(mine.intersection(targets)),
                )
            )
        return lines


def _words_after(ring: Mapping[str, Any], *, last: bool) -> str:
    """Say what comes before the next ring begins; after the last one the inventory is read."""
    if last:
        return "then an inventory run confirms it"
    minutes = int(ring.get("soak_minutes") or 0)
    wait = f"then wait {soak_words(minutes)}" if minutes else "no wait"
    if ring.get("gate") == "manual":
        return f"{wait}, then a person approves the next ring"
    return f"{wait}, continues automatically if the gate passes"


def proven_lines(found: ShownEvidence) -> list[ProvenLine]:
    """Return what is proven of locked-out roles, of the states between, and of the way back."""
    return [_of_roles(found), _of_gaps(found), _of_rollback(found)]


def _of_roles(found: ShownEvidence) -> ProvenLine:
    if not found.roles:
        text = "No protected roles are set for this organization, so nothing can be proven of them."
        return ProvenLine("unknown", "Whether anyone is locked out is not known", text)
    hit = [role for role in found.roles if role.found]
    if not hit:
        return ProvenLine(
            "proven",
            "Nobody is locked out",
            f"{_names(role.name for role in found.roles)} keep every action they need.",
        )
    return ProvenLine(
        "failed" if any(role.state == "failed" for role in hit) else "partial",
        "Someone may be locked out",
        f"{_names(role.name for role in hit)}: see Evidence.",
    )


def _of_gaps(found: ShownEvidence) -> ProvenLine:
    steps = counted(found.steps, "step,steps")
    if not found.transients:
        each = "The one step" if found.steps == 1 else f"Each of the {steps}"
        return ProvenLine(
            "proven",
            "No gap during the rollout",
            f"{each} was checked: no access opens or closes that the change doesn't mean to.",
        )
    opens = sum(one.state == "newly_allowed" for one in found.transients)
    closes = sum(one.state == "newly_denied" for one in found.transients)
    settings = sum(one.state == "differs_between" for one in found.transients)
    open_questions = len(found.transients) - opens - closes - settings
    parts = [
        counted(count, words)
        for count, words in (
            (closes, "closes access for a while,close access for a while"),
            (opens, "opens access for a while,open access for a while"),
            (
                settings,
                "sets a policy differently for a while,set a policy differently for a while",
            ),
            (open_questions, "could not be decided,could not be decided"),
        )
        if count
    ]
    return ProvenLine(
        "failed" if opens else "partial",
        "A gap during the rollout",
        f"Of {steps}: {', '.join(parts)}. See Evidence.",
    )


def _of_rollback(found: ShownEvidence) -> ProvenLine:
    steps = len(found.plan.get("rollback") or ())
    if not steps:
        return ProvenLine("unknown", "No way back is planned", "See the rollout for what is left.")
    limits = [
        str(one["message"])
        for one in found.plan.get("notices") or ()
        if str(one.get("code", "")).startswith("rollback")
    ]
    if limits:
        return ProvenLine("partial", "Rollback restores most of it", " ".join(limits))
    return ProvenLine(
        "proven",
        "Rollback is ready",
        f"It restores today's policies in {counted(steps, 'step,steps')}, from every step.",
    )


def _names(names: Any) -> str:
    listed = sorted(set(names))
    if len(listed) == 1:
        return str(listed[0])
    return f"{', '.join(listed[:-1])} and {listed[-1]}"
