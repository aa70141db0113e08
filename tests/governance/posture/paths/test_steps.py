"""Which steps a stored organization allows: both sides, guardrails, control, resources, outside."""

import pytest
from hypothesis import HealthCheck, given, settings

from governance.posture.ceilings.usual import usual_region
from governance.posture.paths.explaining import explain_step
from governance.posture.paths.nodes import Privilege
from governance.posture.paths.reach import Direction
from governance.posture.who_can.answer import who_can
from governance.posture.who_can.question import read_question
from inventory.models import Principal
from policies import PolicyType
from tests.factories.policies import FULL_ACCESS, PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.principals import IamPolicyFactory
from tests.factories.resources import BucketFactory, bucket_policy
from tests.factories.runs import CoverageFactory
from tests.governance.posture.paths.stored import (
    MANAGEMENT,
    ONE,
    TWO,
    allow,
    edges_of,
    graph_of,
    organization,
    policy,
    reached,
    role,
    short,
    trusting,
    user,
)
from tests.governance.posture.who_can.comparing import VIEWER
from tests.governance.posture.who_can.random_organizations import organizations, stored

pytestmark = pytest.mark.django_db
SURE = ("assumes_role", "always")


def arn(account_id, name, kind="role"):
    return f"arn:aws:iam::{account_id}:{kind}/{name}"


def test_needs_both_sides_across_accounts_and_one_within_where_it_names_the_principal():
    connection = organization(ONE, TWO)
    may = allow("sts:AssumeRole")
    role(connection, ONE, "may", may)
    role(connection, ONE, "may-not")
    role(connection, TWO, "by-account", trust=trusting({"AWS": ONE}))
    role(connection, TWO, "by-name", trust=trusting({"AWS": [arn(ONE, "may-not")]}))
    role(connection, ONE, "here-by-name", trust=trusting({"AWS": arn(ONE, "may-not")}))
    role(connection, ONE, "here-by-account", trust=trusting({"AWS": ONE}))
    graph = graph_of(connection)
    assert edges_of(graph) == {
        ("may@2", "by-account@3"): {SURE},
        ("may-not@2", "here-by-name@2"): {SURE},
        ("may@2", "here-by-account@2"): {SURE},
    }


def test_follows_chains_and_tells_conditions_of_the_trust():
    connection = organization(ONE, TWO)
    may = allow("sts:AssumeRole")
    guarded = {"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}
    role(connection, ONE, "start", may)
    role(connection, TWO, "middle", may, trust=trusting({"AWS": ONE}, **guarded))
    role(connection, ONE, "end", FULL_ACCESS, trust=trusting({"AWS": arn(TWO, "middle")}))
    graph = graph_of(connection)
    edges = edges_of(graph)
    assert edges["start@2", "middle@3"] == {("assumes_role", "conditional")}
    found = reached(graph, arn(ONE, "start"))
    assert (found["middle@3"], found["end@2"], found["control@2"]) == (1, 2, 3)
    (edge,) = graph.between(graph.find(arn(ONE, "start")), graph.find(arn(TWO, "middle")))
    assert edge.way.keys == ("sts:externalid",)
    assert graph.privilege(graph.find(arn(ONE, "start"))) is Privilege.ESCALATES
    assert graph.privilege(graph.find(arn(ONE, "end"))) is Privilege.ADMINISTRATOR
    back = reached(graph, arn(ONE, "end"), Direction.BACKWARD)
    assert back == {"middle@3": 1, "start@2": 2, "control@2": 1} | {
        one: steps for one, steps in back.items() if one not in {"middle@3", "start@2", "control@2"}
    }


def test_lets_boundaries_and_scps_stop_a_step():
    connection = organization(ONE, TWO, policy_types={"SERVICE_CONTROL_POLICY": "ENABLED"})
    scp = PolicyType.SERVICE_CONTROL_POLICY
    CoverageFactory.create(
        run__connection=connection, account_id="", collector=f"organizations.policies.{scp}"
    )
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": arn(TWO, "kept")}
    for number, (text, target) in enumerate(
        (
            (FULL_ACCESS, "r-ab12"),
            (policy(deny), ONE),
            (FULL_ACCESS, "ou-ab12-unit0001"),
            (FULL_ACCESS, ONE),
            (FULL_ACCESS, TWO),
            (FULL_ACCESS, MANAGEMENT),
        )
    ):
        PolicyFactory.create(connection=connection, policy_id=f"p-{number}", text=text)
        PolicyAttachmentFactory.create(
            connection=connection, policy_id=f"p-{number}", target_id=target
        )
    may = allow("sts:AssumeRole")
    role(connection, ONE, "caller", may)
    bound = arn(ONE, "narrow", "policy")
    IamPolicyFactory.create(
        connection=connection, account_id=ONE, arn=bound, text=allow("s3:ListBucket")
    )
    role(connection, ONE, "bounded", may, boundary_arn=bound)
    for name in ("kept", "open"):
        role(connection, TWO, name, trust=trusting({"AWS": ONE}))
    assert set(edges_of(graph_of(connection))) == {("caller@2", "open@3")}


def _rcp(connection, target_id, *statements):
    kind = PolicyType.RESOURCE_CONTROL_POLICY
    CoverageFactory.create(
        run__connection=connection, account_id="", collector=f"organizations.policies.{kind}"
    )
    denies = policy(
        *({"Effect": "Deny", "Principal": "*", "Resource": "*"} | s for s in statements)
    )
    PolicyFactory.create(connection=connection, policy_id="p-rcp", type=kind, text=denies)
    PolicyAttachmentFactory.create(connection=connection, policy_id="p-rcp", target_id=target_id)


def test_no_rcp_of_the_callers_own_account_stops_a_step_into_another():
    connection = organization(ONE, TWO, policy_types={"RESOURCE_CONTROL_POLICY": "ENABLED"})
    _rcp(connection, ONE, {"Action": ["sts:AssumeRole", "s3:GetObject"]})
    role(connection, ONE, "caller", allow("sts:AssumeRole", "s3:GetObject"))
    role(connection, TWO, "target", trust=trusting({"AWS": ONE}))
    role(connection, ONE, "own", trust=trusting({"AWS": ONE}))
    shared = {"Principal": {"AWS": ONE}, "Resource": "arn:aws:s3:::shared/*"}
    text = content(bucket_policy(shared))
    BucketFactory.create(connection=connection, account_id=TWO, name="shared", content=text)
    assert set(edges_of(graph_of(connection))) == {
        ("caller@2", "target@3"),
        ("caller@2", "arn:aws:s3:::shared"),
    }


def test_a_condition_on_the_resources_account_is_read_of_the_account_stepped_into():
    connection = organization(ONE, TWO)
    elsewhere = {"StringNotEquals": {"aws:ResourceAccount": ONE}}
    role(connection, ONE, "caller", allow("sts:AssumeRole", Condition=elsewhere))
    role(connection, TWO, "target", trust=trusting({"AWS": ONE}))
    role(connection, ONE, "own", trust=trusting({"AWS": ONE}))
    assert edges_of(graph_of(connection)) == {("caller@2", "target@3"): {SURE}}


def test_gives_an_administrator_its_account_but_no_role_of_aws():
    connection = organization(ONE)
    user(connection, ONE, "admin", FULL_ACCESS)
    role(connection, ONE, "plain")
    role(connection, ONE, "AWSServiceRoleForX", path="/aws-service-role/x.amazonaws.com/")
    graph = graph_of(connection)
    assert reached(graph, arn(ONE, "admin", "user")) == {"control@2": 1, "plain@2": 2}
    assert graph.privilege(graph.find(arn(ONE, "plain"))) is Privilege.LIMITED


def test_reaches_every_account_from_the_management_account():
    connection = organization(ONE)
    role(connection, MANAGEMENT, "admin", FULL_ACCESS)
    role(connection, ONE, "plain")
    found = reached(graph_of(connection), arn(MANAGEMENT, "admin"))
    assert found == {"control@1": 1, "organization": 2, "control@2": 3, "plain@2": 4}


def test_tells_what_a_conditional_administrator_hangs_on():
    connection = organization(ONE)
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    user(connection, ONE, "admin", allow("*", **mfa))
    graph = graph_of(connection)
    number = graph.find(arn(ONE, "admin", "user"))
    edges = graph.between(number, graph.find(f"control:{ONE}"))
    assert {edge.standing.value for edge in edges} == {"conditional"}
    assert graph.privilege(number) is Privilege.ADMINISTRATOR


def test_raises_a_role_that_it_can_become():
    connection = organization(ONE)
    user(connection, ONE, "dev", allow("iam:AttachRolePolicy", "sts:AssumeRole"))
    role(connection, ONE, "tool", trust=trusting({"AWS": ONE}))
    graph = graph_of(connection)
    number = graph.find(arn(ONE, "dev", "user"))
    (edge,) = graph.between(number, graph.find(f"control:{ONE}"))
    assert (edge.way.escalation, edge.way.through) == ("attach-role-policy", arn(ONE, "tool"))


def test_raises_nothing_behind_a_boundary():
    connection = organization(ONE)
    bound = arn(ONE, "edge", "policy")
    IamPolicyFactory.create(
        connection=connection, account_id=ONE, arn=bound, text=allow("iam:PutRolePolicy")
    )
    role(connection, ONE, "bounded", allow("iam:PutRolePolicy"), boundary_arn=bound)
    assert edges_of(graph_of(connection)) == {}


def test_passes_a_role_only_to_the_service_that_a_policy_names():
    connection = organization(ONE)
    to_ec2 = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", **to_ec2}
    creating = {"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}
    role(connection, ONE, "builder", policy(passing, creating))
    role(connection, ONE, "fn", trust=trusting({"Service": "lambda.amazonaws.com"}))
    # Its own code in a function that runs as the role already is all that is left.
    assert edges_of(graph_of(connection)) == {
        ("builder@2", "fn@2"): {("runs_code_as", "conditional")}
    }


def test_tells_what_running_code_as_a_role_hangs_on():
    connection = organization(ONE)
    only = {"StringEquals": {"aws:ResourceTag/team": "data"}}
    update = {
        "Effect": "Allow",
        "Action": "lambda:UpdateFunctionCode",
        "Resource": f"arn:aws:lambda:*:{ONE}:function:dev-*",
        "Condition": only,
    }
    role(connection, ONE, "dev", policy(update))
    role(connection, ONE, "worker", trust=trusting({"Service": "lambda.amazonaws.com"}))
    graph = graph_of(connection)
    (edge,) = graph.between(graph.find(arn(ONE, "dev")), graph.find(arn(ONE, "worker")))
    assert edge.standing.value == "conditional"
    assert edge.way.keys == ("aws:resourcetag/team",)
    step = explain_step(VIEWER, graph, edge, connection=connection)
    assert step.conditions == ("aws:ResourceTag/team",)
    assert step.needs == "a function that runs as the role"
    (statement,) = step.statements
    assert statement.asks == (
        f"On arn:aws:lambda:*:{ONE}:function:dev-*",
        "aws:ResourceTag/team StringEquals data (not known)",
    )


def test_passing_a_role_names_the_service_that_its_condition_asks_for():
    connection = organization(ONE)
    passing = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": arn(ONE, "worker"),
        "Condition": {
            "StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"},
            "ArnLike": {"iam:AssociatedResourceArn": f"arn:aws:lambda:*:{ONE}:function:x"},
        },
    }
    calls = {
        "Effect": "Allow",
        "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"],
        "Resource": "*",
    }
    role(connection, ONE, "dev", policy(passing, calls))
    role(connection, ONE, "worker", trust=trusting({"Service": "lambda.amazonaws.com"}))
    graph = graph_of(connection)
    (edge,) = graph.between(graph.find(arn(ONE, "dev")), graph.find(arn(ONE, "worker")))
    assert edge.standing.value == "conditional"
    assert edge.way.keys == ("iam:associatedresourcearn",)
    step = explain_step(VIEWER, graph, edge, connection=connection)
    asked = next(one.asks for one in step.statements if one.action == "iam:PassRole")
    assert asked == (
        f"On {arn(ONE, 'worker')}",
        f"iam:AssociatedResourceArn ArnLike arn:aws:lambda:*:{ONE}:function:x (not known)",
        "iam:PassedToService StringEquals lambda.amazonaws.com",
    )


@given(organizations())
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_assumes_exactly_the_roles_that_who_can_says(db, drawn):
    connection = stored(drawn)
    graph = graph_of(connection)
    roles = Principal.objects.filter(connection=connection, kind="role")
    controls = {
        short(graph, int(edge.source))
        for number in range(len(graph.sources))
        if (edge := graph.edge(number)).way.kind == "controls"
        and edge.standing == "always"
        and graph.node(edge.target).kind == "control"
    }
    for target in roles:
        region = usual_region(VIEWER, connection=connection)
        question = read_question(action="sts:AssumeRole", resource=target.arn, region=region)
        answer = who_can(VIEWER, connection=connection, question=question)
        number = graph.find(target.arn)
        wanted = {
            (int(row), answer.way(int(row)).standing)
            for row in range(len(answer.population))
            if answer.way_of[row] >= 0
            and answer.population.arn(row) != target.arn
            and graph.node(row).kind != "root"
            and not (
                short(graph, row) in controls
                and answer.population.account_id(row) == target.account_id
            )
        }
        edges = [
            graph.edge(int(place) - 1)
            for place in graph.backward.data[
                graph.backward.indptr[number] : graph.backward.indptr[number + 1]
            ]
        ]
        assumed = {
            (edge.source, edge.standing) for edge in edges if edge.way.kind == "assumes_role"
        }
        assert assumed == wanted, target.arn
