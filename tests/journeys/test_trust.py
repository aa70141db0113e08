"""People see who may get in, follow one way in, and go through the graph by keys."""

import re

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories.rich_snapshots import rich_snapshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import NARROW, seen, settled

SLUG = "acme"


class TestTrust:
    def test_leads_from_the_table_to_one_edge_and_its_witness(
        self, browser_page: OpenPage, viewer: User
    ):
        rich_snapshot(SLUG)
        page = browser_page(viewer)
        page.goto(reverse("trust", kwargs={"slug": SLUG}))
        settled(page)
        page.get_by_role("link", name="999999999999").first.click()
        panel = page.get_by_role("region", name="Edge", exact=True)
        expect(panel).to_contain_text("Any principal of 999999999999 can assume role")
        expect(page).to_have_url(re.compile(r"\?edge=[0-9a-f]{64}$"))
        assert seen(page, "trust") == []
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        page.get_by_role("link", name="Known vendors").click()
        expect(page.get_by_text("whole account 464622532012")).to_be_visible()
        picture = page.locator("#crossings-picture")
        picture.get_by_role("button", name="As a table").click()
        picture.get_by_role("link", name=re.compile("^Unknown external to")).click()
        expect(page).to_have_url(re.compile("crossing=external&to=ou-"))
        expect(page.get_by_role("link", name=re.compile("Remove the filter From"))).to_be_visible()
        page.locator("#list-export summary", has_text="Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert download.value.suggested_filename == "acme-trust-edges-unknown.csv"

    def test_opens_the_graph_by_keys_and_has_the_same_as_a_table(
        self, browser_page: OpenPage, viewer: User
    ):
        rich_snapshot(SLUG)
        page = browser_page(viewer)
        page.goto(f"{reverse('trust-explorer', kwargs={'slug': SLUG})}?open=none")
        page.locator("[data-drawn]").focus()
        # The outside stands at the left, the organization at its right.
        page.keyboard.press("ArrowRight")
        expect(page.locator("#live")).to_contain_text("closed")
        with page.expect_response(re.compile("/trust/explorer/graph/")):
            page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("open=ou-"))
        assert seen(page, "trust-explorer") == []
        page.get_by_role("button", name="As a table").click()
        rows = page.get_by_role("region", name="Graph of trust as a table")
        expect(rows.get_by_role("link", name="Prod").first).to_be_visible()
        expect(page).to_have_url(re.compile("as_table=graph"))
        page.reload()
        expect(rows.get_by_role("link", name="Prod").first).to_be_visible()

    def test_leads_to_a_page_of_its_own_on_a_narrow_screen(
        self, browser_page: OpenPage, viewer: User
    ):
        rich_snapshot(SLUG)
        page = browser_page(viewer, width=NARROW)
        page.goto(reverse("trust", kwargs={"slug": SLUG}))
        page.get_by_role("link", name="999999999999").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("999999999999 to deploy")
        assert seen(page, "trust-edge") == []
