"""People read what an account may do at most, by SCPs and by RCPs, down to the statement."""

import re

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories.demo_organization import DemoOrganization
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


class TestResourceControlPolicies:
    def test_lead_from_the_stack_to_the_statement_that_decides(
        self, browser_page: OpenPage, demo: DemoOrganization, viewer: User
    ):
        page = browser_page(viewer)
        account = {"account_id": demo.ids["booking-checkout-prod"]}
        page.goto(reverse("account", kwargs={"slug": demo.connection.slug, **account}))
        expect(page.get_by_role("group", name="Type of policy")).to_be_visible()
        assert seen(page, "ceiling-scp") == []
        page.get_by_role("link", name="RCPs", exact=True).click()
        expect(page).to_have_url(re.compile("policy_type=RESOURCE_CONTROL_POLICY"))
        expect(page.get_by_text("actions that RCPs can limit")).to_be_visible()
        assert seen(page, "ceiling-rcp") == []
        page.locator("#services").get_by_role("link", name=re.compile("^s3 ")).click()
        assert seen(page, "ceiling-rcp-service") == []
        page.get_by_role("link", name="s3:GetObject", exact=True).click()
        expect(page.get_by_text("EnforceOrganizationIdentities").first).to_be_visible()
        assert seen(page, "ceiling-rcp-action") == []
        page.get_by_role("link", name="data-perimeter").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("data-perimeter")


class TestABrokenChain:
    def test_is_an_error_on_the_account(
        self, browser_page: OpenPage, demo: DemoOrganization, viewer: User
    ):
        page = browser_page(viewer)
        account = {"account_id": demo.ids["loyalty-legacy"]}
        page.goto(reverse("account", kwargs={"slug": demo.connection.slug, **account}))
        expect(page.get_by_text("Broken here")).to_be_visible()
        expect(page.get_by_text("Breaks the allow chain")).to_be_visible()
        assert seen(page, "ceiling-broken") == []


class TestDifferences:
    def test_lead_to_the_page_of_an_account(
        self, browser_page: OpenPage, demo: DemoOrganization, viewer: User
    ):
        page = browser_page(viewer)
        where = {"slug": demo.connection.slug, "target_id": demo.ids["Workloads/Prod"]}
        page.goto(reverse("organizational-unit-differences", kwargs=where))
        name = page.locator(".named a").first.inner_text()
        page.locator(".named a").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")
