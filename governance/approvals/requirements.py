"""What approvals a change needs, by its effects, and which of them it has."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from governance.access import rights
from governance.approvals.demands import (
    Demand,
    DemandProblems,
    demand_label,
    demands_at,
    merged_effects,
)
from governance.approvals.effects import TargetEffect
from governance.approvals.entitlement import names_of, right_holders
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.problems import Lacking, lacking_words
from governance.approvals.routing import ApprovalRoutes
from governance.approvals.rules import (
    OWNERS,
    ApprovalRules,
    matching,
)
from governance.approvals.settings import approval_rules
from inventory.models import Connection

REVIEWERS: Final = "reviewers"
"""The source of the one approval that a change needs which changes nobody's permissions."""


@dataclass(frozen=True, slots=True)
class RequiredApproval:
    """An approval that is needed: `count` distinct people of `entitled`.

    `key`: 16 hex digits, the same for the same demand at the same targets. `source`: `owners`,
    `group`, or `reviewers` where nothing changes. `needs_security`: one of `security` has to
    approve as well; who is both counts for both. `needs_step_up`: only approvals count whose giver
    had just confirmed who they are. `owners`: the owners or the group by name, whoever stands in
    for them. `escalated`: levels up the tree whose owners may approve, too. `problem`: why it
    cannot be met and who can mend that; empty: it can. `names`: of the people, by id.
    """

    key: str
    label: str
    target_ids: tuple[str, ...]
    account_count: int
    count: int
    entitled: frozenset[int]
    source: str
    needs_security: bool = False
    needs_step_up: bool = False
    problem: str = ""
    security: frozenset[int] = frozenset()
    owners: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    escalated: int = 0
    names: Mapping[int, str] = field(default_factory=dict, compare=False, hash=False)

    def as_json(self) -> dict[str, Any]:
        """Return it for a program, people by what they are called."""
        return {
            "key": self.key,
            "label": self.label,
            "target_ids": list(self.target_ids),
            "account_count": self.account_count,
            "count": self.count,
            "source": self.source,
            "owners": list(self.owners),
            "rules": list(self.rules),
            "entitled": self._named(self.entitled),
            "needs_security": self.needs_security,
            "security": self._named(self.security),
            "needs_step_up": self.needs_step_up,
            "escalated": self.escalated,
            "problem": self.problem,
        }

    def as_conclusion(self) -> dict[str, Any]:
        """Return what an approval binds: the demand, whoever is here, away or escalated to."""
        return {
            "source": self.source,
            "owners": list(self.owners),
            "count": self.count,
            "needs_security": self.needs_security,
            "needs_step_up": self.needs_step_up,
            "target_ids": list(self.target_ids),
        }

    def _named(self, people: frozenset[int]) -> list[str]:
        return sorted(self.names.get(one, str(one)) for one in people)


def required_conclusions(required: Iterable[RequiredApproval]) -> list[dict[str, Any]]:
    """Return what is demanded in a form that is equal where the demands are equal.

    Who is away or has been escalated to splits requirements and is not in it.
    """
    merged: dict[str, dict[str, Any]] = {}
    for one in required:
        conclusion = one.as_conclusion()
        targets = conclusion.pop("target_ids")
        found = merged.setdefault(json.dumps(conclusion, sort_keys=True), conclusion)
        found["target_ids"] = sorted({*found.get("target_ids", ()), *targets})
    return [merged[key] for key in sorted(merged)]


def required_approvals(
    connection: Connection,
    effects: Sequence[TargetEffect],
    *,
    excluded: Collection[int],
    now: datetime,
    waiting_since: datetime | None = None,
    rules: ApprovalRules | None = None,
    right: str = rights.REVIEW_CHANGE,
) -> tuple[RequiredApproval, ...]:
    """Return the approvals that a change with these effects needs.

    `excluded`: ids of people who took part in it. `waiting_since`: since when it waits for them;
    None: it does not yet. `rules`: other ones than those that hold, to see what they would ask.
    `right`: what somebody has to hold to agree.
    """
    held = approval_rules(connection) if rules is None else rules
    changed = [one for one in merged_effects(effects) if one.is_change]
    if not changed:
        return _of_reviewers(connection, held, excluded=excluded, now=now, right=right)
    group_ids = {rule.group_id for rule in held.rules if rule.group_id is not None}
    routes = ApprovalRoutes(
        connection,
        [one.target_id for one in changed],
        group_ids=group_ids,
        excluded=excluded,
        now=now,
        right=right,
    )
    climbed = escalated_levels(held, waiting_since=waiting_since, now=now)
    demands: dict[Demand, list[str]] = {}
    for effect in changed:
        place = routes.place(effect.target_id)
        asked = matching(held.rules, effect, place, routes.state.labels)
        for key in demands_at(routes, effect.target_id, asked, excluded, climbed):
            demands.setdefault(key, []).append(effect.target_id)
    people = {one for key in demands for one in (*key.entitled, *key.security)}
    names = names_of(people)
    words = DemandProblems(connection, routes, frozenset(excluded), now)
    made = [_required(key, targets, routes, names, words) for key, targets in demands.items()]
    return tuple(sorted(made, key=lambda one: (one.source != OWNERS, one.label, one.key)))


def escalated_levels(rules: ApprovalRules, *, waiting_since: datetime | None, now: datetime) -> int:
    """Return how many levels up the tree owners may agree by now, for want of an answer below."""
    if waiting_since is None or not rules.escalate_after_hours:
        return 0
    return max((now - waiting_since) // timedelta(hours=rules.escalate_after_hours), 0)


def _required(
    key: Demand,
    target_ids: Sequence[str],
    routes: ApprovalRoutes,
    names: Mapping[int, str],
    words: "DemandProblems",
) -> RequiredApproval:
    targets = tuple(sorted(target_ids))
    people = key.entitled | key.security
    return RequiredApproval(
        key=_digest(key.source, key.owners, key.count, key.needs_security, targets),
        label=demand_label(key, targets, routes),
        target_ids=targets,
        account_count=sum(routes.is_account(one) for one in targets),
        count=key.count,
        entitled=key.entitled,
        source=key.source,
        needs_security=key.needs_security,
        needs_step_up=key.needs_step_up,
        problem=words.problem(key, targets),
        security=key.security,
        owners=key.owners,
        rules=key.rules,
        escalated=key.escalated,
        names={one: names[one] for one in people if one in names},
    )


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _of_reviewers(
    connection: Connection,
    held: ApprovalRules,
    *,
    excluded: Collection[int],
    now: datetime,
    right: str,
) -> tuple[RequiredApproval, ...]:
    if not held.unchanged_count:
        return ()
    entitled = right_holders(connection, right, now=now).whole.difference(excluded)
    lacking = Lacking(held.unchanged_count, len(entitled))
    return (
        RequiredApproval(
            key=_digest(REVIEWERS, held.unchanged_count),
            label="Anyone who may review in the whole organization",
            target_ids=(),
            account_count=0,
            count=held.unchanged_count,
            entitled=entitled,
            source=REVIEWERS,
            problem=lacking_words(connection, lacking, now=now),
            names=names_of(entitled),
        ),
    )


@dataclass(frozen=True, slots=True)
class MetApproval:
    """How far a required approval is met. `approved_by`: distinct people who count, in order."""

    required: RequiredApproval
    approved_by: tuple[int, ...]
    security_by: tuple[int, ...]

    @property
    def missing_count(self) -> int:
        """How many more people of `entitled` have to approve."""
        return max(self.required.count - len(self.approved_by), 0)

    @property
    def lacks_security(self) -> bool:
        """Whether somebody of security has still to approve."""
        return self.required.needs_security and not self.security_by

    @property
    def is_met(self) -> bool:
        """Whether nobody is waited for any more."""
        return not self.missing_count and not self.lacks_security

    @property
    def waits_for(self) -> frozenset[int]:
        """The people whose approval would count further."""
        found: frozenset[int] = frozenset()
        if self.missing_count:
            found |= self.required.entitled.difference(self.approved_by)
        if self.lacks_security:
            found |= self.required.security
        return found


@dataclass(frozen=True, slots=True)
class ApprovalStanding:
    """Where something stands between the approvals it needs and those it has.

    `rejected`, `changes_requested`: ids of entitled people whose last word that is. `missing`: the
    requirements not met.
    """

    by_requirement: Mapping[str, MetApproval]
    rejected: tuple[int, ...] = ()
    changes_requested: tuple[int, ...] = ()

    @property
    def missing(self) -> tuple[RequiredApproval, ...]:
        """The requirements not met."""
        return tuple(one.required for one in self.by_requirement.values() if not one.is_met)

    @property
    def complete(self) -> bool:
        """Whether everybody needed has agreed, and nobody who counts objects."""
        return not self.missing and not self.rejected and not self.changes_requested

    @property
    def waits_for(self) -> frozenset[int]:
        """The people whose approval is missing."""
        found: frozenset[int] = frozenset()
        for one in self.by_requirement.values():
            found |= one.waits_for
        return found


def standing(
    required: Sequence[RequiredApproval], reviews: Iterable[Review], *, digest: str | None = None
) -> ApprovalStanding:
    """Return which requirements these reviews meet.

    Of each person the last word counts, comments aside; voided reviews and those of another
    `digest` do not. A person counts once for each requirement.
    """
    last: dict[int, Review] = {}
    for review in sorted(reviews, key=lambda one: (one.created_at, one.pk or 0)):
        if review.voided_at is not None or (digest is not None and review.digest != digest):
            continue
        if review.verdict != ReviewVerdict.COMMENT:
            last[review.reviewer_id] = review
    approving = [one for one in last.values() if one.verdict == ReviewVerdict.APPROVE]
    met = {}
    for one in required:
        counting = [
            review.reviewer_id
            for review in approving
            if review.stepped_up_at is not None or not one.needs_step_up
        ]
        met[one.key] = MetApproval(
            one,
            tuple(person for person in counting if person in one.entitled),
            tuple(person for person in counting if person in one.security),
        )
    counted = {person for one in required for person in (*one.entitled, *one.security)}

    def saying(verdict: ReviewVerdict) -> tuple[int, ...]:
        return tuple(
            person
            for person, review in last.items()
            if review.verdict == verdict and person in counted
        )

    return ApprovalStanding(
        met, saying(ReviewVerdict.REJECT), saying(ReviewVerdict.REQUEST_CHANGES)
    )
