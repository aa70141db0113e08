"""What is demanded at each changed target, alike at many of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.access.owners.labels import target_words
from governance.approvals.effects import TargetEffect
from governance.approvals.problems import Lacking, lacking_words
from governance.approvals.routing import ApprovalRoutes
from governance.approvals.rules import GROUP, OWNERS, ApprovalRule
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class Demand:
    """What is demanded at a target; targets where it is equal are one requirement.

    The fields are those of `RequiredApproval`.
    """

    source: str
    owners: tuple[str, ...]
    entitled: frozenset[int]
    count: int
    needs_security: bool
    needs_step_up: bool
    security: frozenset[int]
    rules: tuple[str, ...]
    escalated: int


def merged_effects(effects: Sequence[TargetEffect]) -> list[TargetEffect]:
    """Return one effect a target, by its id."""
    found: dict[str, TargetEffect] = {}
    for one in effects:
        known = found.get(one.target_id)
        found[one.target_id] = (
            one
            if known is None
            else TargetEffect(
                one.target_id,
                one.newly_denied or known.newly_denied,
                one.newly_allowed or known.newly_allowed,
                one.undecided or known.undecided,
                one.policy_types | known.policy_types,
                one.operations | known.operations,
                one.at_root or known.at_root,
            )
        )
    return [found[target_id] for target_id in sorted(found)]


def demands_at(
    routes: ApprovalRoutes,
    target_id: str,
    asked: Sequence[ApprovalRule],
    excluded: Collection[int],
    climbed: int,
) -> list[Demand]:
    """Return the demands at one target: the owners' of all rules together, and each group's."""
    by_source: dict[tuple[str, str], list[ApprovalRule]] = {}
    for rule in asked:
        group = "" if rule.source == OWNERS else str(rule.group_id or f"gone {rule.group}")
        by_source.setdefault((rule.source, group), []).append(rule)
    made = []
    for (source, _), rules in by_source.items():
        count = max(rule.count for rule in rules)
        needs_security = any(rule.needs_security for rule in rules)
        security = routes.are_security(target_id).difference(excluded)
        escalated = 0
        if source == OWNERS:
            entitled, escalated = routes.owner_people(
                target_id, count=count, excluded=excluded, climbed=climbed
            )
            owners = tuple(
                f"{one.key.kind.value}:{one.name}" for one in routes.route(target_id).parties
            )
        else:
            members = routes.members.get(rules[0].group_id or 0, frozenset())
            entitled = members & routes.may_review(target_id).difference(excluded)
            owners = (f"group:{rules[0].group}",)
        made.append(
            Demand(
                source=source,
                owners=owners,
                entitled=entitled,
                count=count,
                needs_security=needs_security,
                needs_step_up=any(rule.needs_step_up for rule in rules),
                security=security if needs_security else frozenset(),
                rules=tuple(sorted(rule.name for rule in rules)),
                escalated=escalated,
            )
        )
    return made


def demand_label(key: Demand, targets: Sequence[str], routes: ApprovalRoutes) -> str:
    """Name who is demanded: `Owners of OU Payments and 2 more`, `Group platform`."""
    if key.source == GROUP:
        return f"Group {key.owners[0].removeprefix('group:')}"
    places = {}
    for target_id in targets:
        route = routes.route(target_id)
        place = route.levels[0].stands_at if route.levels else route.target
        if place is not None:
            places[place.target_id] = place
    named = sorted(target_words(one) for one in places.values())
    if not named:
        return "Owners of what the change creates"
    return f"Owners of {named[0]}" + (f" and {len(named) - 1} more" if len(named) > 1 else "")


@dataclass(frozen=True, slots=True)
class DemandProblems:
    """Says of each demand why it cannot be met. `excluded`: people who took part."""

    connection: Connection
    routes: ApprovalRoutes
    excluded: frozenset[int]
    now: datetime

    def problem(self, key: Demand, targets: Sequence[str]) -> str:
        """Return why, and who can mend it; empty: it can be met."""
        few = len(key.entitled) < key.count
        no_security = key.needs_security and not key.security
        if not few and not no_security:
            return ""
        lacking = Lacking(
            count=key.count,
            entitled_count=len(key.entitled),
            no_security=no_security,
            source=key.source,
            group=key.owners[0].removeprefix("group:") if key.source == GROUP else "",
            route=self.routes.route(targets[0]) if key.source == OWNERS else None,
        )
        return lacking_words(
            self.connection,
            lacking,
            routes=self.routes,
            target_id=targets[0],
            excluded=self.excluded,
            now=self.now,
        )
