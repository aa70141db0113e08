"""People put two dates side by side and see what differs and what it meant."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories.second_state import SecondState, second_state
from tests.factories.snapshots import Snapshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


@pytest.fixture
def later(snapshot: Snapshot) -> SecondState:
    return second_state(snapshot)


class TestTwoDatesSideBySide:
    def test_show_what_differs_where_and_what_it_meant(
        self, browser_page: OpenPage, snapshot: Snapshot, later: SecondState, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("organization-compare", kwargs={"slug": snapshot.connection.slug}))
        rows = page.locator("#rows")
        expect(rows.get_by_text("FullAWSAccess").first).to_be_visible()
        expect(page.locator("#differences").get_by_text("newly denied").first).to_be_visible()
        assert seen(page, "compare-list") == []
        page.get_by_role("link", name="Side by side").click()
        expect(page.get_by_text("Moved from").first).to_be_visible()
        assert seen(page, "compare-trees") == []
        page.get_by_role("link", name="Everything").click()
        expect(page.get_by_role("link", name="management").first).to_be_visible()
        assert seen(page, "compare-everything") == []
        page.get_by_role("link", name="Effective changes").click()
        expect(page.get_by_role("heading", name="Where")).to_be_visible()
        assert seen(page, "compare-effect") == []

    def test_are_reached_from_the_organization_and_folded_rows_open_by_keyboard(
        self, browser_page: OpenPage, snapshot: Snapshot, later: SecondState, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        page.get_by_text("As of").click()
        page.get_by_role("link", name="Compare two dates").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Compare")
        page.get_by_label("Name or id").fill("website")
        expect(page.locator("#rows tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Side by side").click()
        fold = page.get_by_role("button", name="Show 1 account that did not change")
        fold.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="management").first).to_be_visible()
        page.get_by_role("button", name="Show what is in Workloads").focus()
        page.keyboard.press("ArrowLeft")
        expect(page.get_by_text("Moved from")).to_be_hidden()

    def test_the_wrong_way_round_are_swapped(
        self, browser_page: OpenPage, snapshot: Snapshot, later: SecondState, viewer: User
    ):
        page = browser_page(viewer, width=390)
        href = reverse("organization-compare", kwargs={"slug": snapshot.connection.slug})
        page.goto(f"{href}?from={later.run.pk}&until={snapshot.run.pk}")
        assert seen(page, "compare-wrong") == []
        page.get_by_role("link", name="Swap them").click()
        expect(page.locator("#rows").get_by_text("website").first).to_be_visible()
