"""A rollout as people watch it."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from governance.changes.states import ChangeState
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import PROD, TEST
from tests.factories.snapshots import Snapshot
from tests.factories.watched_rollouts import OLD, plan_json, rollout_begun
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


class TestWatchingARollout:
    def test_shows_rings_and_opens_a_steps_journal(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User
    ):
        asked = with_evidence(
            change_request(snapshot.connection, author, state=ChangeState.SOAKING),
            plan=plan_json(),
            base={"policies": {OLD: {"attached_to": [TEST, PROD]}}},
            content={"transients": []},
        )
        rollout_begun(asked, at=timezone.now() - timedelta(minutes=15))
        page = browser_page(author)
        page.goto(
            reverse(
                "change-request-rollout",
                kwargs={"slug": snapshot.connection.slug, "number": asked.number},
            )
        )

        expect(page.get_by_role("listitem").filter(has_text="Ring 1 1 account")).to_contain_text(
            "left of"
        )
        page.get_by_role("link", name="Step 2: AttachPolicy of the copy at Test").click()
        expect(page.get_by_text("request-2")).to_be_visible()
        problems = seen(page, "change-rollout")
        assert "\n".join(problems) == ""
