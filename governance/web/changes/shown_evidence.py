"""The evidence of a request as its pages show it: counts, findings, differences, examples."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from governance.changes.life.shown import (
    ShownPlan,
    evidence_sentence,
    hidden_in,
    shown_evidence_plan,
)
from governance.changes.models import ChangeRequest, Evidence
from governance.changes.planning.offered_unit_moves import UNIT_MOVE_OFFERED
from governance.effects.headline import headline
from governance.effects.results import UNLISTED_ACTIONS
from governance.posture.state.organization import CONTROL_TYPES
from governance.web.changes.evidence_lines import (
    LEVEL_WORDS,
    LEVELS,
    EvidenceDifference,
    EvidenceFinding,
    EvidenceTransient,
    EvidenceWitness,
    OfferedMove,
    ProvenRole,
    evidence_difference,
    evidence_transient,
    evidence_witness,
)
from governance.web.changes.finding_labels import finding_label
from inventory.viewing import Viewer

_CONTROLS: Final = frozenset(kind.value for kind in CONTROL_TYPES)


class ShownEvidence:
    """The stored evidence of a request, read for its pages. `seen`: what the viewer may see."""

    def __init__(
        self, evidence: Evidence, overrides: Sequence[Mapping[str, Any]], seen: ShownPlan
    ) -> None:
        self.evidence = evidence
        self.content: Mapping[str, Any] = evidence.content
        self.plan: Mapping[str, Any] = evidence.plan
        self._seen = seen
        self._overrides = {str(one["finding"]): one for one in overrides}

    @property
    def effects(self) -> Mapping[str, Any]:
        """The differences with their counts; empty where there are none of the kind."""
        found: Mapping[str, Any] = self.content.get("effects") or {}
        return found

    @cached_property
    def targets(self) -> tuple[Mapping[str, Any], ...]:
        """The accounts in which something changes or could not be decided."""
        return tuple(self.content.get("targets") or ())

    def sentence(self, mine: Collection[str]) -> str:
        """Return what the change does in one sentence; empty where nothing is proven.

        `mine`: the accounts of whoever reads it; empty: all that may be seen.
        """
        if mine and "headline" in self.content:
            return headline(self.content, mine)
        return evidence_sentence(self.evidence, self._seen)

    def counts(self, account_ids: frozenset[str] | None = None) -> dict[str, int]:
        """Count accounts that lose and gain access, get other settings of management policies,
        and those not certain; None: of all.

        `decided`: those in which SCPs or RCPs change something.
        """
        chosen = [
            one for one in self.targets if account_ids is None or one["target_id"] in account_ids
        ]
        decided = [one for one in chosen if _CONTROLS.intersection(one["policy_types"])]
        unknown = {
            account_id
            for one in self.content.get("management") or ()
            if not one["known"]
            for account_id in one["account_ids"]
        }
        return {
            "lose": sum(self._has(one, "newly_denied") for one in decided),
            "gain": sum(self._has(one, "newly_allowed") for one in decided),
            "settings": sum(bool(set(one["policy_types"]) - _CONTROLS) for one in chosen),
            "uncertain": sum(one["undecided"] or one["target_id"] in unknown for one in chosen),
            "decided": len(decided),
            "accounts": len(chosen),
        }

    def _has(self, target: Mapping[str, Any], verdict: str) -> bool:
        """Whether SCPs or RCPs have an effect on an account.

        Its flags count settings as both: the differences tell them apart, if all were stored.
        """
        if self.more_differences > 0 or _CONTROLS.issuperset(target["policy_types"]):
            return bool(target[verdict])
        return any(
            one.state == verdict and target["target_id"] in one.account_ids
            for one in self.differences
        )

    @cached_property
    def findings(self) -> tuple[EvidenceFinding, ...]:
        """What the checks found, the worst first; of what is hidden only that it is there."""
        return tuple(self._finding(one) for one in self.content.get("findings") or ())

    def _finding(self, one: Mapping[str, Any]) -> EvidenceFinding:
        targets = tuple(one.get("target_ids") or ())
        shown = tuple(target_id for target_id in targets if self._seen.sees(target_id))
        message, remedy = one["message"], one.get("remedy") or ""
        if shown != targets or any(hidden_in(text, self._seen) for text in (message, remedy)):
            where = "in a part of the organization that you do not see"
            message, remedy = f"{finding_label(one['code'])}, {where}.", ""
        return EvidenceFinding(
            key=one["key"],
            code=one["code"],
            level=one["level"],
            message=message,
            remedy=remedy,
            step=one.get("step"),
            target_ids=shown,
            override=self._overrides.get(one["key"]),
            offer=self._offers.get(one["message"]),
        )

    @cached_property
    def _offers(self) -> dict[str, OfferedMove]:
        """The moves that the planner offers, by what it says of them."""
        found = {}
        for notice in self.plan.get("notices") or ():
            operations = list(notice.get("operations") or ())
            named = [str(one["target_id"]) for one in operations]
            if not named or not all(self._seen.sees(one) for one in named if one[:4] != "new-"):
                continue
            left = operations[-1]
            moves = sum(one["kind"] == "move_account" for one in operations)
            found[notice["message"]] = (
                OfferedMove("", str(notice["target_ids"][0]), moves)
                if notice["code"] == UNIT_MOVE_OFFERED
                else OfferedMove(left["policy_id"], left["target_id"], len(operations) - 1)
            )
        return found

    @cached_property
    def by_level(self) -> list[tuple[str, str, list[EvidenceFinding]]]:
        """The findings by level, the worst first, each level with its words."""
        return [
            (level, LEVEL_WORDS[level], found)
            for level in LEVELS
            if (found := [one for one in self.findings if one.level == level])
        ]

    @cached_property
    def by_code(self) -> list[tuple[str, EvidenceFinding, int]]:
        """What was found, a line a kind: its words, the first of its findings, how many."""
        counts: dict[tuple[str, str, bool], list[EvidenceFinding]] = {}
        for one in self.findings:
            counts.setdefault((one.code, one.level, one.blocks), []).append(one)
        return [
            (finding_label(code), found[0], len(found)) for (code, _, _), found in counts.items()
        ]

    @property
    def blocking(self) -> list[EvidenceFinding]:
        """The findings that stand against the request."""
        return [one for one in self.findings if one.blocks]

    @cached_property
    def differences(self) -> tuple[EvidenceDifference, ...]:
        """The differences, those that reach most accounts first."""
        groups = [tuple(group) for group in self.effects.get("account_groups") or ()]
        return tuple(
            evidence_difference(one, groups) for one in self.effects.get("differences") or ()
        )

    @property
    def more_differences(self) -> int:
        """How many differences there are beyond those that were stored."""
        return int(self.effects.get("differences_total") or 0) - len(self.differences)

    @property
    def unknown(self) -> list[Mapping[str, Any]]:
        """The accounts of which nothing is known, by reason."""
        return list(self.effects.get("unknown") or ())

    @cached_property
    def transients(self) -> tuple[EvidenceTransient, ...]:
        """What is decided differently between the steps, in their order."""
        return tuple(evidence_transient(one) for one in self.content.get("transients") or ())

    @cached_property
    def roles(self) -> tuple[ProvenRole, ...]:
        """The protected roles, those with something unproven first."""
        shown = self.content.get("protected_roles") or {}
        found = shown.get("found") or ()
        roles = [
            ProvenRole(
                name=one["name"],
                purpose=str(one["purpose"]).replace("_", " ").capitalize(),
                pattern=one["role_pattern"],
                needs=len(one.get("needed_actions") or ()),
                found=tuple(other for other in found if one["name"] in other["roles"]),
            )
            for one in shown.get("roles") or ()
        ]
        return tuple(sorted(roles, key=lambda role: not role.found))

    @property
    def steps(self) -> int:
        """How many calls the plan has."""
        return len(self.plan.get("steps") or ())

    @property
    def rings(self) -> list[Mapping[str, Any]]:
        """The rings as planned."""
        return list(self.plan.get("rings") or ())

    @cached_property
    def examples(self) -> list[EvidenceWitness]:
        """A request for each difference that has one, of actions that are known first."""
        stored = self.effects.get("differences") or ()
        chosen = sorted(stored, key=lambda one: list(one["actions"]) == [UNLISTED_ACTIONS])
        return [evidence_witness(one["witness"]) for one in chosen if one.get("witness")]

    def base_policy(self, policy_id: str) -> Mapping[str, Any]:
        """Return the collected policy that an operation edits; empty where there was none."""
        found: Mapping[str, Any] = (self.evidence.base.get("policies") or {}).get(policy_id) or {}
        return found


def shown_evidence(
    viewer: Viewer, change_request: ChangeRequest, plan: ShownPlan
) -> ShownEvidence | None:
    """Return the evidence of the revision that stands now; None where none was made of it.

    `plan`: what of the request's plan the viewer is shown.
    """
    evidence = change_request.evidence
    if evidence is None or evidence.revision != change_request.revision:
        return None
    seen = shown_evidence_plan(viewer, change_request, plan)
    return ShownEvidence(evidence, change_request.overrides, seen)
