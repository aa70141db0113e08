"""The states that a plan passes through, one after each call, compiled step by step."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from governance.changes.planning.base import PlanBase
from governance.changes.planning.steps import AwsCall, ChangePlan, Step
from governance.edits.draft import DraftedOrganization, OperationProblem, drafted_of
from governance.edits.work import EditRefused, OrganizationWork
from policies import PolicyType


def states_of(plan: ChangePlan, base: PlanBase) -> tuple[DraftedOrganization, ...]:
    """Return the collected state and the state after each step; what is unchanged is shared.

    A step that the state before it does not allow stands in that state's `problems`, with its
    place from 0; only a faulty plan has one.
    """
    return tuple(states_after(plan.steps, base))


def states_after(steps: Iterable[Step], base: PlanBase) -> Iterator[DraftedOrganization]:
    """Yield the state that steps begin with, and the state after each."""
    work = OrganizationWork(base.organization, base.collected, as_collected=True)
    problems: tuple[OperationProblem, ...] = ()
    yield drafted_of(work)
    for place, step in enumerate(steps):
        try:
            do_step(work, step)
        except EditRefused as refused:
            problems = (*problems, OperationProblem(place, str(refused)))
        yield drafted_of(work, problems)


def do_step(work: OrganizationWork, step: Step) -> None:
    """Do one call of a plan.

    :raises EditRefused: AWS would refuse it.
    """
    _DOES[step.call](work, step, step.parameters)


def _create_policy(work: OrganizationWork, step: Step, given: Mapping[str, Any]) -> None:
    work.create(step.creates, given["Name"], PolicyType(given["Type"]), given["Content"])
    work.tags[step.creates] = {tag["Key"]: tag["Value"] for tag in given.get("Tags", ())}


def _update_policy(work: OrganizationWork, _: Step, given: Mapping[str, Any]) -> None:
    if "Content" in given:
        work.update(given["PolicyId"], given["Content"])
    if "Name" in given:
        work.rename(given["PolicyId"], given["Name"])


def _delete_policy(work: OrganizationWork, _: Step, given: Mapping[str, Any]) -> None:
    policy_id = given["PolicyId"]
    if policy_id in work.policies and work.targets_of(policy_id):
        raise EditRefused(f"{policy_id} is attached: AWS does not delete it")
    work.delete(policy_id)


_Does = Callable[[OrganizationWork, Step, Mapping[str, Any]], None]
_DOES: Final[Mapping[AwsCall, _Does]] = {
    AwsCall.CREATE_POLICY: _create_policy,
    AwsCall.UPDATE_POLICY: _update_policy,
    AwsCall.DELETE_POLICY: _delete_policy,
    AwsCall.ATTACH_POLICY: lambda work, _, given: work.attach(given["PolicyId"], given["TargetId"]),
    AwsCall.DETACH_POLICY: lambda work, _, given: work.detach(given["PolicyId"], given["TargetId"]),
    AwsCall.MOVE_ACCOUNT: lambda work, _, given: work.move(
        given["AccountId"], given["DestinationParentId"]
    ),
    AwsCall.ENABLE_POLICY_TYPE: lambda work, _, given: work.enable(PolicyType(given["PolicyType"])),
    AwsCall.DISABLE_POLICY_TYPE: lambda work, _, given: work.disable(
        PolicyType(given["PolicyType"])
    ),
    AwsCall.CREATE_ORGANIZATIONAL_UNIT: lambda work, step, given: work.create_unit(
        step.creates, given["ParentId"], given["Name"]
    ),
    AwsCall.UPDATE_ORGANIZATIONAL_UNIT: lambda work, _, given: work.rename_unit(
        given["OrganizationalUnitId"], given["Name"]
    ),
    AwsCall.DELETE_ORGANIZATIONAL_UNIT: lambda work, _, given: work.delete_unit(
        given["OrganizationalUnitId"]
    ),
    AwsCall.TAG_RESOURCE: lambda work, _, given: work.tag(
        given["ResourceId"], [(tag["Key"], tag["Value"]) for tag in given["Tags"]]
    ),
    AwsCall.UNTAG_RESOURCE: lambda work, _, given: work.tag(
        given["ResourceId"], [(key, None) for key in given["TagKeys"]]
    ),
}
