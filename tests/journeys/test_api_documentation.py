"""The API's documentation in a real browser: everything from here, and a call that works."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.journeys.looking import picture


class TestDocumentation:
    def test_lists_the_operations_and_calls_one_without_another_host(self, browser_page):
        organization_snapshot()
        page = browser_page(person("viewer"))
        hosts = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))

        page.goto("/")
        page.get_by_role("navigation", name="Screens").get_by_role("link", name="REST API").click()
        expect(page.get_by_role("heading", name="REST API", level=1)).to_be_visible()
        operation = page.locator("#operations-Organizations-organization_list")
        operation.get_by_role("button").first.click(timeout=30_000)
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()
        expect(operation.locator(".live-responses-table")).to_contain_text("o-exampleorg1")

        picture(page, "api-documentation", whole=False)
        page.get_by_role("navigation", name="Screens").get_by_role("link", name="Accounts").click()
        expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
        assert {host for host in hosts if host} == {urlsplit(page.url).hostname}
