"""The audit log as an auditor reads it."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from governance.audit.sealing import checkpoint_make, seal
from inventory.models import Connection
from tests.factories.audit import NOW, audit_entry, signing_key_file
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


@pytest.fixture
def connection(transactional_db: None, settings: Any, tmp_path: Path) -> Connection:
    """An organization whose settings were changed, in a log with every state an entry can have."""
    settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)
    made = ConnectionFactory.create(name="Acme")
    audit_entry(
        action="connection.change",
        object_kind="connection",
        object_id=str(made.pk),
        object_name="Acme",
        connection_id=made.pk,
        before={"regions": ["eu-west-1"], "schedule_minutes": 60, "name": "x" * 300},
        after={"regions": ["eu-west-1", "eu-west-2"], "schedule_minutes": 30},
    )
    audit_entry(object_name="nightly", outcome="refused")
    checkpoint_make(now=NOW)
    audit_entry(object_name="later")
    seal()
    audit_entry(object_name="n" * 290)
    return made


class TestAudit:
    def test_leads_from_a_connection_to_its_history_and_to_the_proof(
        self, browser_page: OpenPage, connection: Connection
    ):
        page = browser_page(person("auditor"))
        page.goto(reverse("connection", kwargs={"slug": connection.slug}))
        problems = seen(page, "audit-history")
        history = page.locator("section", has_text="History")
        history.get_by_role("link", name="Connection changed").click()
        expect(page.get_by_role("heading", name="Connection changed: Acme")).to_be_visible()
        expect(page.get_by_role("cell", name="eu-west-1 eu-west-2")).to_be_visible()
        problems += seen(page, "audit-entry")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the proof").click()
        assert download.value.suggested_filename.endswith("-proof.json")
        page.goto(reverse("audit"))
        problems += seen(page, "audit-list")
        page.get_by_role("searchbox", name="Actor, object, address").fill("nightly")
        expect(page.locator("#rows tbody tr")).to_have_count(1)
        expect(page.locator("#rows")).to_contain_text("Refused")
        page.get_by_role("link", name="Token issued").click()
        expect(page.get_by_role("heading", name="Token issued: nightly")).to_be_visible()
        assert problems == []
