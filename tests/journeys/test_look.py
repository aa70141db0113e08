"""The style page and signing in, in both themes, wide and narrow."""

from playwright.sync_api import expect

from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, person
from tests.journeys.conftest import sign_in
from tests.journeys.looking import seen


class TestStylePage:
    def test_is_whole_and_accessible(self, browser_page):
        ConnectionFactory.create(name="Acme", slug="acme")
        page = browser_page(person("viewer", is_staff=True))

        page.goto("/style/")
        page.locator(".trace.bars path").first.wait_for()

        assert seen(page, "style") == []

    def test_tells_messages_in_words(self, browser_page):
        page = browser_page(person("viewer", is_staff=True))

        page.goto("/style/?messages=1")

        assert seen(page, "messages", whole=False) == []
        messages = page.get_by_role("region", name="Messages")
        expect(messages.get_by_role("alert")).to_contain_text("its name is taken")
        for dismiss in messages.get_by_role("button", name="Dismiss").all()[::-1]:
            dismiss.click()
        expect(messages.get_by_role("status")).to_have_count(0)


class TestSignIn:
    def test_says_what_is_wrong_and_lets_the_right_person_in(self, browser_page):
        user = person("viewer", first_name="Vera", last_name="Viewer")
        page = browser_page()

        page.goto("/")
        page.get_by_label("Username").fill(user.username)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()

        expect(page.get_by_role("alert")).to_contain_text("correct username and password")
        assert seen(page, "sign-in") == []

        sign_in(page, user)
        expect(page.get_by_text("VV, signed in as")).to_be_visible()


class TestTheme:
    def test_is_kept_and_charts_take_its_colours(self, browser_page):
        page = browser_page(UserFactory.create(is_staff=True))
        page.goto("/style/")
        bar = page.locator(".trace.bars path").first
        bar.wait_for()
        before = bar.evaluate("path => getComputedStyle(path).fill")

        page.get_by_label("Theme").click()
        page.get_by_role("button", name="Dark").click()

        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(bar).not_to_have_css("fill", before)
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


class TestPalette:
    def test_opens_by_keyboard_and_finds_screens(self, browser_page):
        page = browser_page(UserFactory.create(is_staff=True))
        page.goto("/style/")

        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Find an account").fill("sty")

        expect(page.get_by_role("option", name="Style")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Style", exact=True)).to_be_visible()


class TestCopying:
    def test_copies_the_id_and_says_so(self, browser_page):
        page = browser_page(UserFactory.create(is_staff=True))
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto("/style/")

        page.get_by_role("button", name="Copy account id 111122223333").first.click()

        expect(page.locator("#live")).to_have_text("Copied 111122223333")
        assert page.evaluate("navigator.clipboard.readText()") == "111122223333"


class TestNarrowNavigation:
    def test_opens_from_the_menu_button_and_closes_by_escape(self, browser_page):
        page = browser_page(UserFactory.create(is_staff=True), width=390)
        page.goto("/style/")
        navigation = page.get_by_role("navigation", name="Screens")
        expect(navigation).to_be_hidden()

        page.get_by_role("button", name="Navigation", exact=True).click()
        expect(navigation.get_by_role("link", name="Style")).to_be_visible()
        page.keyboard.press("Escape")

        expect(navigation).to_be_hidden()
        expect(page.get_by_role("button", name="Navigation", exact=True)).to_be_focused()
