"""People read what a backup policy comes to in an account, and follow it to its level."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories.demo_organization import DemoOrganization
from tests.factories.effective_policies import answered
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen

ACCOUNT = "card-vault-prod"
UNIT = "Workloads/Regulated"


@pytest.fixture
def demo(demo: DemoOrganization) -> DemoOrganization:
    broken = PolicyFactory.create(
        connection=demo.connection,
        name="broken-ai",
        type="AISERVICES_OPT_OUT_POLICY",
        text=json.dumps({"services": {"default": {"opt_out_policy": {"@@set": "optOut"}}}}),
    )
    PolicyAttachmentFactory.create(
        connection=demo.connection, policy_id=broken.policy_id, target_id=demo.ids[UNIT]
    )
    # Last, since it asks for the policies as they stand.
    answered(
        demo.connection,
        demo.ids[ACCOUNT],
        {
            "tags": {
                "owner": {"tag_key": "owner"},
                "environment": {
                    "tag_key": "environment",
                    "tag_value": ["prod", "test", "dev", "sandbox"],
                },
            }
        },
    )
    return demo


class TestEffectivePolicies:
    def test_are_read_in_an_account_and_followed_to_the_level_they_come_from(
        self, browser_page: OpenPage, demo: DemoOrganization, viewer: User
    ):
        page = browser_page(viewer)
        kwargs = {"slug": demo.connection.slug, "account_id": demo.ids[ACCOUNT]}
        page.goto(reverse("account", kwargs=kwargs))
        page.get_by_role("link", name="Effective policies").click()
        tags = page.locator("#TAG_POLICY")
        expect(tags).to_contain_text("AWS's answer differs")
        backup = page.locator("#BACKUP_POLICY")
        expect(backup).to_contain_text("Not certain")
        expect(page.locator("#AISERVICES_OPT_OUT_POLICY")).to_contain_text(
            "is not an inheritance operator"
        )
        backup.get_by_text("JSON", exact=True).click()
        assert seen(page, "effective-account") == []
        backup.get_by_role("link", name="Regulated").first.click()
        expect(page).to_have_url(
            re.compile(f"/organizational-units/{demo.ids[UNIT]}/effective-policies/")
        )
        expect(page.get_by_role("heading", level=1)).to_contain_text("Regulated")
        assert seen(page, "effective-unit") == []
