"""Random small organizations with everything that can bear on who may do something."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from inventory.models import Connection
from policies import PolicyType
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import (
    AccountFactory,
    OrganizationalUnitFactory,
    OrganizationFactory,
    RootFactory,
)
from tests.factories.policies import FULL_ACCESS, PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.principals import (
    GroupPrincipalFactory,
    IamPolicyFactory,
    RoleFactory,
    UserPrincipalFactory,
)
from tests.factories.runs import CoverageFactory, InventoryRunFactory, store_coverage
from tests.policies.evaluation.random_questions import MANAGEMENT, policies

ALICE, EXT = "111111111111", "222222222222"
UNPLACED = "333333333333"
BROKEN = '{"Version'
SCP, RCP = PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY
TAGS: tuple[dict[str, str], ...] = ({}, {"t": "a"}, {"T": "b", "team": "x"})
LINKED = "/aws-service-role/x.amazonaws.com/"


@dataclass(frozen=True)
class Random:
    """What was drawn; `stored` writes it."""

    control: dict[PolicyType, dict[str, list[Any]]]
    enabled: tuple[str, ...]
    collected: tuple[str, ...]
    principals: list[dict[str, object]]
    managed: dict[str, object]
    trust: object


# Conditions that tell one principal, account or place from another.
WHO = (
    {"StringEquals": {"aws:PrincipalTag/t": "a"}},
    {"StringNotEqualsIfExists": {"aws:PrincipalTag/team": ["x", "y"]}},
    {"StringEquals": {"aws:PrincipalAccount": ALICE}},
    {"StringLike": {"aws:PrincipalAccount": "2*"}},
    {"StringNotEquals": {"aws:PrincipalAccount": [EXT, MANAGEMENT]}},
    {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*/ou-ab12-unit0001/*"}},
    {"StringEquals": {"aws:PrincipalType": "User"}},
    {"StringLike": {"aws:username": "a*"}},
    {"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{EXT}:role/Dev"}},
    {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Dev", f"arn:aws:iam::{ALICE}:root"]}},
    {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::1*:user/*"}},
    {"StringEquals": {"aws:userid": [ALICE, "AROAX:*"]}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}},
)


@st.composite
def of_somebody(draw, *, deny_only=False):
    """A policy that looks at who calls."""
    statement = {
        "Effect": "Deny" if deny_only else draw(st.sampled_from(("Allow", "Deny"))),
        "Action": draw(st.sampled_from(("*", "s3:*", "sts:*", "kms:*"))),
        "Resource": draw(st.sampled_from(("*", "*", "arn:aws:s3:::bucket/${aws:username}"))),
        "Condition": draw(st.sampled_from(WHO)),
    }
    if deny_only:
        statement["Principal"] = "*"
    return {"Version": "2012-10-17", "Statement": [statement]}


def identity_policies():
    return st.lists(
        st.one_of(policies(), of_somebody(), st.just(FULL_ACCESS), st.just(BROKEN)), max_size=2
    )


@st.composite
def principals(draw):
    found = []
    for kind, account_id, name, path in (
        ("group", ALICE, "g", "/"),
        ("user", ALICE, "alice", "/"),
        ("user", ALICE, "bob", "/team/"),
        ("role", ALICE, "Dev", "/"),
        ("role", ALICE, "AWSServiceRoleForX", LINKED),
        ("role", EXT, "Ext", "/"),
        ("role", EXT, "Dev", "/"),
        ("role", MANAGEMENT, "Admin", "/"),
        ("role", UNPLACED, "Far", "/"),
    ):
        found.append(
            {
                "kind": kind,
                "account_id": account_id,
                "name": name,
                "path": path,
                "inline": draw(identity_policies()),
                "attached": draw(st.lists(st.sampled_from(("own", "aws", "gone")), max_size=2)),
                "boundary": draw(st.sampled_from(("", "", "own", "aws", "gone"))),
                "tags": draw(st.sampled_from(TAGS)),
                "groups": ["g"] if kind == "user" and draw(st.booleans()) else [],
            }
        )
    return found


@st.composite
def organizations(draw):
    levels = {}
    for kind in (SCP, RCP):
        of_kind = policies(kind == RCP, kind == RCP), of_somebody(deny_only=kind == RCP)
        chosen = st.lists(st.one_of(*of_kind), max_size=2)
        levels[kind] = {
            target: [*draw(chosen), *([BROKEN] if draw(st.integers(0, 12)) == 0 else [])]
            for target in ("root", "ou", ALICE, EXT)
        }
        if kind == SCP:
            for found in levels[kind].values():
                if draw(st.integers(0, 4)):
                    found.append(FULL_ACCESS)
    return Random(
        control=levels,
        enabled=draw(st.sampled_from(((SCP, RCP), (SCP, RCP), (SCP,), ()))),
        collected=draw(st.sampled_from(((SCP, RCP), (SCP, RCP), (RCP,)))),
        principals=draw(principals()),
        managed={name: draw(st.one_of(policies(), st.just(BROKEN))) for name in ("own", "aws")},
        trust=draw(policies(principal=True)),
    )


def text_of(policy: object) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def stored(drawn: Random) -> Connection:
    """Write an organization and return its connection."""
    connection = ConnectionFactory.create()
    OrganizationFactory.create(
        connection=connection, organization_id="o-1", management_account_id=MANAGEMENT
    )
    root = RootFactory.create(
        connection=connection, policy_types=dict.fromkeys(drawn.enabled, "ENABLED")
    )
    unit = OrganizationalUnitFactory.create(
        connection=connection, target_id="ou-ab12-unit0001", name="Unit", parent=None
    )
    AccountFactory.create(connection=connection, account_id=MANAGEMENT, name="mgmt", parent=None)
    AccountFactory.create(connection=connection, account_id=ALICE, name="one", parent=unit)
    AccountFactory.create(connection=connection, account_id=EXT, name="two", parent=unit)
    AccountFactory.create(
        connection=connection,
        account_id=UNPLACED,
        name="far",
        parent_id="ou-ab12-notknown",
        path="ou-ab12-notknown/",
    )
    run = InventoryRunFactory.create(connection=connection)
    places = [
        *(("", f"organizations.policies.{kind}") for kind in drawn.collected),
        *(
            (account_id, "iam.authorization_details")
            for account_id in (ALICE, EXT, MANAGEMENT, UNPLACED)
        ),
    ]
    store_coverage(
        [
            CoverageFactory.build(run=run, account_id=account_id, collector=collector)
            for account_id, collector in places
        ]
    )
    ids = {"root": root.target_id, "ou": unit.target_id}
    for kind, levels in drawn.control.items():
        for target, texts in levels.items():
            for number, policy in enumerate(texts):
                policy_id = f"p-{kind[:3].lower()}{target[:4]}{number:03}"
                PolicyFactory.create(
                    connection=connection, policy_id=policy_id, type=kind, text=text_of(policy)
                )
                PolicyAttachmentFactory.create(
                    connection=connection, policy_id=policy_id, target_id=ids.get(target, target)
                )
    for account_id in (ALICE, EXT, MANAGEMENT, UNPLACED):
        for name, policy in drawn.managed.items():
            IamPolicyFactory.create(
                connection=connection,
                account_id=account_id,
                arn=arn_of(name, account_id),
                text=text_of(policy),
            )
    for one in drawn.principals:
        _store_principal(connection, one, drawn.trust)
    return connection


def arn_of(name: str, account_id: str) -> str:
    owner = "aws" if name == "aws" else account_id
    return f"arn:aws:iam::{owner}:policy/{name}"


FACTORIES = {"group": GroupPrincipalFactory, "user": UserPrincipalFactory, "role": RoleFactory}


def _store_principal(connection: Connection, one: dict, trust: object) -> None:
    account_id = one["account_id"]
    more = {"trust_policy": content(text_of(trust))} if one["kind"] == "role" else {}
    FACTORIES[one["kind"]].create(
        connection=connection,
        account_id=account_id,
        name=one["name"],
        path=one["path"],
        inline_policies={
            f"own-{number}": content(text_of(policy)).sha256
            for number, policy in enumerate(one["inline"])
        },
        attached_policy_arns=sorted({arn_of(name, account_id) for name in one["attached"]}),
        boundary_arn=arn_of(one["boundary"], account_id)
        if one["boundary"] and one["kind"] != "group"
        else "",
        tags=one["tags"],
        groups=one["groups"],
        **more,
    )
