"""Connections and API tokens as people use them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from demo.simulator import credentials
from demo.simulator.process import RunningSimulator, running_simulator
from governance.access import rights
from inventory.aws import session
from inventory.models import Connection
from tests.factories.people import token_of
from tests.factories.snapshots import Snapshot
from tests.journeys.axe import examined
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import picture, seen

ORGANIZATION = Path(__file__).parents[2] / "demo/organization"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator(ORGANIZATION, rate_factor=50.0) as running:
        yield running


@pytest.fixture
def reachable(
    simulator: RunningSimulator, settings: object, monkeypatch: pytest.MonkeyPatch
) -> RunningSimulator:
    """Let this process call the simulator as the demo's workers do."""
    monkeypatch.setattr(settings, "AWS_ENDPOINTS_ALLOWED", [simulator.endpoint_url])
    monkeypatch.setattr(settings, "AWS_ORGANIZATIONS_RATE", (400.0, 400))
    monkeypatch.setattr(settings, "AWS_ORGANIZATIONS_RATES", {})
    for name, value in credentials.WORKER.environment().items():
        monkeypatch.setenv(name, value)
    # The process's own sessions found their credentials before.
    monkeypatch.setattr(session, "_clients", session._Clients())
    return simulator


def fill(page: Page, **values: str) -> None:
    for label, value in values.items():
        page.get_by_label(label.replace("_", " ")).fill(value)


class TestAConnection:
    def test_is_made_with_a_wrong_external_id_told_so_and_put_right(
        self, browser_page: OpenPage, reachable: RunningSimulator, administrator: User
    ):
        management = reachable.control("GET", "/ready")["management_account_id"]
        page = browser_page(administrator)
        page.goto(reverse("connections"))
        page.get_by_role("link", name="Connect an organization").first.click()
        fill(
            page,
            Name="Demo",
            Organization_role=(
                f"arn:aws:iam::{management}:role/{credentials.ORGANIZATION_READER_ROLE}"
            ),
            ExternalId="wrong",
            Endpoint="http://127.0.0.1:1",
        )
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("may not be called: it is not https")).to_be_visible()
        fill(page, Endpoint=reachable.endpoint_url)
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Demo")

        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("1 of 2 steps did not pass")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("or correct the ExternalId")).to_be_visible()
        picture(page, "connection-tested-in-vain")

        page.get_by_role("link", name="Edit").click()
        fill(page, ExternalId=credentials.EXTERNAL_ID)
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("The organization was not reached")).to_have_count(0)
        expect(page.get_by_text("The audit role was tried in")).to_be_visible(timeout=60_000)
        picture(page, "connection-tested")
        assert examined(page) == []
        assert Connection.objects.get().external_id == credentials.EXTERNAL_ID

    def test_is_accessible_and_fits_in_both_themes_and_widths(
        self, browser_page: OpenPage, snapshot: Snapshot, administrator: User
    ):
        token_of(administrator, rights.VIEW_INVENTORY, rights.START_RUN)
        page = browser_page(administrator)
        for name in ("connections", "connection-create", "connection", "connection-edit", "tokens"):
            of_one = name in {"connection", "connection-edit"}
            page.goto(reverse(name, kwargs={"slug": snapshot.connection.slug} if of_one else {}))
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            if name == "connection":
                page.locator("summary", has_text="audit.yaml").click()
            assert seen(page, name) == []


class TestAToken:
    def test_is_made_used_on_the_api_and_revoked(self, browser_page: OpenPage, administrator: User):
        page = browser_page(administrator)
        page.goto(reverse("tokens"))
        page.get_by_label("Name").fill("nightly-report")
        page.get_by_role("button", name="Create token").click()
        token = page.locator("#new-token").inner_text()
        picture(page, "tokens-new")
        assert examined(page) == []
        headers = {"Authorization": f"Bearer {token}"}
        answer = page.request.get(reverse("api:token-self"), headers=headers)
        assert answer.ok
        assert answer.json()["name"] == "nightly-report"

        page.get_by_role("button", name="Revoke nightly-report").click()
        page.get_by_role("button", name="Revoke the token").click()
        expect(page.get_by_text("it opens nothing any more")).to_be_visible()
        expect(page.get_by_text("Revoked just now")).to_be_visible()
        refused = page.request.get(reverse("api:token-self"), headers=headers)
        assert refused.status == 401
