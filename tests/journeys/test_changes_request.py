"""A change is proposed, checked, read and decided in the browser."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store
from governance.changes.life.content import ChangeContent
from governance.changes.life.discussion import comment_add
from governance.changes.life.drafting import change_create
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from tests.factories.edits import PAYMENTS, PROD, region_lock
from tests.factories.people import person
from tests.factories.snapshots import Snapshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import NARROW, WIDE, seen


def address(snapshot: Snapshot, name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"slug": snapshot.connection.slug, **kwargs})


def acting(user: User) -> ActingPerson:
    return ActingPerson(user, user_actor(user))


@pytest.fixture
def maren(transactional_db: None) -> User:
    """Who asks for changes."""
    return person("author", username="maren", first_name="Maren", last_name="Solberg")


@pytest.fixture
def tomas(transactional_db: None) -> User:
    """Who decides over changes."""
    return person("approver", username="tomas", first_name="Tomas", last_name="Brandt")


@pytest.fixture
def asked(snapshot: Snapshot, maren: User, tomas: User) -> ChangeRequest:
    """A request in review, with the evidence of what it does."""
    now = timezone.now()
    text = json.dumps(json.loads(region_lock("eu-west-1", "eu-central-1", action="*")), indent=2)
    made = change_create(
        by=acting(maren),
        connection=snapshot.connection,
        content=ChangeContent(
            title="Close eu-west-3 for production",
            reason="We leave Paris at the end of the year. Closing the region now keeps new "
            "stacks from landing there by accident.",
            operations=(
                {"kind": "update_policy", "policy_id": "p-regio001", "text": text},
                {"kind": "attach_policy", "policy_id": "p-regio001", "target_id": PAYMENTS},
            ),
            rings=(
                {"name": "Canary", "targets": [PAYMENTS], "soak_minutes": 1440, "gate": "manual"},
                {"name": "The rest", "targets": [PROD], "soak_minutes": 0, "gate": "automatic"},
            ),
            ticket_url="https://tickets.example.com/browse/PLAT-1874",
        ),
        now=now - timedelta(hours=5),
    )
    evidence = evidence_store(make_evidence(made, now=now - timedelta(minutes=6)))
    ChangeRequest.objects.filter(pk=made.pk).update(
        evidence=evidence,
        plan_sha256=evidence.plan_sha256,
        state=ChangeState.IN_REVIEW,
        submitted_at=now - timedelta(hours=5),
        expires_at=now + timedelta(days=6),
        waiting_for=[tomas.pk],
        required_approvals=[
            {
                "key": "a" * 16,
                "label": "Owners of OU prod",
                "target_ids": [PAYMENTS],
                "account_count": 1,
                "count": 1,
                "entitled_ids": [tomas.pk],
                "source": "owners",
                "owners": ["user:tomas"],
                "rules": ["Owners agree"],
                "escalated": 0,
                "needs_security": False,
                "security_ids": [],
                "needs_step_up": False,
                "problem": "",
            },
            {
                "key": "b" * 16,
                "label": "Group platform",
                "target_ids": [PAYMENTS],
                "account_count": 1,
                "count": 1,
                "entitled_ids": [],
                "source": "group",
                "owners": ["group:platform"],
                "rules": ["Platform agrees"],
                "escalated": 0,
                "needs_security": True,
                "security_ids": [],
                "needs_step_up": True,
                "problem": "Nobody can approve from group platform. An administrator can set "
                "owners and give roles.",
            },
        ],
    )
    made.refresh_from_db()
    comment_add(
        by=acting(tomas),
        change_request_id=made.pk,
        body="Does CloudFront stay as it is?",
        now=now - timedelta(hours=2),
    )
    return made


class TestReading:
    def test_a_request_says_what_it_does_on_every_tab(
        self, browser_page: OpenPage, snapshot: Snapshot, asked: ChangeRequest, tomas: User
    ):
        page = browser_page(tomas)
        problems: list[str] = []
        for name in ("", "-changes", "-evidence", "-discussion"):
            page.goto(address(snapshot, f"change-request{name}", number=asked.number))
            problems += seen(page, f"change-request{name}")
        page.goto(address(snapshot, "change-requests"))
        problems += seen(page, "change-queue")
        page.goto(address(snapshot, "posture"))
        problems += seen(page, "change-posture")
        assert "\n".join(problems) == ""

    def test_the_verdicts_stay_in_reach_on_a_phone(
        self, browser_page: OpenPage, snapshot: Snapshot, asked: ChangeRequest, tomas: User
    ):
        page = browser_page(tomas, width=NARROW)
        page.goto(address(snapshot, "change-request", number=asked.number))

        approve = page.get_by_role("button", name="Approve for 1 account")
        expect(approve).to_be_in_viewport()
        box = approve.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        page.get_by_role("button", name="Request changes").click()
        expect(page.get_by_label("What should be different?")).to_be_focused()


class TestProposing:
    def test_an_author_writes_a_change_without_leaving_the_form(
        self, browser_page: OpenPage, snapshot: Snapshot, maren: User
    ):
        page = browser_page(maren, width=WIDE)
        page.goto(address(snapshot, "change-request-create"))
        page.get_by_label("Title").fill("Close Paris")
        page.get_by_label("Policy", exact=True).first.fill("deny-regions")
        page.get_by_role("button", name="Edit its text").click()
        expect(page.locator(".cm-editor")).to_be_visible()
        page.get_by_role("button", name="Add a ring").click()
        expect(page.get_by_label("Title")).to_have_value("Close Paris")
        problems = seen(page, "change-propose")
        page.get_by_role("button", name="Remove ring 1").click()
        page.get_by_role("button", name="Save as a draft").click()
        expect(page.get_by_role("heading", name="Close Paris")).to_be_visible()
        assert _said(page) == "Draft"
        problems += seen(page, "change-draft")
        assert "\n".join(problems) == ""


def _said(page: Page) -> str:
    return page.locator(".title .bd").inner_text().strip()
