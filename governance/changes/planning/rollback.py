"""The way back from any step of a plan to the collected state.

A plan goes back over the states that it came through, so that what was proven of them holds for
the way back too. Where a plan changes one policy by a copy alone, any mixture of its old and its
new text decides as one of the two does, and the way back is taken for all rings at once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from governance.changes.planning.base import PlanBase
from governance.changes.planning.states import do_step
from governance.changes.planning.steps import AwsCall, ChangePlan, PlanNotice, Step
from governance.edits.work import AWS_POLICY_IDS, EditRefused, OrganizationWork
from governance.posture.state.organization import ControlPolicy
from policies import PolicyType

_STAGING: Final = frozenset({AwsCall.ATTACH_POLICY, AwsCall.DETACH_POLICY, AwsCall.UPDATE_POLICY})


def rollback_of(
    plan: ChangePlan, position: int, base: PlanBase, *, skipped: Collection[int] = ()
) -> tuple[Step, ...]:
    """Return the steps back to the collected state after the first `position` steps of a plan.

    `skipped`: numbers of steps that were passed over. Steps name what the plan created by the same
    ids as the plan does; what they create again has an id of its own that begins with `new-`.
    """
    done = [step for step in plan.steps[:position] if step.number not in skipped]
    way = _WayBack(base)
    way.replay(done)
    staged = _only_staged(done)
    if staged is not None:
        way.straight(done, *staged)
    else:
        way.reversed(done)
    return tuple(replace(step, number=number) for number, step in enumerate(way.steps, 1))


def rollback_differs(plan: ChangePlan, base: PlanBase) -> tuple[PlanNotice, ...]:
    """Return what comes back otherwise than it was if a plan is rolled back from its end."""
    found = []
    for step in plan.steps:
        match step.call:
            case AwsCall.DELETE_POLICY:
                policy_id = step.parameters["PolicyId"]
                if not policy_id.startswith("copy-"):
                    found.append(
                        PlanNotice(
                            "rollback_new_policy_id",
                            f"{_policy_name(base, policy_id)} is deleted. Rolled back, it is "
                            "created again with a new id; what names the old one must follow.",
                        )
                    )
            case AwsCall.DELETE_ORGANIZATIONAL_UNIT:
                unit_id = step.parameters["OrganizationalUnitId"]
                name = base.organization.names[unit_id].name
                found.append(
                    PlanNotice(
                        "rollback_new_unit_id",
                        f"OU {name} is deleted. Rolled back, it is created again with a new id and "
                        "without its tags; policies and roles that name the old id must follow.",
                        (unit_id,),
                    )
                )
            case AwsCall.DISABLE_POLICY_TYPE:
                kind = step.parameters["PolicyType"]
                found.append(
                    PlanNotice(
                        "rollback_type_attachments",
                        f"Disabling {kind} loses all its attachments. Rolled back, the type comes "
                        "back with AWS's own policy alone, and each attachment is made again by a "
                        "call of its own.",
                    )
                )
            case _:
                pass
    return tuple(found)


def _policy_name(base: PlanBase, policy_id: str) -> str:
    work = OrganizationWork(base.organization, base.collected)
    return work.policies[policy_id][1].name


def _only_staged(done: Iterable[Step]) -> tuple[str, str] | None:
    """Return (policy, copy) if nothing was done but to stage one policy's text by a copy."""
    copies = [step.creates for step in done if step.creates]
    policy_ids = set()
    for step in done:
        if step.creates or step.call is AwsCall.DELETE_POLICY:
            continue
        if step.call not in _STAGING:
            return None
        policy_ids.add(step.parameters["PolicyId"])
    policy_ids -= set(copies)
    if len(copies) != 1 or not copies[0].startswith("copy-") or len(policy_ids) > 1:
        return None
    return (policy_ids.pop() if policy_ids else "", copies[0])


@dataclass(frozen=True, slots=True)
class _Before:
    """What a step changed, as it was before it."""

    name: str = ""
    text: str = ""
    kind: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    parent_id: str = ""
    attached: tuple[tuple[str, str], ...] = ()


@dataclass
class _WayBack:
    base: PlanBase
    steps: list[Step] = field(default_factory=list)
    before: dict[int, _Before] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    again: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.work = OrganizationWork(self.base.organization, self.base.collected, as_collected=True)

    def replay(self, done: Iterable[Step]) -> None:
        """Go the plan's way in thought, and note what each step finds."""
        for step in done:
            self.before[step.number] = self._found(step)
            try:
                do_step(self.work, step)
            except EditRefused:
                continue
            text = step.parameters.get("Content")
            if text is not None:
                self.texts[step.creates or step.parameters["PolicyId"]] = text

    def reversed(self, done: list[Step]) -> None:
        """Undo the steps one after the other, the last first."""
        for place in range(len(done) - 1, -1, -1):
            step = done[place]
            inverse = list(self._inverse(step, self.before[step.number]))
            if inverse and place > 0 and done[place - 1].waits:
                inverse[-1] = replace(inverse[-1], waits=True)
            self.steps += inverse

    def straight(self, done: list[Step], policy_id: str, copy_id: str) -> None:
        """Bring one policy's old text back for all rings at once, and drop its copy."""
        held, copied = self.base_targets(policy_id), self._now(copy_id)
        made = next(step for step in done if step.creates == copy_id)
        if policy_id and policy_id not in self.work.policies:
            if copy_id in self.work.policies and self._is_renamed(copy_id, made):
                given = {"PolicyId": copy_id, "Name": made.parameters["Name"]}
                self._add(made, AwsCall.UPDATE_POLICY, given, "Its name is free again.")
            deleted = next(step for step in done if step.call is AwsCall.DELETE_POLICY)
            self.steps += self._inverse(deleted, self.before[deleted.number])
        elif policy_id in self.texts:
            given = {"PolicyId": policy_id, "Content": self._old_text(policy_id)}
            self._add(made, AwsCall.UPDATE_POLICY, given, "The old text comes back.")
        now = self._now(policy_id)
        missing = [target_id for target_id in held if target_id not in now]
        for target_id in missing:
            given = {"PolicyId": self.again.get(policy_id, policy_id), "TargetId": target_id}
            self._add(made, AwsCall.ATTACH_POLICY, given, "The policy comes back.")
        if missing:
            self.steps[-1] = replace(self.steps[-1], waits=True)
        for target_id in [one for one in now if one not in set(held)]:
            given = {"PolicyId": policy_id, "TargetId": target_id}
            self._add(made, AwsCall.DETACH_POLICY, given, "It was not attached here.")
        for target_id in copied:
            given = {"PolicyId": copy_id, "TargetId": target_id}
            self._add(made, AwsCall.DETACH_POLICY, given, "The policy itself is back here.")
        if copy_id in self.work.policies:
            given = {"PolicyId": copy_id}
            self._add(made, AwsCall.DELETE_POLICY, given, "The copy is needed no more.")

    def base_targets(self, policy_id: str) -> list[str]:
        """Return the targets that a policy was attached to at first."""
        start = OrganizationWork(self.base.organization, self.base.collected)
        return start.targets_of(policy_id) if policy_id in start.policies else []

    def _now(self, policy_id: str) -> list[str]:
        return self.work.targets_of(policy_id) if policy_id in self.work.policies else []

    def _is_renamed(self, copy_id: str, made: Step) -> bool:
        return bool(self.work.policies[copy_id][1].name != made.parameters["Name"])

    def _found(self, step: Step) -> _Before:
        """Return what a step is about to change."""
        given, work = step.parameters, self.work
        match step.call:
            case AwsCall.UPDATE_POLICY | AwsCall.DELETE_POLICY:
                return self._policy(given["PolicyId"])
            case AwsCall.TAG_RESOURCE | AwsCall.UNTAG_RESOURCE:
                return _Before(tags=dict(work.tags_of(given["ResourceId"])))
            case AwsCall.UPDATE_ORGANIZATIONAL_UNIT | AwsCall.DELETE_ORGANIZATIONAL_UNIT:
                unit_id = given["OrganizationalUnitId"]
                return _Before(
                    name=work.named(unit_id),
                    parent_id=work.parent(unit_id) or "",
                    attached=tuple(
                        (policy.policy_id, unit_id)
                        for held in work.attached.values()
                        for policy in held.get(unit_id, ())
                    ),
                )
            case AwsCall.DISABLE_POLICY_TYPE:
                held = work.attached.get(PolicyType(given["PolicyType"]), {})
                return _Before(attached=tuple(_pairs(held)))
            case _:
                return _Before()

    def _policy(self, policy_id: str) -> _Before:
        if policy_id not in self.work.policies:
            return _Before()
        kind, policy = self.work.policies[policy_id]
        details = self.base.collected.details_of(policy_id)
        return _Before(
            name=policy.name,
            text=self.texts.get(policy_id) or details.text or "",
            kind=kind.value,
            description=details.description,
            tags=dict(self.work.tags_of(policy_id)),
        )

    def _old_text(self, policy_id: str) -> str:
        return self.base.collected.details_of(policy_id).text or ""

    def _inverse(self, step: Step, was: _Before) -> Iterator[Step]:
        given = {key: self._named(value) for key, value in step.parameters.items()}
        match step.call:
            case AwsCall.CREATE_POLICY:
                created = self._named(step.creates)
                yield self._step(step, AwsCall.DELETE_POLICY, {"PolicyId": created})
            case AwsCall.UPDATE_POLICY:
                back = {"PolicyId": given["PolicyId"]}
                if "Content" in given:
                    back["Content"] = was.text
                if "Name" in given:
                    back["Name"] = was.name
                yield self._step(step, AwsCall.UPDATE_POLICY, back)
            case AwsCall.DELETE_POLICY:
                yield self._created_again(step, was)
            case AwsCall.ATTACH_POLICY:
                yield self._step(step, AwsCall.DETACH_POLICY, given)
            case AwsCall.DETACH_POLICY:
                yield self._step(step, AwsCall.ATTACH_POLICY, given)
            case AwsCall.MOVE_ACCOUNT:
                back = {
                    **given,
                    "SourceParentId": given["DestinationParentId"],
                    "DestinationParentId": given["SourceParentId"],
                }
                yield self._step(step, AwsCall.MOVE_ACCOUNT, back)
            case AwsCall.ENABLE_POLICY_TYPE:
                yield replace(self._step(step, AwsCall.DISABLE_POLICY_TYPE, given), waits=True)
            case AwsCall.DISABLE_POLICY_TYPE:
                yield replace(self._step(step, AwsCall.ENABLE_POLICY_TYPE, given), waits=True)
                kind = PolicyType(given["PolicyType"])
                places = [*self.base.organization.names]
                yield from self._attached_again(step, was.attached, places, {kind})
            case AwsCall.TAG_RESOURCE | AwsCall.UNTAG_RESOURCE:
                yield from self._tagged_back(step, given, was)
            case _:
                yield from self._units_back(step, given, was)

    def _units_back(self, step: Step, given: Mapping[str, Any], was: _Before) -> Iterator[Step]:
        unit_id = given.get("OrganizationalUnitId", "")
        match step.call:
            case AwsCall.CREATE_ORGANIZATIONAL_UNIT:
                back = {"OrganizationalUnitId": self._named(step.creates)}
                yield self._step(step, AwsCall.DELETE_ORGANIZATIONAL_UNIT, back)
            case AwsCall.UPDATE_ORGANIZATIONAL_UNIT:
                back = {"OrganizationalUnitId": unit_id, "Name": was.name}
                yield self._step(step, AwsCall.UPDATE_ORGANIZATIONAL_UNIT, back)
            case AwsCall.DELETE_ORGANIZATIONAL_UNIT:
                old = step.parameters["OrganizationalUnitId"]
                new = self.again[old] = self._fresh(old)
                back = {"ParentId": self._named(was.parent_id), "Name": was.name}
                made = self._step(step, AwsCall.CREATE_ORGANIZATIONAL_UNIT, back)
                yield replace(made, creates=new)
                pairs = [(policy_id, new) for policy_id, _ in was.attached]
                yield from self._attached_again(step, pairs, [new], set(self.work.enabled))
            case _:
                raise AssertionError(f"no way back is known for {step.call}")

    def _created_again(self, step: Step, was: _Before) -> Step:
        old = step.parameters["PolicyId"]
        new = self.again[old] = self._fresh(old)
        given = {
            "Name": was.name,
            "Type": was.kind,
            "Description": was.description,
            "Content": was.text,
            "Tags": [{"Key": key, "Value": value} for key, value in was.tags.items()],
        }
        return replace(self._step(step, AwsCall.CREATE_POLICY, given), creates=new)

    def _attached_again(
        self,
        step: Step,
        pairs: Iterable[tuple[str, str]],
        places: Iterable[str],
        kinds: Collection[PolicyType],
    ) -> Iterator[Step]:
        """Attach what was attached, where AWS attaches its own policy alone; then drop that."""
        own = {AWS_POLICY_IDS[kind] for kind in kinds if kind in AWS_POLICY_IDS}
        wanted = set(pairs)
        back = [pair for pair in pairs if pair[0] not in own]
        lost = [
            (policy_id, place)
            for place in places
            for policy_id in sorted(own)
            if (policy_id, place) not in wanted and policy_id != "p-RCPFullAWSAccess"
        ]
        for number, (policy_id, target_id) in enumerate(back, 1):
            given = {"PolicyId": self._named(policy_id), "TargetId": self._named(target_id)}
            made = self._step(step, AwsCall.ATTACH_POLICY, given)
            yield replace(made, waits=number == len(back) and bool(lost))
        for policy_id, target_id in lost:
            given = {"PolicyId": policy_id, "TargetId": self._named(target_id)}
            yield self._step(step, AwsCall.DETACH_POLICY, given)

    def _tagged_back(self, step: Step, given: Mapping[str, Any], was: _Before) -> Iterator[Step]:
        keys = [tag["Key"] for tag in given.get("Tags", ())] + list(given.get("TagKeys", ()))
        old = {key: was.tags[key] for key in keys if key in was.tags}
        new = [key for key in keys if key not in was.tags]
        if old:
            tags = [{"Key": key, "Value": value} for key, value in old.items()]
            back = {"ResourceId": given["ResourceId"], "Tags": tags}
            yield self._step(step, AwsCall.TAG_RESOURCE, back)
        if new:
            back = {"ResourceId": given["ResourceId"], "TagKeys": new}
            yield self._step(step, AwsCall.UNTAG_RESOURCE, back)

    def _named(self, value: Any) -> Any:
        """Return the id that something has after it was made again."""
        return self.again.get(value, value) if isinstance(value, str) else value

    def _fresh(self, old: str) -> str:
        if old.startswith(("new-", "copy-")):
            return f"{old}-again"
        return f"new-again{len(self.again) + 1}"

    def _step(self, step: Step, call: AwsCall, given: Mapping[str, Any]) -> Step:
        return Step(
            0,
            step.ring,
            call,
            dict(given),
            optional=step.optional,
            reason=f"Takes back step {step.number}.",
        )

    def _add(self, step: Step, call: AwsCall, given: Mapping[str, Any], reason: str) -> None:
        self.steps.append(replace(self._step(step, call, given), reason=reason))


def _pairs(held: Mapping[str, tuple[ControlPolicy, ...]]) -> Iterator[tuple[str, str]]:
    for target_id, policies in held.items():
        for policy in policies:
            yield policy.policy_id, target_id
