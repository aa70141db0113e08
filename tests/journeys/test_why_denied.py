"""A pasted message, followed to the statement that denies."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.factories.people import person
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.principals import RoleFactory
from tests.factories.snapshots import organization_snapshot
from tests.journeys.looking import seen

ACCOUNT = "222222222224"
MESSAGE = (
    "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are "
    "not authorized to perform this operation. User: "
    f"arn:aws:sts::{ACCOUNT}:assumed-role/Deployer/build-7 is not authorized to perform: "
    f"ec2:RunInstances on resource: arn:aws:ec2:eu-west-2:{ACCOUNT}:instance/* with an explicit "
    "deny in a service control policy: arn:aws:organizations::111111111111:policy/o-exampleorg1/"
    "service_control_policy/p-regio001"
)


@pytest.fixture
def slug(transactional_db):
    made = organization_snapshot()
    RoleFactory.create(
        connection=made.connection,
        account_id=ACCOUNT,
        name="Deployer",
        path="/ci/",
        inline_policies={"own": content(FULL_ACCESS).sha256},
    )
    return made.connection.slug


class TestWhyDenied:
    def test_leads_from_a_message_to_the_statement_in_its_policy(self, browser_page, slug):
        page = browser_page(person("viewer"))
        page.goto(reverse("why-denied", kwargs={"slug": slug}))
        assert seen(page, "why-denied-empty") == []

        page.get_by_label("Message or event").fill(MESSAGE)
        page.get_by_role("button", name="Find out why").click()
        page.get_by_text("Denied by an explicit deny").wait_for()

        assert "deny-regions" in page.locator(".decision").inner_text()
        assert "So does the trace" in page.locator("main").inner_text()
        assert page.locator(".excerpt .deciding").first.is_visible()
        assert '"Deny"' in page.locator(".excerpt").first.inner_text()
        assert seen(page, "why-denied-answer") == []

        address = page.url
        assert "UnauthorizedOperation" not in address
        page.locator(".fold.decides").get_by_role("link", name="deny-regions").click()
        policy = reverse("policy", kwargs={"slug": slug, "policy_id": "p-regio001"})
        page.wait_for_url(f"**{policy}#L6-L9")

        page.goto(address)
        assert page.locator(".excerpt .deciding").first.is_visible()

    def test_shows_what_aws_never_permits_with_its_source(self, browser_page, slug):
        page = browser_page(person("viewer"))
        asked = {
            "principal": f"arn:aws:iam::{ACCOUNT}:role/ci/Deployer",
            "action": "iam:PutRolePolicy",
            "resource": f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/"
            "AWSReservedSSO_Admin_0123456789abcdef",
        }
        page.goto(f"{reverse('why-denied', kwargs={'slug': slug})}?{urlencode(asked)}")
        page.get_by_role("heading", name="Denied by AWS, whatever policies say").wait_for()
        decides = page.locator(".fold.decides").inner_text()
        assert "AWS itself, which never permits this" in decides
        assert "IAM API reference, UnmodifiableEntity" in decides
        assert seen(page, "why-denied-never-permitted") == []

    def test_says_what_was_not_understood_and_keeps_the_text(self, browser_page, slug):
        page = browser_page(person("viewer"))
        page.goto(reverse("why-denied", kwargs={"slug": slug}))
        said = "User is not authorized to perform: rds:ModifyDBInstance"
        page.get_by_label("Message or event").fill(said)
        page.get_by_role("button", name="Find out why").click()
        page.get_by_text("does not say who was denied").wait_for()

        assert page.get_by_label("Message or event").input_value() == said
        assert page.get_by_label("Action", exact=True).input_value() == "rds:ModifyDBInstance"
        assert seen(page, "why-denied-not-understood") == []

        page.get_by_label("Principal").fill(f"arn:aws:iam::{ACCOUNT}:role/ci/Deployer")
        page.get_by_role("button", name="Ask", exact=True).click()
        page.get_by_text("Denied by an explicit deny").wait_for()


class TestKeyboardAlone:
    def test_completes_an_action_and_opens_a_level(self, browser_page, slug):
        page = browser_page(person("viewer"))
        page.goto(reverse("why-denied", kwargs={"slug": slug}))
        page.get_by_label("Principal").focus()
        page.keyboard.type("Depl")
        page.locator("#wd-principals option").first.wait_for(state="attached")
        assert page.locator("#wd-principals option").first.get_attribute("value") == (
            f"arn:aws:iam::{ACCOUNT}:role/ci/Deployer"
        )
        page.get_by_label("Principal").fill(f"arn:aws:iam::{ACCOUNT}:role/ci/Deployer")
        page.keyboard.press("Tab")
        page.keyboard.type("iam:CreateUs")
        page.locator("#wd-actions option").first.wait_for(state="attached")
        page.keyboard.type("er")
        page.keyboard.press("Enter")
        page.get_by_text("Allowed", exact=True).first.wait_for()
        summary = page.locator("details.fold:not([open]) > summary").first
        summary.focus()
        page.keyboard.press("Enter")
        assert page.locator("details.fold").first.get_attribute("open") is not None

    def test_lets_one_of_several_denials_be_chosen(self, browser_page, slug):
        page = browser_page(person("viewer"))
        page.goto(reverse("why-denied", kwargs={"slug": slug}))
        other = MESSAGE.replace("ec2:RunInstances", "ec2:CreateTags").split("operation. ")[1]
        page.get_by_label("Message or event").fill(f"{MESSAGE}\n{other}")
        page.get_by_role("button", name="Find out why").click()
        page.get_by_text("Which denial?").wait_for()
        assert seen(page, "why-denied-several") == []
        page.get_by_role("link", name="ec2:RunInstances").click()
        page.get_by_text("Denied by an explicit deny").wait_for()
