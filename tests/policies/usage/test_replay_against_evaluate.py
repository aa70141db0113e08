"""Every verdict of the replay is what `evaluate` says before and after, for all unknown values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from policies import (
    Evaluator,
    OrganizationIds,
    PolicySet,
    PolicyType,
    TargetPolicies,
    default_compiler,
    make_request,
    parse_decoded_policy,
)
from policies.evaluation.principal import parse_principal
from policies.language.conditions.values import ABSENT
from policies.targets import Target, TargetTree
from policies.usage import UsageRecord
from policies.usage.joint import ReplayEffect
from policies.usage.replay import ControlTrees, replay_usage

SCP, RCP = PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY
MANAGEMENT, ONE, TWO, OUTSIDE = (digit * 12 for digit in "1239")
ORGANIZATION = OrganizationIds("o-example", MANAGEMENT)
PARENTS = {"r-1": None, "ou-1": "r-1", "ou-2": "r-1", MANAGEMENT: "r-1", ONE: "ou-1", TWO: "ou-2"}
AT = datetime(2026, 5, 1, tzinfo=UTC)

BUCKETS = [f"arn:aws:s3:::{name}" for name in ("a", "ab", "abc", "abcd", "b", "bc", "x")]
QUEUES = [f"arn:aws:sqs:eu-west-1:{account}:{name}" for account in (ONE, TWO) for name in "ab"]
PATTERNS = {
    "arn:aws:s3:::*": BUCKETS,
    "arn:aws:s3:::a*": BUCKETS[:4],
    "arn:aws:s3:::ab*": BUCKETS[1:4],
    **{one: [one] for one in BUCKETS[:5]},
}
VALUES = {
    "aws:RequestedRegion": ["eu-west-1", "eu-west-2", "us-east-1"],
    "aws:SourceVpce": ["vpce-1", "vpce-2"],
    "aws:PrincipalTag/team": ["red", "blue"],
}
FRESH = "something-else"

conditions = st.dictionaries(
    st.sampled_from(
        ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists"]
    ),
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda key: st.fixed_dictionaries(
            {key: st.lists(st.sampled_from(VALUES[key]), min_size=1, max_size=2)}
        )
    ),
    max_size=2,
)
callers = st.just({}) | st.sampled_from(
    [
        {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Deploy"]}},
        {"StringNotEquals": {"aws:PrincipalAccount": [TWO]}},
        {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-example"}},
        {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
        {"StringNotEquals": {"aws:ResourceAccount": [ONE]}},
        {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-example/r-1/ou-2/*"}},
    ]
)


@st.composite
def statements(draw, policy_type):
    effect = draw(st.sampled_from(["Deny", "Deny", "Deny", "Allow"]))
    if policy_type is RCP:
        effect = "Deny"
    element = draw(st.sampled_from(["Action", "NotAction"]))
    actions = ["s3:*", "s3:GetBucketPolicy", "s3:List*", "sqs:*", "*"]
    written = {
        "Effect": effect,
        element: draw(st.lists(st.sampled_from(actions), min_size=1, max_size=2)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(
            st.just("*") | st.lists(st.sampled_from([*PATTERNS, *QUEUES]), min_size=1, max_size=2)
        ),
        "Condition": {**draw(conditions), **draw(callers)},
    }
    if written.get("NotResource") == "*":
        written["Resource"] = written.pop("NotResource")
    if policy_type is RCP:
        written["Principal"] = "*"
    return written


def full(policy_type):
    principal = {"Principal": "*"} if policy_type is RCP else {}
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **principal}


@st.composite
def states(draw, policy_type):
    """Draw the statements of two states: what hangs where, mostly the same in both."""
    shared = {
        target: [
            *([full(policy_type)] if draw(st.integers(0, 9)) else []),
            *draw(st.just([]) | st.lists(statements(policy_type), max_size=1)),
        ]
        for target in PARENTS
    }
    changed = draw(st.sampled_from(["r-1", "ou-1", *sorted(PARENTS)]))
    own = draw(st.lists(statements(policy_type), min_size=1, max_size=3))
    return shared, {**shared, changed: [full(policy_type), *own]}


def document(listed, policy_type):
    parsed = parse_decoded_policy({"Version": "2012-10-17", "Statement": listed}, policy_type)
    return parsed.document


def documents(state, policy_type):
    return {
        target: [document([item], policy_type) for item in listed]
        for target, listed in state.items()
    }


class State:
    """One state, for the replay and for `evaluate`."""

    def __init__(self, state, policy_type, parents):
        self.documents = documents(state, policy_type)
        self.parents = parents
        self.tree = TargetTree(
            Target(target, parents[target], default_compiler().level(listed))
            for target, listed in self.documents.items()
        )

    def levels(self, account_id):
        if account_id not in self.documents:
            return None
        return tuple(
            TargetPolicies(target.target_id, tuple(self.documents[target.target_id]))
            for target in self.tree.path(account_id)
        )


@st.composite
def usage(draw):
    context, unknown = {}, []
    for key, values in VALUES.items():
        value = draw(st.sampled_from([None, "unknown", *values]))
        if value == "unknown":
            unknown.append(key)
        elif value is not None:
            context[key] = value
    service = draw(st.sampled_from(["s3", "s3", "s3", "sqs"]))
    return UsageRecord(
        account_id=draw(st.sampled_from([ONE, TWO, MANAGEMENT, OUTSIDE])),
        principal=draw(
            st.sampled_from(
                [
                    f"arn:aws:iam::{ONE}:role/Deploy",
                    f"arn:aws:iam::{ONE}:role/Other",
                    f"arn:aws:iam::{TWO}:user/Ann",
                    f"arn:aws:iam::{TWO}:root",
                    f"arn:aws:iam::{MANAGEMENT}:role/Other",
                    f"arn:aws:iam::{OUTSIDE}:role/Other",
                    f"arn:aws:iam::{ONE}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
                    "cloudtrail.amazonaws.com",
                ]
            )
        ),
        action=draw(
            st.sampled_from(["s3:GetBucketPolicy", "s3:ListBucket", "S3:listbucket"])
            if service == "s3"
            else st.sampled_from(["sqs:SendMessage", "sqs:ListQueues"])
        ),
        resource=draw(st.sampled_from([*PATTERNS] if service == "s3" else QUEUES)),
        region=None,
        context=context,
        unknown_context=tuple(unknown),
        count=1,
        denied=0,
        first_at=AT,
        last_at=AT,
    )


def completions(record) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each resource and context that a record may stand for."""
    choices = [[ABSENT, FRESH, *VALUES[key]] for key in record.unknown_context]
    for resource in PATTERNS.get(record.resource, [record.resource]):
        for picked in itertools.product(*choices):
            chosen = dict(zip(record.unknown_context, picked, strict=True))
            yield resource, {**record.context, **chosen}


class Peer:
    """Decides completions one by one with `Evaluator`."""

    def __init__(self, scps, rcps):
        self.scps, self.rcps = scps, rcps
        self.evaluators = {}

    def allows(self, record, resource, context):
        caller = parse_principal(record.principal).account_id
        account = resource.split(":")[4]
        owner = account if account.isdecimal() else record.account_id
        evaluator = self.evaluators.get((caller, owner))
        if evaluator is None:
            evaluator = self.evaluators[caller, owner] = Evaluator(
                PolicySet(
                    ORGANIZATION,
                    self.scps.levels(caller),
                    self.rcps.levels(owner),
                    identity_policies=(document([full(SCP)], PolicyType.IDENTITY_POLICY),),
                    resource_policy=document([full(RCP)], PolicyType.RESOURCE_POLICY),
                )
            )
        given = {key: value for key, value in context.items() if value is not ABSENT}
        request = make_request(
            record.principal, record.action, resource, resource_account_id=owner, context=given
        )
        return not evaluator.evaluate(request).is_denied


def expected(record, before, after):
    """Return the effect and the keys on which it depends, by trying everything."""
    effects = {}
    for resource, context in completions(record):
        was, becomes = (peer.allows(record, resource, context) for peer in (before, after))
        effect = "unchanged" if was is becomes else "revoked" if was else "gained"
        effects[resource, *(context[key] for key in record.unknown_context)] = effect
    found = set(effects.values())
    if len(found) == 1:
        return found.pop(), frozenset()
    deciding = set()
    for number, key in enumerate(("resource", *record.unknown_context)):
        seen: dict[tuple[object, ...], str] = {}
        for picked, effect in effects.items():
            if seen.setdefault(picked[:number] + picked[number + 1 :], effect) != effect:
                deciding.add(key)
    return "maybe", frozenset(deciding)


def check(before, after, records):
    peers = [Peer(*before), Peer(*after)]
    old, new = (ControlTrees(scps.tree, rcps.tree) for scps, rcps in (before, after))
    found = replay_usage(old, new, records, ORGANIZATION)
    effects: dict[int, tuple[str, frozenset[str]]] = {
        id(record): ("unchanged", frozenset()) for record in records
    }
    for use in (*found.revoked, *found.gained, *found.maybe):
        effects[id(use.record)] = (use.effect.value, frozenset(use.keys))
    listed = len(found.revoked) + len(found.gained) + len(found.maybe)
    assert listed + found.unchanged == len(records)
    for record in records:
        assert effects[id(record)] == expected(record, *peers), record


class TestReplayAgainstEvaluate:
    @settings(max_examples=40, deadline=None)
    @given(states(SCP), states(RCP), st.lists(usage(), min_size=4, max_size=8))
    def test_an_edit_of_policies(self, scps, rcps, records):
        before, after = (
            (State(scps[side], SCP, PARENTS), State(rcps[side], RCP, PARENTS)) for side in (0, 1)
        )
        check(before, after, records)

    @settings(max_examples=20, deadline=None)
    @given(states(SCP), states(RCP), st.lists(usage(), min_size=4, max_size=8))
    def test_an_account_that_moves(self, scps, rcps, records):
        moved = {**PARENTS, ONE: "ou-2"}
        before, after = (
            (State(scps[0], SCP, parents), State(rcps[0], RCP, parents))
            for parents in (PARENTS, moved)
        )
        check(before, after, records)


def test_effects_are_the_members_of_the_commands_output():
    assert {effect.value for effect in ReplayEffect} == {"revoked", "gained", "maybe", "unchanged"}
