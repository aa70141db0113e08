"""The way back from any step of a plan: through the same states as the way there, reversed.

Each call is undone by its opposite, the last one first, so every state on the way back is one that
the evidence has proven on the way there. What a plan shows as its way back and what a rollback
does are the same steps. What AWS does not give back as it was is named.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from governance.changes.planning.steps import AwsCall, PlanNotice, Step
from governance.changes.planning.tables import (
    Table,
    attached_by_aws,
    attached_to,
    changed,
    resolved,
)


def steps_back(
    base: Mapping[str, Any],
    done: Sequence[Step],
    created: Mapping[str, str],
    *,
    skipped: Collection[int] = (),
) -> tuple[Step, ...]:
    """Return the steps that undo `done`, which were made from `base`, in order.

    `created`: what AWS named the things that `done` has created. A policy or OU that is created
    again stands under the placeholder `back-NUMBER` of the step that had deleted it.
    """
    table: Table = dict(base)
    undone: list[list[Step]] = []
    gone: dict[str, str] = {}
    waits = False
    for step in done:
        if step.number in skipped:
            continue
        given = resolved(step, created)
        created_id = created.get(step.creates, "")
        calls = list(_StepBack(step, given, table, created_id).calls())
        # Two states that a wait lay between on the way there have one between them on the way back.
        if calls and waits:
            calls[-1] = replace(calls[-1], waits=True)
        undone.append(calls)
        gone[_placeholder(step)] = given.get("PolicyId") or given.get("OrganizationalUnitId", "")
        table.update(changed(step, given, table, created_id))
        waits = step.waits
    back: list[Step] = []
    again: dict[str, str] = {}
    for call in (each for calls in reversed(undone) for each in calls):
        named = {name: _named(value, again) for name, value in call.parameters.items()}
        back.append(replace(call, number=len(back) + 1, ring=1, parameters=named))
        if call.creates:
            again[gone[call.creates]] = call.creates
    # Behind the last call nothing waits.
    return (*back[:-1], replace(back[-1], waits=False)) if back else ()


def _placeholder(step: Step) -> str:
    """Return what stands for the thing that a step deletes and its way back makes again."""
    return f"back-{step.number}"


def _named(value: Any, again: Mapping[str, str]) -> Any:
    return again.get(value, value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class _StepBack:
    """The calls that undo one step. `table`: before it; `given`: its resolved parameters."""

    step: Step
    given: Mapping[str, Any]
    table: Mapping[str, Any]
    created_id: str

    def calls(self) -> Iterator[Step]:
        """Yield them in order; their numbers are still the step's."""
        return _UNDOES[self.step.call](self)

    def _call(self, call: AwsCall, reason: str, /, **parameters: Any) -> Step:
        return replace(
            self.step, call=call, parameters=parameters, waits=False, reason=reason, creates=""
        )

    def detached(self) -> Iterator[Step]:
        yield self._call(
            AwsCall.DETACH_POLICY, "Detach what this request attached.", **self._attachment()
        )

    def attached(self) -> Iterator[Step]:
        yield self._call(
            AwsCall.ATTACH_POLICY, "Attach what this request detached.", **self._attachment()
        )

    def _attachment(self) -> dict[str, Any]:
        return {name: self.given[name] for name in ("PolicyId", "TargetId")}

    def policy_deleted(self) -> Iterator[Step]:
        yield self._call(
            AwsCall.DELETE_POLICY, "Delete what this request created.", PolicyId=self.created_id
        )

    def policy_restored(self) -> Iterator[Step]:
        before = self.table[f"policy/{self.given['PolicyId']}"]
        names = (("Name", "name"), ("Description", "description"), ("Content", "text"))
        yield self._call(
            AwsCall.UPDATE_POLICY,
            "Restore the text and name from before.",
            PolicyId=self.given["PolicyId"],
            **{theirs: before[ours] for theirs, ours in names if theirs in self.given},
        )

    def policy_made_again(self) -> Iterator[Step]:
        before = self.table[f"policy/{self.given['PolicyId']}"]
        tags = self.table.get(f"tags/{self.given['PolicyId']}") or {}
        made = self._call(
            AwsCall.CREATE_POLICY,
            "Create the deleted policy again; it gets another id.",
            Name=before["name"],
            Type=before["type"],
            Description=before["description"],
            Content=before["text"],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        yield replace(made, creates=_placeholder(self.step))

    def account_moved(self) -> Iterator[Step]:
        yield self._call(
            AwsCall.MOVE_ACCOUNT,
            "Move the account back.",
            AccountId=self.given["AccountId"],
            SourceParentId=self.given["DestinationParentId"],
            DestinationParentId=self.given["SourceParentId"],
        )

    def unit_deleted(self) -> Iterator[Step]:
        yield self._call(
            AwsCall.DELETE_ORGANIZATIONAL_UNIT,
            "Delete the OU that this request created.",
            OrganizationalUnitId=self.created_id,
        )

    def unit_renamed(self) -> Iterator[Step]:
        unit_id = self.given["OrganizationalUnitId"]
        yield self._call(
            AwsCall.UPDATE_ORGANIZATIONAL_UNIT,
            "Restore the OU's name.",
            OrganizationalUnitId=unit_id,
            Name=self.table[f"unit/{unit_id}"]["name"],
        )

    def unit_made_again(self) -> Iterator[Step]:
        unit_id = self.given["OrganizationalUnitId"]
        placeholder = _placeholder(self.step)
        made = self._call(
            AwsCall.CREATE_ORGANIZATIONAL_UNIT,
            "Create the deleted OU again; it gets another id.",
            ParentId=self.table[f"parent/{unit_id}"],
            Name=self.table[f"unit/{unit_id}"]["name"],
        )
        yield replace(made, creates=placeholder)
        held = attached_to(unit_id, self.table)
        types = {self.table[f"policy/{each}"]["type"] for each in held}
        brought = [policy_id for kind in sorted(types) for policy_id in attached_by_aws(kind)]
        yield from self._attached_again(
            [(policy_id, placeholder) for policy_id in held if policy_id not in brought],
            [(policy_id, placeholder) for policy_id in brought if policy_id not in held],
        )

    def type_disabled(self) -> Iterator[Step]:
        found = self._call(
            AwsCall.DISABLE_POLICY_TYPE, "Disable the policy type again.", **self._type()
        )
        yield replace(found, waits=True)

    def type_enabled(self) -> Iterator[Step]:
        found = self._call(
            AwsCall.ENABLE_POLICY_TYPE,
            "Enable the policy type again; AWS has lost its attachments.",
            **self._type(),
        )
        yield replace(found, waits=True)
        kind = self.given["PolicyType"]
        brought = attached_by_aws(kind)
        by_policy = {
            key.removeprefix("targets/"): target_ids or ()
            for key, target_ids in sorted(self.table.items())
            if key.startswith("targets/")
            and (self.table.get(f"policy/{key.removeprefix('targets/')}") or {}).get("type") == kind
        }
        places = dict.fromkeys(one for target_ids in by_policy.values() for one in target_ids)
        yield from self._attached_again(
            [
                (policy_id, target_id)
                for policy_id, target_ids in by_policy.items()
                if policy_id not in brought
                for target_id in target_ids
            ],
            # A target without AWS's own policy has another one, so it is among the places.
            [
                (policy_id, target_id)
                for policy_id in brought
                if policy_id in by_policy
                for target_id in places
                if target_id not in by_policy[policy_id]
            ],
        )

    def _type(self) -> dict[str, Any]:
        return {name: self.given[name] for name in ("RootId", "PolicyType")}

    def _attached_again(
        self, missing: Sequence[tuple[str, str]], brought: Sequence[tuple[str, str]]
    ) -> Iterator[Step]:
        """Attach what was attached, wait, and detach what AWS alone has attached."""
        for number, (policy_id, target_id) in enumerate(missing, 1):
            found = self._call(
                AwsCall.ATTACH_POLICY,
                "Attach what AWS has lost.",
                PolicyId=policy_id,
                TargetId=target_id,
            )
            yield replace(found, waits=bool(brought) and number == len(missing))
        for policy_id, target_id in brought:
            yield self._call(
                AwsCall.DETACH_POLICY,
                "Detach what AWS attaches by itself and was not here.",
                PolicyId=policy_id,
                TargetId=target_id,
            )

    def tags_restored(self) -> Iterator[Step]:
        given, resource_id = self.given, self.given["ResourceId"]
        before = self.table[f"tags/{resource_id}"]
        untags = self.step.call is AwsCall.UNTAG_RESOURCE
        names = given["TagKeys"] if untags else [tag["Key"] for tag in given["Tags"]]
        old = [{"Key": name, "Value": before[name]} for name in names if name in before]
        new = [name for name in names if name not in before]
        if new and not untags:
            yield self._call(
                AwsCall.UNTAG_RESOURCE,
                "Remove the tags that this request added.",
                ResourceId=resource_id,
                TagKeys=new,
            )
        if old:
            yield self._call(
                AwsCall.TAG_RESOURCE,
                "Restore the tags from before.",
                ResourceId=resource_id,
                Tags=old,
            )


_UNDOES: Mapping[AwsCall, Callable[[_StepBack], Iterator[Step]]] = {
    AwsCall.ATTACH_POLICY: _StepBack.detached,
    AwsCall.DETACH_POLICY: _StepBack.attached,
    AwsCall.CREATE_POLICY: _StepBack.policy_deleted,
    AwsCall.UPDATE_POLICY: _StepBack.policy_restored,
    AwsCall.DELETE_POLICY: _StepBack.policy_made_again,
    AwsCall.MOVE_ACCOUNT: _StepBack.account_moved,
    AwsCall.CREATE_ORGANIZATIONAL_UNIT: _StepBack.unit_deleted,
    AwsCall.UPDATE_ORGANIZATIONAL_UNIT: _StepBack.unit_renamed,
    AwsCall.DELETE_ORGANIZATIONAL_UNIT: _StepBack.unit_made_again,
    AwsCall.ENABLE_POLICY_TYPE: _StepBack.type_disabled,
    AwsCall.DISABLE_POLICY_TYPE: _StepBack.type_enabled,
    AwsCall.TAG_RESOURCE: _StepBack.tags_restored,
    AwsCall.UNTAG_RESOURCE: _StepBack.tags_restored,
}


def rollback_differs(steps: Iterable[Step], table: Mapping[str, Any]) -> tuple[PlanNotice, ...]:
    """Return what a rollback of `steps` does not give back as it was. `table`: before them."""
    found = []
    for step in steps:
        match step.call:
            case AwsCall.DELETE_POLICY:
                policy_id = str(step.parameters["PolicyId"])
                if policy_id.startswith("copy-"):
                    continue
                name = (table.get(f"policy/{policy_id}") or {}).get("name", policy_id)
                found.append(
                    PlanNotice(
                        "rollback_new_policy_id",
                        f"{name} is deleted. Rolled back, it is created again with a new id; "
                        "references to the old one must be updated.",
                    )
                )
            case AwsCall.DELETE_ORGANIZATIONAL_UNIT:
                unit_id = str(step.parameters["OrganizationalUnitId"])
                name = (table.get(f"unit/{unit_id}") or {}).get("name", unit_id)
                found.append(
                    PlanNotice(
                        "rollback_new_unit_id",
                        f"OU {name} is deleted. Rolled back, it is created again with a new id and "
                        "without its tags; update policies and roles that name the old id.",
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
