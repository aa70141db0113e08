"""Lists in the browser: what one types changes rows, address, filters and export together."""

import re

from playwright.sync_api import expect

from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import person


class TestFilteringAsOneTypes:
    def test_changes_rows_address_chips_and_export_together(self, browser_page):
        connection = ConnectionFactory.create(name="Acme", slug="acme")
        for number in range(3):
            AccountFactory.create(connection=connection, name=f"payments-{number}")
        AccountFactory.create(connection=connection, name="other")
        page = browser_page(person("viewer"))
        page.goto("/o/acme/accounts/")

        page.get_by_role("searchbox").fill("payments")

        expect(page.get_by_text("Export 3 accounts")).to_be_visible()
        expect(page.locator("#rows tbody tr")).to_have_count(3)
        expect(page).to_have_url(re.compile(r"q=payments"))
        expect(page.get_by_role("link", name="CSV", include_hidden=True)).to_have_attribute(
            "href", re.compile("q=payments")
        )
