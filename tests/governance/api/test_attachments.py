"""The attachments of a policy that is attached everywhere, page by page."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.organization import AccountFactory
from tests.factories.policies import PolicyAttachmentFactory

FULL_ACCESS = "p-FullAWSAccess"
LIST = f"/api/v1/organizations/acme/policies/{FULL_ACCESS}/attachments"


@pytest.fixture
def many(acme):
    """More accounts with the policy, two of one name."""
    for number in range(60):
        account = AccountFactory.create(
            connection=acme.connection,
            parent=acme.units["Test"],
            name=f"more-{number // 2:02}",
            seen_from=acme.run.started_at,
        )
        PolicyAttachmentFactory.create(
            connection=acme.connection,
            policy_id=FULL_ACCESS,
            target_id=account.account_id,
            seen_from=acme.run.started_at,
        )
    return acme


def walked(viewer, address):
    """Return the rows of all pages, and how many rows each has."""
    rows, sizes = [], []
    while address:
        page = viewer.get(address).json()
        rows += page["results"]
        sizes.append(len(page["results"]))
        address = page["next"]
    return rows, sizes


class TestApi:
    @pytest.mark.parametrize("ordering", ["name", "-name"])
    def test_gives_each_target_once_in_order(self, viewer, many, ordering):
        rows, sizes = walked(viewer, f"{LIST}?limit=25&ordering={ordering}")
        whole = viewer.get(f"{LIST}?limit=1000&ordering={ordering}").json()["results"]
        assert sizes == [25, 25, len(whole) - 50]
        assert rows == whole
        ids = {row["target_id"] for row in rows}
        before = [one for one in many.attachments if one.policy_id == FULL_ACCESS]
        assert len(ids) == len(rows) == len(before) + 60
        names = [row["name"] for row in rows if row["name"].startswith("more-")]
        assert names == sorted(names, reverse=ordering.startswith("-"))

    def test_tells_how_many_accounts_each_reaches(self, viewer, many):
        rows, _ = walked(viewer, f"{LIST}?limit=20")
        reached = {row["target_id"]: row["accounts"] for row in rows}
        assert reached["r-ab12"] == 66
        assert reached["ou-ab12-test0001"] == 61
        assert reached["222222222222"] == 1


class TestPage:
    def page(self, viewer, query=""):
        kwargs = {"slug": "acme", "policy_id": FULL_ACCESS}
        return viewer.get(reverse("policy-attachments", kwargs=kwargs) + query)

    def test_shows_fifty_at_a_time_the_root_first(self, viewer, many):
        first, second = self.page(viewer), self.page(viewer, "?page=2")
        rows = first.context["rows"]
        assert (len(rows.object_list), rows.paginator.num_pages) == (50, 2)
        assert rows.object_list[0].target_type == "ROOT"
        shown = [row.target_id for row in (*rows.object_list, *second.context["rows"].object_list)]
        assert len(shown) == len(set(shown)) == rows.paginator.count

    def test_sorts_and_exports_all(self, viewer, many):
        rows = self.page(viewer, "?sort=-name").context["rows"].object_list
        assert [row.name for row in rows] == sorted((row.name for row in rows), reverse=True)
        lines = b"".join(self.page(viewer, "?format=csv")).decode().splitlines()
        assert len(lines) == 1 + self.page(viewer).context["rows"].paginator.count

    def test_costs_the_same_queries_for_many_as_for_few(self, viewer, acme):
        def queries():
            self.page(viewer)
            with CaptureQueriesContext(database) as captured:
                self.page(viewer)
            return len(captured)

        few = queries()
        for _ in range(80):
            account = AccountFactory.create(
                connection=acme.connection,
                parent=acme.units["Test"],
                seen_from=acme.run.started_at,
            )
            PolicyAttachmentFactory.create(
                connection=acme.connection,
                policy_id=FULL_ACCESS,
                target_id=account.account_id,
                seen_from=acme.run.started_at,
            )
        assert queries() == few
