"""People see what is wrong with the structure, and follow it to its place."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from playwright.sync_api import expect

from governance.access.groups import sync_groups
from tests.factories.demo_organization import DemoOrganization, demo_organization
from tests.journeys.conftest import (
    PASSWORD,
    OpenPage,
    accessible,
    fits_its_width,
    picture,
    sign_in,
)


@pytest.fixture
def demo(transactional_db: None) -> DemoOrganization:
    return demo_organization()


@pytest.fixture
def viewer(transactional_db: None) -> User:
    sync_groups()
    user = User.objects.create_user("vera", password=PASSWORD)
    user.groups.add(Group.objects.get(name="viewer"))
    return user


class TestStructureFindings:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1440, 390])
    def test_lead_to_the_account_that_is_broken(
        self, browser_page: OpenPage, demo: DemoOrganization, viewer: User, theme: str, width: int
    ):
        page = browser_page(theme=theme, width=width, height=844 if width == 390 else 900)
        sign_in(page, viewer)
        page.goto(reverse("findings", kwargs={"slug": demo.connection.slug}))
        picture(page, f"findings-{theme}-{width}")
        assert fits_its_width(page)
        assert accessible(page) == []
        page.get_by_role("link", name="No SCP at loyalty-legacy allows anything").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("loyalty-legacy")
        picture(page, f"finding-{theme}-{width}")
        assert fits_its_width(page)
        assert accessible(page) == []
        where = page.locator("section", has=page.get_by_role("heading", name="Where"))
        where.get_by_role("link", name="loyalty-legacy").click()
        expect(page).to_have_url(re.compile(f"/accounts/{demo.ids['loyalty-legacy']}/"))
