"""From a question to those who can, and on to why."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories.people import person
from tests.factories.policies import FULL_ACCESS, PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.principals import (
    PrincipalActivityFactory,
    RoleFactory,
    UserPrincipalFactory,
)
from tests.factories.snapshots import organization_snapshot
from tests.journeys.axe import examined
from tests.journeys.looking import picture, seen

PAYMENTS, TEST, LOGS = "222222222222", "222222222224", "333333333331"


def reading(resource: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": resource}],
        }
    )


@pytest.fixture
def slug(transactional_db):
    made = organization_snapshot()
    common = {"connection": made.connection}
    admin = {"own": content(FULL_ACCESS).sha256}
    deployer = RoleFactory.create(
        **common, account_id=TEST, name="Deployer", path="/ci/", inline_policies=admin
    )
    PrincipalActivityFactory.create(**common, account_id=TEST, arn=deployer.arn)
    RoleFactory.create(**common, account_id=PAYMENTS, name="Operator", inline_policies=admin)
    RoleFactory.create(
        **common,
        account_id=LOGS,
        name="Reporter",
        inline_policies={"reports": content(reading("arn:aws:s3:::reports/*")).sha256},
    )
    UserPrincipalFactory.create(
        **common,
        account_id=LOGS,
        name="amara",
        attached_policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    )
    PolicyFactory.create(
        **common,
        policy_id="p-mfa00001",
        name="require-mfa",
        text=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Action": "s3:*",
                        "Resource": "*",
                        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                    }
                ],
            }
        ),
    )
    PolicyAttachmentFactory.create(
        **common, policy_id="p-mfa00001", target_id=made.units["Test"].target_id
    )
    return made.connection.slug


class TestWhoCan:
    def test_finds_who_can_and_leads_to_why(self, browser_page, slug):
        page = browser_page(person("viewer"))
        page.goto(reverse("who-can", kwargs={"slug": slug}))
        assert seen(page, "who-can-empty") == []

        page.get_by_label("Action, or a service").fill("s3:GetObject")
        page.get_by_role("button", name="Find who can").click()
        expect(page.locator(".who-can-summary")).to_contain_text("4 principals in 3 accounts can")
        rows = page.locator("#rows tbody tr")
        expect(rows).to_have_count(4)
        expect(rows.filter(has_text="Deployer")).to_contain_text("unless")
        expect(rows.filter(has_text="Deployer")).to_contain_text("aws:MultiFactorAuthPresent")
        expect(rows.filter(has_text="Deployer")).to_contain_text("require-mfa")
        expect(rows.filter(has_text="Reporter")).to_contain_text("only if the resource is")
        expect(rows.filter(has_text="amara")).to_contain_text("was not collected")
        assert seen(page, "who-can-answer") == []

        page.get_by_role("link", name="By how").click()
        expect(page.locator("#rows tbody tr")).to_have_count(4)
        assert seen(page, "who-can-how") == []
        page.get_by_role("link", name="One by one").click()

        page.locator(".figures").get_by_role("link", name="1").first.click()
        expect(page.locator("#rows tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Explain Operator in payments").click()
        expect(page.locator(".decision")).to_contain_text("Allowed")


def test_a_whole_service_by_the_keyboard(browser_page, slug):
    page = browser_page(person("viewer"))
    page.goto(reverse("who-can", kwargs={"slug": slug}))
    page.get_by_label("Action, or a service").focus()
    page.keyboard.type("s3")
    page.keyboard.press("Enter")
    reporter = page.locator("#rows tbody tr").filter(has_text="Reporter")
    reporter.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(reporter).to_contain_text("s3:GetObject")
    assert examined(page) == []
    picture(page, "who-can-service")


def test_wrong_input_says_what_to_give(browser_page, slug):
    page = browser_page(person("viewer"))
    page.goto(reverse("who-can", kwargs={"slug": slug}) + "?action=nothing&resource=x")
    expect(page.locator("#wc-action-error")).to_contain_text("give one such as s3:GetObject")
    assert examined(page) == []
    picture(page, "who-can-wrong")
