"""Plans of every kind of call, over the organization of `aws.organization_of`."""

from collections.abc import Callable, Mapping
from typing import Final

from governance.changes.planning.steps import Step
from tests.factories.rollouts import SCP, staged_copy, steps
from tests.governance.changes.rollout.aws import text_of

A: Final = "200000000000"
B: Final = "200000000001"
UNIT: Final = "ou-ab12-workload"
ROOT: Final = "r-ab12"
OLD: Final = text_of("old")
NEW: Final = text_of("new")


def _created() -> list[Step]:
    return steps(
        (
            0,
            "CreatePolicy",
            {"PolicyId": "new-1", "Name": "more", "Type": SCP, "Description": "", "Content": NEW},
        ),
        (1, "AttachPolicy", {"PolicyId": "new-1", "TargetId": A}, True),
        (2, "AttachPolicy", {"PolicyId": "new-1", "TargetId": UNIT}, True),
        (2, "DetachPolicy", {"PolicyId": "new-1", "TargetId": A}),
    )


def _updated() -> list[Step]:
    return steps(
        (1, "UpdatePolicy", {"PolicyId": "p-guard00", "Content": NEW, "Name": "guard-more"}, True),
        (1, "TagResource", {"ResourceId": "p-guard00", "Tags": [{"Key": "by", "Value": "ada"}]}),
    )


def _moved_up() -> list[Step]:
    calls: list[tuple[object, ...]] = [
        (1, "AttachPolicy", {"PolicyId": "p-guard00", "TargetId": UNIT}, True)
    ]
    calls += [(2, "DetachPolicy", {"PolicyId": "p-guard00", "TargetId": each}) for each in (A, B)]
    return steps(*calls)


def _deleted() -> list[Step]:
    every = (A, B, "200000000002")
    calls: list[tuple[object, ...]] = [
        (1, "DetachPolicy", {"PolicyId": "p-guard00", "TargetId": each}) for each in every
    ]
    calls[-1] = (*calls[-1], True)
    return steps(*calls, (2, "DeletePolicy", {"PolicyId": "p-guard00"}))


def _unit_and_move() -> list[Step]:
    unit = {"OrganizationalUnitId": "new-ou", "ParentId": ROOT, "Name": "Regulated"}
    there = {"SourceParentId": UNIT, "DestinationParentId": "new-ou"}
    return steps(
        (0, "CreateOrganizationalUnit", unit),
        (0, "AttachPolicy", {"PolicyId": "p-guard00", "TargetId": "new-ou"}, True),
        (1, "MoveAccount", {"AccountId": A, **there}),
        (2, "MoveAccount", {"AccountId": B, **there}, True),
        (3, "UpdateOrganizationalUnit", {"OrganizationalUnitId": UNIT, "Name": "Others"}),
    )


def _type() -> list[Step]:
    return steps(
        (1, "EnablePolicyType", {"RootId": ROOT, "PolicyType": "TAG_POLICY"}, True),
        (
            1,
            "CreatePolicy",
            {
                "PolicyId": "new-tags",
                "Name": "tags",
                "Type": "TAG_POLICY",
                "Description": "",
                "Content": '{"tags":{}}',
            },
        ),
        (1, "AttachPolicy", {"PolicyId": "new-tags", "TargetId": ROOT}),
    )


PLANS: Final[Mapping[str, Callable[[], list[Step]]]] = {
    "staged by a copy": lambda: staged_copy([[A]], text=NEW),
    "a policy created": _created,
    "a text updated": _updated,
    "a policy moved up": _moved_up,
    "a policy deleted": _deleted,
    "accounts moved into a new OU": _unit_and_move,
    "a policy type enabled": _type,
}
