"""Contracts, exceptions and external parties: declared from an edge, read by an owner, seen."""

from django.urls import reverse
from playwright.sync_api import expect

from tests.factories.contracts import PAYMENTS, WEBSITE, trust_contract
from tests.factories.exceptions import guardrail_exception
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory
from tests.journeys.looking import seen


class TestContracts:
    def test_an_edge_becomes_a_contract_that_an_owner_reads(self, browser_page, transactional_db):
        made = organization_snapshot()
        slug = made.connection.slug
        common = {"connection": made.connection, "seen_from": FIRST_RUN_AT}
        edge = TrustEdgeFactory.create(
            principal_account_id=WEBSITE, crossing="organization", **common
        )
        TrustEdgeFactory.create(**common)
        TrustEdgeFactory.create(
            principal_account_id="464622532012", vendor="Datadog", crossing="vendor", **common
        )
        ben = person("approver", username="ben")
        OwnershipFactory.create(
            connection=made.connection, target_id=PAYMENTS, user=ben, confirmed_at=LONG_AGO
        )
        active = trust_contract(made.connection, person("author"), state="active", number=7)
        active.matches.create(
            connection=made.connection, edge_key=edge.key, matched_from=FIRST_RUN_AT
        )
        page = browser_page(person("security", username="sam"))

        page.goto(f"{reverse('contract-declare', kwargs={'slug': slug})}?edge={edge.key}")
        assert seen(page, "contract-declare") == []
        page.get_by_label("Purpose").fill("The website reads payments.")
        page.get_by_role("button", name="Declare and request review").click()
        expect(page.get_by_role("heading", name="Contract C-8")).to_be_visible()
        assert seen(page, "contract") == []

        guardrail_exception(made.connection, ben, state="proposed", waiting_for=[ben.pk])
        page.goto(reverse("exception", kwargs={"slug": slug, "exception_number": 1}))
        expect(page.get_by_role("heading", name="Approvals")).to_be_visible()
        assert seen(page, "exception") == []

        page.goto(reverse("contracts", kwargs={"slug": slug}))
        assert seen(page, "contracts") == []
        page.goto(reverse("contract-import", kwargs={"slug": slug}))
        assert seen(page, "contract-import") == []

        page.goto(reverse("external-parties", kwargs={"slug": slug}))
        assert seen(page, "external-parties") == []
        page.get_by_text("Name it").click()
        page.get_by_label("Name of 999999999999").fill("Harbour Partners")
        page.get_by_role("button", name="Save").first.click()
        expect(page.get_by_role("link", name="Harbour Partners")).to_be_visible()
