"""People see what is wrong with the structure, and follow it to its place."""

import re

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories.demo_organization import DemoOrganization
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


class TestStructureFindings:
    def test_lead_to_the_account_that_is_broken(
        self, browser_page: OpenPage, demo: DemoOrganization, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("structure-findings", kwargs={"slug": demo.connection.slug}))
        assert seen(page, "findings") == []
        page.get_by_role("link", name="No SCP at loyalty-legacy allows anything").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("loyalty-legacy")
        assert seen(page, "finding") == []
        where = page.locator("section", has=page.get_by_role("heading", name="Where"))
        where.get_by_role("link", name="loyalty-legacy").click()
        expect(page).to_have_url(re.compile(f"/accounts/{demo.ids['loyalty-legacy']}/"))
