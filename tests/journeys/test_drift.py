"""People put drift right: adopted, excepted and declared, each in its way."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from governance.baseline.guardrails.models import GuardrailProof, GuardrailResult
from governance.baseline.guardrails.shipped import shipped_guardrails
from governance.baseline.structure.adopting import baseline_adopt
from governance.drift.finding import refresh_drift
from governance.drift.models import DriftItem
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from tests.factories.people import person
from tests.factories.policies import content, denying
from tests.factories.second_state import second_run
from tests.factories.snapshots import Snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory
from tests.factories.versions import changed
from tests.governance.drift.conftest import acting
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen

PAYMENTS = "222222222222"
LATER = SECOND_RUN_AT + timedelta(minutes=10)
KIND = DriftItem.Kind


@pytest.fixture
def ada(transactional_db: None) -> User:
    """Somebody of security."""
    return person("security", username="ada")


@pytest.fixture
def drifted(snapshot: Snapshot, ada: User) -> Snapshot:
    """The small organization, in which an SCP, a guardrail and trust are not as agreed."""
    connection = snapshot.connection
    baseline_adopt(
        by=acting(ada), connection=connection, reason="As it should be.", now=FIRST_RUN_AT
    )
    refresh_drift(connection, now=FIRST_RUN_AT)
    second_run(snapshot)
    changed(
        snapshot.policies["deny-regions"],
        at=SECOND_RUN_AT,
        content=content(denying("ec2:*")),
    )
    guardrail_id = next(one.id for one in shipped_guardrails().values() if one.kind == "effect")
    for outcome, since, until in (
        ("holds", FIRST_RUN_AT, SECOND_RUN_AT),
        ("fails", SECOND_RUN_AT, None),
    ):
        GuardrailResult.objects.create(
            connection=connection,
            guardrail_id=guardrail_id,
            account_id=PAYMENTS,
            outcome=outcome,
            proof=GuardrailProof.objects.create(
                digest=outcome.ljust(64, "0"), content={"because": f"It {outcome}."}
            ),
            fingerprint=outcome,
            seen_from=since,
            seen_until=until,
        )
    edge = TrustEdgeFactory.create(connection=connection)
    TrustFindingFactory.create(
        connection=connection,
        code="outside-contracts",
        edge_key=edge.key,
        subject_arn=edge.resource_arn,
    )
    refresh_drift(connection, now=LATER)
    refresh_inbox(connection, now=LATER)
    return snapshot


def opened(page: Page, drifted: Snapshot, kind: str) -> InboxItem:
    """Go to the page of the one item of a kind."""
    item = InboxItem.objects.get(source="drift", kind=kind)
    slug = drifted.connection.slug
    page.goto(reverse("finding-item", kwargs={"slug": slug, "item_id": item.pk}))
    return item


class TestDrift:
    def test_is_adopted_excepted_and_declared(
        self, browser_page: OpenPage, drifted: Snapshot, ada: User
    ):
        page = browser_page(ada)
        opened(page, drifted, KIND.POLICY_UPDATED)
        expect(page.get_by_text("Revert drafts a change request")).to_be_visible()
        assert seen(page, "drift-policy") == []
        page.get_by_role("link", name="Adopt…").click()
        assert seen(page, "drift-adopt") == []
        page.get_by_label("Reason").fill("Agreed with the teams.")
        with page.expect_navigation():
            page.locator("form.asks").get_by_role("button", name="Adopt").click()
        item = DriftItem.objects.get(kind=KIND.POLICY_UPDATED)
        assert (item.state, item.resolution) == ("resolved", "adopted in baseline version 2")

        opened(page, drifted, KIND.GUARDRAIL_FAILS)
        assert seen(page, "drift-guardrail") == []
        page.get_by_role("link", name="Except", exact=True).click()
        expect(page.locator("[name=targets]")).to_have_value(PAYMENTS)
        assert seen(page, "exception-ask") == []

        opened(page, drifted, KIND.TRUST_OUTSIDE_CONTRACT)
        assert seen(page, "drift-trust") == []
        page.get_by_role("link", name="Declare a contract").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("999999999999")
