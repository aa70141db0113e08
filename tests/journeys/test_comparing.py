"""People put two dates side by side and see what differs and what it meant."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from playwright.sync_api import Page, expect

from governance.access.groups import sync_groups
from tests.factories.second_state import SecondState, second_state
from tests.factories.snapshots import Snapshot, organization_snapshot
from tests.journeys.conftest import (
    PASSWORD,
    THEMES,
    OpenPage,
    accessible,
    fits_its_width,
    picture,
    sign_in,
)


@pytest.fixture
def snapshot(transactional_db: None) -> Snapshot:
    return organization_snapshot()


@pytest.fixture
def later(snapshot: Snapshot) -> SecondState:
    return second_state(snapshot)


@pytest.fixture
def viewer(transactional_db: None) -> User:
    sync_groups()
    user = User.objects.create_user("vera", password=PASSWORD)
    user.groups.add(Group.objects.get(name="viewer"))
    return user


def looked_at(page: Page, name: str) -> None:
    """Keep a picture, and look for what people cannot use."""
    page.wait_for_load_state("networkidle")
    picture(page, name)
    assert accessible(page) == [], name
    assert fits_its_width(page), name


class TestTwoDatesSideBySide:
    @pytest.mark.parametrize(("theme", "width"), THEMES)
    def test_show_what_differs_where_and_what_it_meant(
        self,
        browser_page: OpenPage,
        snapshot: Snapshot,
        later: SecondState,
        viewer: User,
        theme: str,
        width: int,
    ):
        page = browser_page(theme=theme, width=width, height=844 if width == 390 else 900)
        sign_in(page, viewer)
        page.goto(reverse("organization-compare", kwargs={"slug": snapshot.connection.slug}))
        rows = page.locator("#rows")
        expect(rows.get_by_text("FullAWSAccess").first).to_be_visible()
        expect(page.locator("#differences").get_by_text("newly denied").first).to_be_visible()
        looked_at(page, f"compare-list-{theme}-{width}")
        page.get_by_role("link", name="Side by side").click()
        expect(page.get_by_text("Moved from").first).to_be_visible()
        looked_at(page, f"compare-trees-{theme}-{width}")
        page.get_by_role("link", name="Everything").click()
        expect(page.get_by_role("link", name="management").first).to_be_visible()
        looked_at(page, f"compare-everything-{theme}-{width}")
        page.get_by_role("link", name="What it meant").click()
        expect(page.get_by_role("heading", name="Where")).to_be_visible()
        looked_at(page, f"compare-effect-{theme}-{width}")

    def test_are_reached_from_the_organization_and_folded_rows_open_by_keyboard(
        self, browser_page: OpenPage, snapshot: Snapshot, later: SecondState, viewer: User
    ):
        page = browser_page()
        sign_in(page, viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        page.get_by_text("As of").click()
        page.get_by_role("link", name="Compare two dates").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Two dates side by side")
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
        page = browser_page(width=390, height=844)
        sign_in(page, viewer)
        href = reverse("organization-compare", kwargs={"slug": snapshot.connection.slug})
        page.goto(f"{href}?from={later.run.pk}&until={snapshot.run.pk}")
        looked_at(page, "compare-wrong-390")
        page.get_by_role("link", name="Swap them").click()
        expect(page.locator("#rows").get_by_text("website").first).to_be_visible()
