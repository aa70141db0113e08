"""People see who may get in, follow one way in, and take what they see as a file."""

from django.contrib.auth.models import User
from django.urls import reverse

from tests.factories.rich_snapshots import rich_snapshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen, settled


class TestTrust:
    def test_scratch(self, browser_page: OpenPage, viewer: User):
        rich_snapshot("acme")
        page = browser_page(viewer)
        page.goto(reverse("trust", kwargs={"slug": "acme"}))
        assert seen(page, "trust") == []
        page.locator("tr[data-edge] a").first.click()
        page.wait_for_selector(".panel .lead")
        settled(page)
        assert seen(page, "trust-panel") == []
