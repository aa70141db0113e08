"""The keyboard's short ways: shortcuts, and what the palette remembers."""

from playwright.sync_api import expect

from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.journeys.looking import seen, settled


def opened_palette(page):
    """Open the palette with nothing typed, and return its list."""
    page.keyboard.press("Control+k")
    found = page.locator("#palette-list")
    expect(found.get_by_role("option").first).to_be_visible()
    return found


class TestShortcuts:
    def test_lead_to_screens_and_the_search_and_can_be_switched_off(self, browser_page):
        slug = organization_snapshot().connection.slug
        page = browser_page(person("viewer"))
        page.goto(f"/o/{slug}/posture/")

        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(dialog).to_be_visible()
        assert seen(page, "shortcuts") == []
        dialog.get_by_role("button", name="Close").click()

        page.keyboard.press("g")
        page.keyboard.press("a")
        expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("g o?")
        expect(page.get_by_role("searchbox")).to_have_value("g o?")
        expect(dialog).to_be_hidden()

        page.goto(f"/o/{slug}/accounts/")
        page.keyboard.press("?")
        dialog.get_by_label("Single keys work in this browser").uncheck()
        dialog.get_by_role("button", name="Close").click()
        page.keyboard.press("g")
        page.keyboard.press("o")
        page.keyboard.press("?")
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()


class TestPalette:
    def test_remembers_the_pages_opened_last_until_somebody_signs_out(self, browser_page):
        slug = organization_snapshot().connection.slug
        page = browser_page(person("viewer"))
        page.goto(f"/o/{slug}/accounts/")
        page.goto(f"/o/{slug}/policies/")
        settled(page)

        found = opened_palette(page)
        recent = found.get_by_role("group", name="Recent")
        expect(recent.get_by_role("option")).to_have_text(["Accounts"])
        assert seen(page, "palette-recent") == []
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()

        page.locator("summary", has_text="signed in as").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert (
            page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('ow-recent'))")
            == []
        )
