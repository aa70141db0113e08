"""People edit a policy in the simulator, see what it would do, and send the link."""

import json

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.snapshots import Snapshot
from tests.factories.times import FIRST_RUN_AT
from tests.journeys.conftest import OpenPage, sign_in
from tests.journeys.looking import picture, seen

LOCK = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OnlyTheseRegions",
            "Effect": "Deny",
            "NotAction": ["iam:*", "organizations:*", "support:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-2"]}},
        }
    ],
}


@pytest.fixture
def snapshot(snapshot: Snapshot) -> Snapshot:
    common = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
    lock = PolicyFactory.create(
        policy_id="p-lock0001", name="region-lock", text=json.dumps(LOCK), **common
    )
    for target_id in ("ou-ab12-sec00001", "ou-ab12-susp0001"):
        PolicyAttachmentFactory.create(policy_id=lock.policy_id, target_id=target_id, **common)
    return snapshot


def address(snapshot: Snapshot, name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"slug": snapshot.connection.slug, **kwargs})


def editor_of(page: Page, policy: str) -> Locator:
    """Return the editor of a policy's text, once it stands in the place of the plain field."""
    expect(page.locator(".cm-editor")).to_be_visible()
    return page.get_by_role("textbox", name=f"Text of {policy}")


def rewrite(editor: Locator, text: str) -> None:
    """Put `text` in the place of all there is, by the editor's own commands.

    `Locator.fill` has Chromium delete the lines instead, which then writes inline styles to keep
    their looks, and the page's policy blocks and reports those.
    """
    editor.press("Control+a")
    editor.press("Delete")
    expect(editor).to_have_text("")
    editor.page.keyboard.insert_text(text)


class TestTheSimulator:
    def test_shows_the_newly_allowed_region_of_a_widened_list(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(address(snapshot, "policy", policy_id="p-lock0001"))
        page.get_by_role("button", name="Simulate").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Draft of region-lock")
        expect(page.get_by_text("Nothing changes")).to_be_visible()
        editor = editor_of(page, "region-lock")
        text = json.dumps(LOCK, indent=2).replace('"eu-west-2"', '"eu-west-2",\n"us-east-2"')
        rewrite(editor, text)
        expect(page.get_by_text("Newly allowed").first).to_be_visible()
        witness = page.locator(".witness").first
        expect(witness).to_contain_text("aws:RequestedRegion = us-east-2")
        expect(witness).to_contain_text("statement 1 of region-lock")
        expect(page.get_by_text("2 accounts in reach")).to_be_visible()
        page.get_by_role("link", name="Service", exact=True).click()
        expect(page.get_by_role("columnheader", name="Service")).to_be_visible()
        sent = page.url
        assert "by=service" in sent
        other = browser_page(viewer)
        other.goto(sent)
        expect(other.locator(".witness").first).to_contain_text("us-east-2")
        page.locator(".witness").first.get_by_role("link", name="Trace as collected").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Why denied")
        expect(page.get_by_text("region-lock").first).to_be_visible()

    def test_completes_actions_and_marks_mistakes_as_one_types(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(address(snapshot, "policy", policy_id="p-regio001"))
        page.get_by_role("button", name="Simulate").click()
        editor = editor_of(page, "deny-regions")
        rewrite(
            editor,
            '{"Version": "2012-10-17", '
            '"Statement": {"Effect": "Deny", "Resource": "*", "Action": "',
        )
        editor.press("Control+End")
        page.keyboard.type("s3:DeleteBuck", delay=20)
        offered = page.get_by_role("listbox", name="Completions").get_by_role("option")
        expect(offered.first).to_contain_text("s3:DeleteBucket")
        page.keyboard.press("Enter")
        page.keyboard.press("End")
        page.keyboard.type("}}")
        expect(page.locator("#first-part")).to_contain_text("of 10,240 characters")
        rewrite(editor, '{"Version": "2012-10-17", "Statement": {"Effect": "Dny"}}')
        expect(page.locator(".cm-lint-marker-error").first).to_be_visible()
        expect(page.get_by_text("3 accounts not known").first).to_be_visible()
        picture(page, "simulator-unknown-light-1440")

    def test_attaches_and_moves_with_the_keyboard_alone(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(address(snapshot, "simulator"))
        page.get_by_role("button", name="Start a draft").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing is edited yet")).to_be_visible()
        summary = page.locator("summary", has_text="Attach or detach")
        summary.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("deny-instances")
        page.keyboard.press("Tab")
        page.keyboard.type("Security")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Attach deny-instances to Security")).to_be_visible()
        expect(page.locator(".witness").first).to_be_visible()
        page.get_by_role("button", name="Remove edit: Attach deny-instances to Security").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing is edited yet")).to_be_visible()

    def test_works_without_scripts(
        self, browser: Browser, live_server: LiveServer, snapshot: Snapshot, viewer: User
    ):
        context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
        page = context.new_page()
        sign_in(page, viewer)
        page.goto(address(snapshot, "policy", policy_id="p-regio001"))
        page.get_by_role("button", name="Simulate").click()
        page.get_by_label("Text of deny-regions").fill("{}")
        page.get_by_role("button", name="Show the effect").click()
        page.get_by_role("link", name="Show the differences").click()
        expect(page.get_by_text("3 accounts not known").first).to_be_visible()
        context.close()


class TestLook:
    def test_is_accessible_and_fits_in_both_themes_and_widths(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(address(snapshot, "simulator"))
        assert seen(page, "simulator-empty") == []
        page.goto(address(snapshot, "policy", policy_id="p-lock0001"))
        page.get_by_role("button", name="Simulate").click()
        editor = editor_of(page, "region-lock")
        rewrite(editor, json.dumps(LOCK, indent=2).replace('"eu-west-2"', '"us-east-2"'))
        expect(page.locator(".witness").first).to_be_visible()
        expect(page.locator("[data-size]")).to_contain_text("of 10,240 characters")
        assert seen(page, "simulator-draft") == []
        page.goto(address(snapshot, "simulator"))
        assert seen(page, "simulator-list") == []
