"""People see how the landing zone stands, and confirm its core accounts."""

from django.urls import reverse
from playwright.sync_api import expect

from governance.baseline.landing_zone.models import CoreAccount
from tests.factories.demo_organization import DemoOrganization
from tests.factories.people import person
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


class TestLandingZone:
    def test_has_its_management_account_confirmed(
        self, browser_page: OpenPage, demo: DemoOrganization
    ):
        page = browser_page(person("security", username="ada"))
        page.goto(reverse("landing-zone", kwargs={"slug": demo.connection.slug}))
        expect(page.locator("p.lead")).to_contain_text("0 of 7 core accounts confirmed")
        assert seen(page, "landing-zone") == []
        page.get_by_role("button", name="as Management").first.click()
        expect(page.locator("p.lead")).to_contain_text("1 of 7 core accounts confirmed")
        assert CoreAccount.objects.get().confirmed_by.username == "ada"
        page.get_by_label("Logging", exact=True).or_(
            page.get_by_role("link", name="Logging", exact=True)
        ).first.click()
        expect(page.get_by_role("heading", name="Logging health")).to_be_visible()
        assert seen(page, "landing-zone-logging") == []
