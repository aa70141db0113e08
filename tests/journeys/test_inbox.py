"""People work through findings, and see which guardrails fail where and why."""

import re
from datetime import timedelta

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from governance.baseline.guardrails.refreshing import refresh_guardrails
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from tests.factories.demo_organization import DemoOrganization
from tests.factories.people import person
from tests.factories.times import FIRST_RUN_AT
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen

LATER = FIRST_RUN_AT + timedelta(hours=1)


class TestFindings:
    def test_are_read_beside_the_list_and_assigned_together(
        self, browser_page: OpenPage, demo: DemoOrganization
    ):
        refresh_inbox(demo.connection, now=LATER)
        page = browser_page(person("security", username="ada"))
        page.goto(reverse("findings", kwargs={"slug": demo.connection.slug}))
        page.get_by_role("link", name="No SCP at loyalty-legacy allows anything").click()
        panel = page.get_by_role("region", name="Finding", exact=True)
        expect(panel).to_contain_text("Fix:")
        expect(page).to_have_url(re.compile(r"item=\d+"))
        assert seen(page, "inbox") == []

        page.get_by_label("Select all findings on this page").check()
        page.locator(".bulk").get_by_role("button", name="Assign").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Assign")
        assert seen(page, "finding-act") == []
        page.locator("form.asks").get_by_role("button", name="Assign").click()
        expect(page.get_by_text("are assigned")).to_be_visible()
        assert InboxItem.objects.filter(state="assigned", assignee__username="ada").exists()


class TestGuardrails:
    def test_show_where_one_fails_and_the_request_that_proves_it(
        self, browser_page: OpenPage, demo: DemoOrganization, viewer: User
    ):
        refresh_guardrails(demo.connection, now=LATER)
        page = browser_page(viewer)
        page.goto(reverse("guardrails", kwargs={"slug": demo.connection.slug}))
        page.locator("table.matrix a.toggle").first.click()
        page.locator("table.matrix tr.account td.fails a").first.click()
        page.wait_for_url(re.compile("cell="))
        panel = page.get_by_label("Result", exact=True)
        expect(panel).to_contain_text("Fails")
        assert seen(page, "guardrails") == []
        panel.get_by_role("link", name="Open as a page").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert seen(page, "guardrail-result") == []
