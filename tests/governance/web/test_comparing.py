"""Two dates side by side on screen."""

import csv
import io
import json

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.snapshots import comparing
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.second_state import second_run, second_state
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed

pytestmark = pytest.mark.django_db

SLUG = "example"
# Queries of the page of differences, session and frame included.
MOST_QUERIES = 40


@pytest.fixture
def snapshot():
    return organization_snapshot(connection=ConnectionFactory.create(slug=SLUG))


@pytest.fixture
def later(snapshot):
    return second_state(snapshot)


@pytest.fixture
def viewer(client):
    client.force_login(person("viewer"))
    return client


def show(viewer, query="", name="organization-compare", **more):
    return viewer.get(reverse(name, kwargs={"slug": SLUG, **more}) + query)


def rows(answer):
    return [
        (row.difference.kind.value, row.name, row.place_name)
        for row in answer.context["rows"].object_list
    ]


class TestTimes:
    def test_that_are_not_named_are_those_of_the_last_change(self, viewer, snapshot, later):
        answer = show(viewer, "?kind=account_moved")
        assert answer.status_code == 302
        assert f"from={snapshot.run.pk}&until={later.run.pk}" in answer.url
        assert "kind=account_moved" in answer.url

    def test_end_now_where_only_the_first_is_named(self, viewer, snapshot, later):
        assert show(viewer, f"?from={snapshot.run.pk}").url.endswith("&until=now")

    def test_are_offered_with_what_each_run_saw_change(self, viewer, snapshot, later):
        answer = show(viewer, f"?from={snapshot.run.pk}&until=now")
        earlier, until = answer.context["choices"]
        assert [offered.run for offered in earlier.runs] == [later.run, snapshot.run]
        assert [offered.is_first for offered in earlier.runs] == [False, True]
        assert earlier.runs[0].rows > 10
        assert until.now_href.endswith(f"?from={snapshot.run.pk}&until=now")

    def test_before_the_first_run_are_told_with_when_it_was(self, viewer, snapshot, later):
        answer = show(viewer, "?from=2020-01-01&until=now")
        text = answer.content.decode()
        assert "No data for that time" in text
        assert "1 Nov 2026 08:00 UTC" in text
        assert f"?from={snapshot.run.pk}&amp;until=now" in text

    def test_the_wrong_way_round_can_be_swapped(self, viewer, snapshot, later):
        answer = show(viewer, f"?from={later.run.pk}&until={snapshot.run.pk}")
        assert "The first time lies after the second" in answer.content.decode()
        swapped = viewer.get(answer.context["problem"].href)
        assert len(rows(swapped)) == 23

    @pytest.mark.parametrize("text", ["nonsense", "999999"])
    def test_that_cannot_be_read_are_refused_with_what_could(self, viewer, snapshot, text):
        answer = show(viewer, f"?from={text}&until=now")
        assert answer.status_code == 400
        assert "such as 2026-11-23T19:24:00Z" in answer.content.decode()

    def test_are_too_few_before_the_second_run(self, viewer, snapshot):
        assert "Nothing to compare yet" in show(viewer).content.decode()

    def test_are_none_before_the_first_run(self, viewer):
        ConnectionFactory.create(slug=SLUG)
        assert "Nothing to compare yet" in show(viewer).content.decode()

    def test_of_equal_states_show_that_nothing_changed(self, viewer, snapshot):
        run = second_run(snapshot)
        answer = show(viewer, f"?from={snapshot.run.pk}&until={run.pk}")
        assert "Nothing changed" in answer.content.decode()
        trees = show(
            viewer, f"?from={snapshot.run.pk}&until={run.pk}", "organization-compare-trees"
        )
        assert "both trees are the same" in trees.content.decode()


class TestList:
    def test_tells_before_after_where_and_since(self, viewer, snapshot, later):
        text = show(viewer, f"?from={snapshot.run.pk}&until={later.run.pk}").content.decode()
        assert "payments-live" in text
        assert "other SCPs allow is left" in text
        assert f"/inventory-runs/{later.run.pk}/" in text
        compare = f"?before=1&amp;after=2&amp;as_of={SECOND_RUN_AT:%Y-%m-%dT%H:%M:%S}Z"
        assert compare in text
        gone = reverse("account", kwargs={"slug": SLUG, "account_id": "444444444441"})
        assert f"{gone}?as_of={FIRST_RUN_AT:%Y-%m-%dT%H:%M:%S}Z" in text

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("kind=account_moved&kind=account_added", {"data", "website"}),
            ("group=policies&q=deny", {"deny-users", "deny-regions", "deny-large-instances"}),
            ("policy_type=TAG_POLICY", {"Tag policy"}),
            ("under=ou-ab12-prod0001&group=accounts", {"website", "payments-live"}),
            ("under=ou-ab12-test0001&group=policies", {"deny-users", "deny-large-instances"}),
            ("under=r-ab12&kind=trusted_service_enabled", {"guardduty.amazonaws.com"}),
            ("q=333333333331&group=accounts", {"log-archive"}),
            ("q=nothing+of+this", set()),
        ],
    )
    def test_filters_by_its_address(self, viewer, snapshot, later, query, found):
        answer = show(viewer, f"?from={snapshot.run.pk}&until=now&{query}")
        assert {name for _, name, _ in rows(answer)} == found

    def test_can_leave_out_what_came_by_itself(self, viewer, snapshot, later):
        answer = show(viewer, f"?from={snapshot.run.pk}&until=now&consequence=false")
        assert len(rows(answer)) == 19

    def test_refuses_a_kind_that_there_is_not(self, viewer, snapshot, later):
        answer = show(viewer, f"?from={snapshot.run.pk}&until=now&kind=nonsense")
        assert answer.status_code == 400

    def test_sorts_either_way(self, viewer, snapshot, later):
        address = f"?from={snapshot.run.pk}&until=now&sort="
        names = [name.casefold() for _, name, _ in rows(show(viewer, f"{address}name"))]
        back = [name.casefold() for _, name, _ in rows(show(viewer, f"{address}-name"))]
        assert back == names[::-1]

    def test_exports_what_the_filters_leave(self, viewer, snapshot, later):
        address = f"?from={snapshot.run.pk}&until=now&kind=account_moved&format="
        (row,) = json.loads(b"".join(show(viewer, f"{address}json").streaming_content))
        assert row["path_before"] == "Root/Workloads/Prod"
        assert row["after"] == {"parent_id": "ou-ab12-test0001"}
        assert row["run_id"] == later.run.pk
        text = b"".join(show(viewer, f"{address}csv").streaming_content).decode()
        assert next(csv.DictReader(io.StringIO(text)))["name"] == "website"

    def test_says_what_was_not_read(self, viewer, snapshot):
        denied = "organizations.policies.SERVICE_CONTROL_POLICY"
        run = second_run(snapshot, states={denied: "denied"})
        changed(snapshot.accounts["payments"], at=SECOND_RUN_AT, name="other")
        text = show(viewer, f"?from={snapshot.run.pk}&until={run.pk}").content.decode()
        assert "Service control policies: not read completely by 1 Nov 2026 09:00 UTC" in text
        assert (
            "AWS refused. What is shown of then was read completely on 1 Nov 2026 08:00 UTC" in text
        )

    def test_escapes_names(self, viewer, snapshot):
        changed(snapshot.accounts["payments"], at=SECOND_RUN_AT, name="<script>x</script>")
        second_run(snapshot)
        for name in ("organization-compare", "organization-compare-trees"):
            text = show(viewer, f"?from={snapshot.run.pk}&until=now", name).content.decode()
            assert "&lt;script&gt;x" in text
            assert "<script>x" not in text

    def test_asks_as_much_for_many_differences_as_for_few(self, viewer, snapshot, later):
        address = f"?from={snapshot.run.pk}&until=now"
        show(viewer, address)

        def count():
            with CaptureQueriesContext(database) as captured:
                assert show(viewer, address).status_code == 200
            return len(captured)

        comparing._found.clear()
        few = count()
        for number in range(30):
            common = {"connection": snapshot.connection, "seen_from": SECOND_RUN_AT}
            account = AccountFactory.create(parent=snapshot.units["Prod"], **common)
            policy = PolicyFactory.create(**common)
            PolicyAttachmentFactory.create(
                policy_id=policy.policy_id, target_id=account.account_id, **common
            )
            changed(
                PolicyFactory.create(policy_id=f"p-more{number}", connection=snapshot.connection),
                at=SECOND_RUN_AT,
                name=f"renamed-{number}",
            )
        comparing._found.clear()
        # A text that changed may not be on the first page any more.
        assert count() <= few <= MOST_QUERIES

    def test_needs_the_right_to_see_the_inventory(self, client, snapshot, later):
        client.force_login(UserFactory.create())
        assert show(client).status_code == 403


def marks(answer, node_id):
    row = next(row for row in answer.context["tree_rows"] if row.node_id == node_id)
    return [mark.words for mark in row.marks]


class TestTrees:
    @pytest.fixture
    def trees(self, viewer, snapshot, later):
        return show(
            viewer, f"?from={snapshot.run.pk}&until={later.run.pk}", "organization-compare-trees"
        )

    def test_mark_each_node_with_what_differs(self, trees, later):
        assert marks(trees, "ou-ab12-sec00001") == [
            "FullAWSAccess detached",
            "Renamed from Security",
        ]
        assert marks(trees, later.added_unit_id) == ["Added"]
        assert marks(trees, "ou-ab12-susp0001") == ["Deleted"]
        assert marks(trees, "ou-ab12-work0001") == ["Text of deny-regions changed"]
        assert marks(trees, "222222222224") == ["State Active → Suspended"]

    def test_show_what_moved_at_both_places(self, trees):
        was = next(row for row in trees.context["tree_rows"] if row.node_id == "was-222222222223")
        is_now = next(row for row in trees.context["tree_rows"] if row.node_id == "222222222223")
        assert (was.parent_id, was.after) == ("ou-ab12-prod0001", None)
        assert (is_now.parent_id, is_now.before) == ("ou-ab12-test0001", None)
        assert was.marks[0].words == "Moved to"
        assert "Workloads" in is_now.marks[0].place

    def test_count_accounts_on_both_sides(self, trees):
        security = next(
            row for row in trees.context["tree_rows"] if row.node_id == "ou-ab12-sec00001"
        )
        assert (security.before.accounts, security.after.accounts) == (1, 2)

    def test_fold_what_did_not_change_and_bring_it_when_asked(self, viewer, trees):
        fold = next(row for row in trees.context["tree_rows"] if row.kind == "fold")
        assert fold.words == "Show 1 account that did not change"
        brought = viewer.get(fold.load)
        assert [row.name for row in brought.context["tree_rows"]] == ["management"]

    def test_show_everything_where_wanted(self, viewer, snapshot, later):
        answer = show(
            viewer, f"?from={snapshot.run.pk}&until=now&all=1", "organization-compare-trees"
        )
        names = [row.name for row in answer.context["tree_rows"]]
        assert "management" in names
        assert not any(row.kind == "fold" for row in answer.context["tree_rows"])

    def test_keep_what_was_closed_by_hand(self, viewer, snapshot, later):
        query = f"?from={snapshot.run.pk}&until=now&closed=ou-ab12-work0001"
        answer = show(viewer, query, "organization-compare-trees")
        rows = {row.node_id: row for row in answer.context["tree_rows"]}
        closed, below = rows["ou-ab12-work0001"], rows["ou-ab12-prod0001"]
        assert (closed.is_open, closed.opens, closed.load) == (False, True, "")
        assert below.is_hidden

    def test_open_a_node_that_did_not_change(self, viewer, snapshot):
        changed(snapshot.accounts["log-archive"], at=SECOND_RUN_AT, name="other")
        second_run(snapshot)
        query = f"?from={snapshot.run.pk}&until=now"
        answer = show(viewer, query, "organization-compare-children", target_id="ou-ab12-work0001")
        assert [row.name for row in answer.context["tree_rows"]] == ["Prod", "Test"]
        answer = show(viewer, query, "organization-compare-children", target_id="ou-ab12-prod0001")
        assert [row.name for row in answer.context["tree_rows"]] == ["payments", "website"]

    def test_know_no_node_that_there_is_not(self, viewer, snapshot, later):
        query = f"?from={snapshot.run.pk}&until=now"
        answer = show(viewer, query, "organization-compare-children", target_id="ou-ab12-none")
        assert answer.status_code == 404

    def test_refuse_other_choices(self, viewer, snapshot, later):
        query = f"?from={snapshot.run.pk}&until=now"
        assert show(viewer, f"{query}&all=2", "organization-compare-trees").status_code == 400
        answer = show(
            viewer,
            f"{query}&part=x",
            "organization-compare-children",
            target_id="ou-ab12-work0001",
        )
        assert answer.status_code == 400


class TestEffect:
    def test_is_told_as_in_the_simulator(self, viewer, snapshot, later):
        query = f"?from={snapshot.run.pk}&until={later.run.pk}"
        answer = show(viewer, query, "organization-compare-effect-part")
        text = " ".join(answer.content.decode().split())
        assert "Effective changes" in text
        assert "Newly denied" in text
        assert "1 account was in the organization at the later time only" in text
        # The trace looks at the later of the two states.
        assert "as_of=2026-11-01T09%3A00%3A00Z" in text

    def test_stands_on_its_page_at_once_where_asked(self, viewer, snapshot, later):
        query = f"?from={snapshot.run.pk}&until={later.run.pk}"
        page = show(viewer, query, "organization-compare-effect").content.decode()
        assert "being proven" in page
        query += "&shown=all&verdict=newly_allowed"
        whole = show(viewer, query, "organization-compare-effect").content.decode()
        assert "Newly allowed" in whole
        assert "Allowed</span>" in whole

    def test_says_what_of_it_was_read_before(self, viewer, snapshot):
        denied = "organizations.policies.SERVICE_CONTROL_POLICY"
        run = second_run(snapshot, states={denied: "denied"})
        query = f"?from={snapshot.run.pk}&until={run.pk}"
        text = show(viewer, query, "organization-compare-effect-part").content.decode()
        assert "One of the two states was not read completely" in text

    def test_tells_what_is_wrong_with_the_times(self, viewer, snapshot, later):
        query = f"?from={later.run.pk}&until={snapshot.run.pk}"
        text = show(viewer, query, "organization-compare-effect-part").content.decode()
        assert "The first time lies after the second" in text


class TestLinks:
    def test_lead_here_from_the_date_control_and_from_posture(self, viewer, snapshot, later):
        href = reverse("organization-compare", kwargs={"slug": SLUG})
        assert href in show(viewer, "", "organization").content.decode()
        past = show(viewer, "?as_of=2026-11-01T08:30:00Z", "organization").content.decode()
        assert f"{href}?from=2026-11-01T08%3A30%3A00%2B00%3A00&amp;until=now" in past
        posture = show(viewer, "", "posture").content.decode()
        assert f"{href}?from={snapshot.run.pk}&amp;until=now" in posture
