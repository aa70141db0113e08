"""People find their way from the organization to an account and a policy."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from playwright.sync_api import expect

from governance.access.groups import sync_groups
from tests.factories.policies import PolicyFactory
from tests.factories.snapshots import Snapshot, organization_snapshot
from tests.journeys.conftest import (
    PASSWORD,
    OpenPage,
    accessible,
    fits_its_width,
    picture,
    sign_in,
)

THEMES = [("light", 1440), ("dark", 390)]


@pytest.fixture
def snapshot(transactional_db: None) -> Snapshot:
    return organization_snapshot()


@pytest.fixture
def viewer(transactional_db: None) -> User:
    sync_groups()
    user = User.objects.create_user(
        "vera", password=PASSWORD, first_name="Vera", last_name="Viewer"
    )
    user.groups.add(Group.objects.get(name="viewer"))
    return user


class TestTheOrganizationScreen:
    def test_leads_from_the_tree_to_an_account_and_back(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page()
        sign_in(page, viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        page.get_by_role("link", name="payments", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("payments")
        expect(page.get_by_text("FullAWSAccess not attached")).to_be_visible()
        page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Prod").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Prod")

    def test_closes_and_opens_a_unit_with_the_keyboard_alone(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page()
        sign_in(page, viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        log_archive = page.get_by_role("link", name="log-archive")
        expect(log_archive).to_be_visible()
        page.get_by_role("button", name="Show what is in Security").focus()
        page.keyboard.press("ArrowLeft")
        expect(log_archive).to_be_hidden()
        page.keyboard.press("ArrowRight")
        expect(log_archive).to_be_visible()

    def test_keeps_the_filter_in_the_address_and_shows_the_way_to_each_match(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page()
        sign_in(page, viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        page.get_by_label("Name, id, tag or policy").fill("website")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=website**")
        expect(page.get_by_role("link", name="website")).to_be_visible()
        expect(page.get_by_role("link", name="Prod")).to_be_visible()
        expect(page.get_by_role("link", name="log-archive")).to_have_count(0)

    @pytest.mark.parametrize(("theme", "width"), THEMES)
    def test_is_accessible_and_fits_in_every_theme_and_width(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User, theme: str, width: int
    ):
        slug = snapshot.connection.slug
        old = snapshot.policies["deny-regions"]
        PolicyFactory.create(
            connection=snapshot.connection,
            policy_id=old.policy_id,
            name=old.name,
            seen_from=old.seen_from - timedelta(days=3),
            seen_until=old.seen_from,
        )
        page = browser_page(theme=theme, width=width)
        sign_in(page, viewer)
        arguments = {"account_id": snapshot.accounts["website"].account_id}
        policy = {"policy_id": old.policy_id}
        for name, more in (
            ("posture", {}),
            ("organization", {}),
            ("accounts", {}),
            ("account", arguments),
            ("account-iam", arguments),
            ("account-coverage", arguments),
            ("account-history", arguments),
            ("organizational-unit", {"target_id": snapshot.units["Workloads"].target_id}),
            ("policies", {}),
            ("policy", policy),
            ("policy-attachments", policy),
            ("policy-versions", policy),
        ):
            page.goto(reverse(name, kwargs={"slug": slug, **more}))
            page.wait_for_load_state("networkidle")
            picture(page, f"{name}-{theme}-{width}")
            assert accessible(page) == [], name
            assert fits_its_width(page), name
