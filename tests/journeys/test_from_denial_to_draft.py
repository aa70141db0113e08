"""The whole way, by mouse and by keyboard alone: an account, why it was denied, what would help."""

import json

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.factories.people import person
from tests.factories.rich_snapshots import DEPLOYER_ACCOUNT, rich_snapshot
from tests.journeys.axe import examined
from tests.journeys.conftest import OpenPage, sign_in
from tests.journeys.looking import picture

MESSAGE = (
    "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are "
    "not authorized to perform this operation. User: "
    f"arn:aws:sts::{DEPLOYER_ACCOUNT}:assumed-role/Deployer/build-7 is not authorized to perform: "
    f"ec2:RunInstances on resource: arn:aws:ec2:eu-west-2:{DEPLOYER_ACCOUNT}:instance/* with an "
    "explicit deny in a service control policy"
)
# deny-regions without its deny of EC2.
NARROWER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": ["rds:*"], "Resource": "*"}],
    },
    indent=2,
)
# What surrounds a focused element so that people see where they are.
SEEN = """async () => {
  const trouble = () => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return "nothing has the focus";
    const rings = [focused, focused.closest(".cm-editor, .palette-field, .toolbar-search")];
    const ringed = rings.some((one) => {
      if (!one) return false;
      const style = getComputedStyle(one);
      return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
        || style.boxShadow !== "none";
    });
    const name = focused.tagName + " " + (focused.textContent || "").trim().slice(0, 40);
    if (!ringed) return `no ring around ${name}`;
    const box = focused.getBoundingClientRect();
    if (box.bottom <= 0 || box.top >= innerHeight) return `${name} is out of sight`;
    const x = Math.min(Math.max((box.left + box.right) / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max((box.top + box.bottom) / 2, 1), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    if (top && !focused.contains(top) && !top.contains(focused)) {
      return `${name} is covered by ${top.tagName} ${top.className}`;
    }
    return "";
  };
  // The editor draws its ring a moment after it has the focus.
  for (let frame = 0; frame < 30 && trouble(); frame++) {
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
  return trouble();
}"""
_MOST_STEPS = 80


@pytest.fixture
def colleagues(transactional_db: None) -> tuple[User, User]:
    """Two people who may look and simulate."""
    rich_snapshot("acme")
    return person("viewer"), person("viewer")


def address(name: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"slug": "acme", **kwargs})


def rewrite(page: Page, editor: Locator, text: str) -> None:
    """Put `text` in the place of all there is, by the editor's own commands."""
    editor.press("Control+a")
    editor.press("Delete")
    expect(editor).to_have_text("")
    page.keyboard.insert_text(text)


def expect_the_way_down(page: Page) -> None:
    """The level stack tells what each level removes; Workloads ends EC2 and RDS."""
    expect(page.get_by_role("heading", level=1)).to_have_text("payments-test")
    workloads = page.locator(".level-stack tr", has_text="Workloads")
    expect(workloads).to_contain_text("deny-regions")
    expect(workloads).to_contain_text("in 2 services")


def expect_the_statement(page: Page) -> None:
    """The policy's page marks the statement's actions, which decide."""
    expect(page.get_by_role("heading", level=1)).to_have_text("deny-regions")
    assert page.url.endswith(f"{address('policy', policy_id='p-regio001')}#L6-L9")
    expect(page.locator("#L6")).to_be_in_viewport()


def expect_the_effect(page: Page) -> None:
    """EC2 is newly allowed, with a request that shows it."""
    expect(page.get_by_text("Newly allowed").first).to_be_visible()
    expect(page.locator(".witness").first).to_contain_text("ec2:")


def expect_the_same_for_another(page: Page, link: str) -> None:
    """Somebody else opens the link and sees the same, to read."""
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Draft of deny-regions")
    expect_the_effect(page)
    expect(page.locator(".cm-editor")).to_have_count(0)
    expect(page.get_by_role("button", name="Make a copy to change")).to_be_visible()


class TestWithTheMouse:
    def test_leads_from_an_account_to_a_draft_that_is_shared(
        self, browser_page: OpenPage, colleagues: tuple[User, User]
    ):
        page = browser_page()
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        sign_in(page, colleagues[0])
        page.goto(address("posture"))
        page.keyboard.press("Control+k")
        page.get_by_role("dialog").get_by_role("combobox").fill("payments-test")
        page.get_by_role("option", name="payments-test").click()
        expect_the_way_down(page)
        page.locator("#content").get_by_role("link", name="Why denied").click()
        page.get_by_label("Message or event").fill(MESSAGE)
        page.get_by_role("button", name="Find out why").click()
        expect(page.locator(".decision")).to_contain_text("Denied by an explicit deny")
        picture(page, "journey-denied")
        page.locator(".fold.decides").get_by_role("link", name="deny-regions").click()
        expect_the_statement(page)
        picture(page, "journey-statement")
        page.go_back()
        page.get_by_role("button", name="Simulate an edit of deny-regions").click()
        editor = page.get_by_role("textbox", name="Text of deny-regions")
        expect(page.locator(".cm-editor")).to_be_visible()
        rewrite(page, editor, NARROWER)
        expect_the_effect(page)
        picture(page, "journey-effect")
        assert examined(page) == []
        page.get_by_role("button", name="Copy link").click()
        link = page.evaluate("navigator.clipboard.readText()")
        expect_the_same_for_another(browser_page(colleagues[1]), link)


class TestWithTheKeyboardAlone:
    def test_leads_the_same_way_with_the_focus_in_sight_at_each_step(
        self, browser_page: OpenPage, colleagues: tuple[User, User]
    ):
        page = browser_page(colleagues[0])
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(address("posture"))
        page.keyboard.press("Control+k")
        page.keyboard.type("payments-test")
        option = page.get_by_role("option", name="payments-test")
        expect(option).to_have_attribute("aria-selected", "true")
        assert page.evaluate(SEEN) == ""
        page.keyboard.press("Enter")
        expect_the_way_down(page)
        tab_to(page, page.locator("#content").get_by_role("link", name="Why denied"))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_label("Message or event"))
        page.keyboard.insert_text(MESSAGE)
        tab_to(page, page.get_by_role("button", name="Find out why"))
        page.keyboard.press("Enter")
        expect(page.locator(".decision")).to_contain_text("Denied by an explicit deny")
        tab_to(page, page.locator(".fold.decides").get_by_role("link", name="deny-regions"))
        page.keyboard.press("Enter")
        expect_the_statement(page)
        tab_to(page, page.get_by_role("button", name="Simulate"))
        page.keyboard.press("Enter")
        expect(page.locator(".cm-editor")).to_be_visible()
        editor = page.get_by_role("textbox", name="Text of deny-regions")
        tab_to(page, editor)
        rewrite(page, editor, NARROWER)
        expect_the_effect(page)
        # Tab indents in the editor; its description says how to leave.
        expect(editor).to_have_accessible_description("Ctrl Space completes, Esc Tab leaves")
        page.keyboard.press("Tab")
        expect(editor).to_be_focused()
        page.keyboard.press("Control+z")
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        expect(editor).not_to_be_focused()
        assert page.evaluate(SEEN) == ""
        expect_the_effect(page)
        tab_to(page, page.get_by_role("button", name="Copy link"), backwards=True)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Copy link")).to_be_focused()
        link = page.evaluate("navigator.clipboard.readText()")
        expect_the_same_for_another(browser_page(colleagues[1]), link)

    def test_opens_the_ceiling_of_rcps_and_takes_an_assumption_away(
        self, browser_page: OpenPage, colleagues: tuple[User, User]
    ):
        page = browser_page(colleagues[0])
        page.goto(address("account", account_id=DEPLOYER_ACCOUNT))
        tab_to(page, page.get_by_role("link", name="RCPs", exact=True))
        page.keyboard.press("Enter")
        expect(page.get_by_text("actions that RCPs can limit")).to_be_visible()
        tab_to(page, page.get_by_role("link", name="No longer assume: aws:RequestedRegion"))
        page.keyboard.press("Enter")
        expect(page.get_by_text("nothing: every context is possible")).to_be_visible()


def tab_to(page: Page, wanted: Locator, *, backwards: bool = False) -> None:
    """Press Tab until `wanted` has the focus; wherever it rests, people can see it."""
    expect(wanted.first).to_be_visible()
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        at_end = page.evaluate("document.activeElement === document.body")
        if not at_end:
            assert page.evaluate(SEEN) == ""
        if wanted.first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{_MOST_STEPS} steps do not lead to {wanted}")
