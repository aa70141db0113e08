"""People read a policy: its lint, what its statements change, whom it reaches, its versions."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.snapshots import Snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


def guardrail(*regions: str) -> str:
    """Return a policy with a statement that works, one without effect and one with a mistake."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OnlyTheseRegions",
                    "Effect": "Deny",
                    "NotAction": ["iam:*", "organizations:*", "support:*"],
                    "Resource": "*",
                    "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(regions)}},
                },
                {
                    "Sid": "NobodyLeaves",
                    "Effect": "Deny",
                    "Action": "organizations:LeaveOrganization",
                    "Resource": "*",
                },
                {
                    "Sid": "KeepTheTrail",
                    "Effect": "Deny",
                    "Action": ["cloudtrail:StopLogging", "cloudtrail:StopLoging"],
                    "Resource": "*",
                },
            ],
        }
    )


@pytest.fixture
def snapshot(snapshot: Snapshot) -> Snapshot:
    common = {"connection": snapshot.connection}
    lock = PolicyFactory.create(
        **common, policy_id="p-lock0001", name="guardrails-of-test", text=guardrail("eu-west-1")
    )
    broken = PolicyFactory.create(
        **common, policy_id="p-brokn001", name="broken", text='{"Version": "2012-10-17",\n}'
    )
    for policy, target_id in ((lock, "ou-ab12-test0001"), (broken, "ou-ab12-susp0001")):
        PolicyAttachmentFactory.create(
            **common, policy_id=policy.policy_id, target_id=target_id, seen_from=FIRST_RUN_AT
        )
    again = PolicyFactory.create(
        **common, policy_id="p-again001", name="instances", text=denying("ec2:RunInstances")
    )
    PolicyAttachmentFactory.create(
        **common, policy_id=again.policy_id, target_id="ou-ab12-test0001", seen_from=FIRST_RUN_AT
    )
    changed(again, at=SECOND_RUN_AT, content=content(denying("ec2:*")))
    tags = '{"tags": {"cost": {"tag_value": {"@@assign": ["web", "payments"]}}}}'
    changed(snapshot.policies["tags-of-cost"], at=SECOND_RUN_AT, content=content(tags))
    changed(lock, at=SECOND_RUN_AT, content=content(guardrail("eu-west-1", "eu-west-2")))
    return snapshot


def go(page: Page, snapshot: Snapshot, name: str, policy_id: str, query: str = "") -> None:
    where = {"slug": snapshot.connection.slug, "policy_id": policy_id}
    page.goto(reverse(name, kwargs=where) + query)


class TestAPolicy:
    def test_leads_from_a_finding_to_its_line_and_from_a_reason_to_its_statement(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        go(page, snapshot, "policy", "p-lock0001")
        lint = page.get_by_role("region", name="Lint")
        expect(lint.get_by_text("cloudtrail:StopLoging")).to_be_visible()
        link = lint.get_by_role("listitem").filter(has_text="StopLoging").get_by_role("link")
        link.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"#L\d+$"))
        expect(page.locator("tr.chosen")).to_have_count(1)
        expect(page.locator("tr.chosen")).to_contain_text("Action")
        statements = page.get_by_role("region", name="What each statement changes")
        expect(statements.get_by_text("1 of 3 statements without effect")).to_be_visible()
        head = page.locator("#statement-2 .statement-head")
        expect(head.get_by_text("No effect")).to_be_visible()
        statements.get_by_role("link", name="statement 1 of deny-leaving").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("deny-leaving")
        expect(page.locator("tr.chosen").first).to_be_visible()
        assert page.locator("tr.chosen").count() > 1

    def test_gives_an_address_to_several_lines(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        go(page, snapshot, "policy", "p-lock0001", "#L3-L5")
        expect(page.locator("tr.chosen")).to_have_count(3)
        page.get_by_label("Line 4", exact=True).click()
        expect(page.locator("tr.chosen")).to_have_count(1)
        page.get_by_label("Line 8", exact=True).click(modifiers=["Shift"])
        expect(page).to_have_url(re.compile(r"#L4-L8$"))
        expect(page.locator("tr.chosen")).to_have_count(5)

    def test_tells_what_a_newer_version_changes(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        go(page, snapshot, "policy", "p-lock0001")
        page.get_by_role("link", name="Versions").click()
        meaning = page.get_by_role("region", name="Effect of both versions")
        expect(meaning.get_by_text("It changes what is allowed in 1 of 1 account")).to_be_visible()
        expect(meaning.get_by_text("Newly allowed").first).to_be_visible()
        page.get_by_role("link", name="As attached then").click()
        expect(page).to_have_url(re.compile("in=then"))
        expect(meaning.get_by_text("where it was attached at")).to_be_visible()

    def test_filters_the_accounts_it_reaches(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        go(page, snapshot, "policy", "p-leave001")
        page.get_by_role("link", name="Accounts 6").click()
        page.get_by_label("Name, email or account id").fill("pay")
        page.wait_for_url("**q=pay**")
        expect(page.locator("#rows tbody tr")).to_have_count(2)

    def test_is_accessible_and_fits_in_both_themes_and_widths(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        for name, policy_id, done in (
            ("policy", "p-lock0001", "1 of 3 statements without effect"),
            ("policy", "p-brokn001", "what its statements do is not known"),
            ("policy-versions", "p-lock0001", "It changes what is allowed in 1 of 1 account"),
            ("policy-versions", "p-again001", "nothing changes for any account"),
            ("policy-versions", "p-costs001", "@@assign"),
            ("policy-accounts", "p-leave001", "It has effect on 5 of 6 accounts"),
            ("policy-attachments", "p-lock0001", "Attached to"),
        ):
            go(page, snapshot, name, policy_id)
            expect(page.get_by_text(done).first).to_be_visible()
            assert seen(page, f"{name}-{policy_id}") == []
