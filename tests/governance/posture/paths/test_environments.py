"""What roles of one name may by environment, and where production is wider than test."""

import json

import pytest
from django.urls import reverse

from governance.access.owners.environments import Environment
from governance.posture.paths.environments import roles_by_environment, services_of
from inventory.models import Account
from tests.factories.people import person
from tests.factories.principals import IamPolicyFactory
from tests.governance.posture.paths.stored import ONE, TWO, allow, organization, policy, role
from tests.governance.posture.who_can.comparing import VIEWER

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    made = organization(ONE, TWO)
    Account.objects.filter(account_id=ONE).update(name="shop-test")
    Account.objects.filter(account_id=TWO).update(name="shop-prod")
    return made


def found(connection):
    return {one.name: one for one in roles_by_environment(VIEWER, connection=connection)}


def test_tells_the_actions_that_only_production_may(connection):
    role(connection, ONE, "api", allow("s3:GetObject"))
    role(connection, TWO, "api", allow("s3:GetObject", "s3:PutObject", "kms:Decrypt"))
    role(connection, TWO, "only-there", allow("s3:GetObject"))
    (one,) = found(connection).values()
    assert (one.name, one.compared_with, one.wider) == ("api", Environment.TEST, 2)
    assert [(each.environment, each.actions) for each in one.environments] == [
        (Environment.TEST, 1),
        (Environment.PRODUCTION, 3),
    ]
    assert {(each.service, each.level): each.only_in_production for each in services_of(one)} == {
        ("kms", "Write"): ("kms:Decrypt",),
        ("s3", "Write"): ("s3:PutObject",),
        ("s3", "Read"): (),
    }


def test_counts_denies_and_boundaries_in(connection):
    denying = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    allowing = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}
    arn = f"arn:aws:iam::{TWO}:policy/edge"
    IamPolicyFactory.create(
        connection=connection, account_id=TWO, arn=arn, text=allow("s3:GetObject")
    )
    role(connection, ONE, "api", policy(allowing, denying))
    role(connection, TWO, "api", policy(allowing), boundary_arn=arn)
    one = found(connection)["api"]
    assert [each.actions for each in one.environments] == [1, 1]
    assert not one.is_wider


def test_tells_what_production_may_on_more_resources(connection):
    role(connection, ONE, "api", allow("s3:GetObject", resource="arn:aws:s3:::test/*"))
    role(connection, TWO, "api", allow("s3:GetObject"))
    one = found(connection)["api"]
    assert (one.wider, one.broader) == (0, 1)


def test_says_that_policies_were_not_read(connection):
    role(connection, ONE, "api", allow("s3:GetObject"))
    role(connection, TWO, "api", attached_policy_arns=["arn:aws:iam::aws:policy/Gone"])
    one = found(connection)["api"]
    assert [each.reach.is_known for each in one.environments] == [True, False]


def test_is_shown_and_told_over_the_api(connection, client):
    role(connection, ONE, "api", allow("s3:GetObject"))
    role(connection, TWO, "api", allow("s3:GetObject", "s3:PutObject"))
    client.force_login(person("viewer"))
    at = {"slug": connection.slug}
    told = client.get(reverse("trust-role-environments", kwargs=at)).content.decode()
    assert "1 action more than test" in told
    told = client.get(reverse("trust-role-services", kwargs={**at, "name": "api"}))
    assert "s3:PutObject" in told.content.decode()
    address = f"/api/v1/organizations/{connection.slug}/role-environments"
    listed = json.loads(client.get(address).content)["results"]
    assert [(one["name"], one["wider"], one["compared_with"]) for one in listed] == [
        ("api", 1, "test")
    ]
    one = json.loads(client.get(f"{address}/api").content)
    assert one["services"][0]["only_in_production"] == ["s3:PutObject"]
    assert client.get(f"{address}/none").status_code == 404
