"""The structure findings on screen."""

import json
from http import HTTPStatus

import pytest
from celery import current_app
from django.core.cache import cache
from django.urls import reverse
from django.utils.html import strip_tags

from governance.posture.findings.registry import KINDS
from governance.posture.findings.structure import prepare_findings
from governance.presentation.text_diff import diff_lines
from governance.web.findings.trust_compared import trust_comparisons
from governance.web.parts.ages import utc
from inventory.models import Principal
from inventory.viewing import Place, Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.findings import InboxItemFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import PolicyFactory
from tests.factories.principals import RoleFactory
from tests.factories.runs import never_complete
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustFindingFactory
from tests.governance.posture.findings.kinds.roles import accounts_read, trusting

pytestmark = pytest.mark.django_db

SLUG = "example"


@pytest.fixture
def snapshot():
    return organization_snapshot(connection=ConnectionFactory.create(slug=SLUG))


@pytest.fixture
def viewer(client):
    client.force_login(person("viewer"))
    return client


def page(viewer, query=""):
    return viewer.get(reverse("structure-findings", kwargs={"slug": SLUG}) + query)


class TestList:
    def test_shows_each_finding_with_where_and_how_bad(self, viewer, snapshot):
        text = page(viewer).content.decode()
        assert "unattached is attached to no target" in text
        words = " ".join(strip_tags(text).split())
        assert "SCP attached nowhere · unattached" in words

    def test_filters_by_kind_and_severity(self, viewer, snapshot):
        only = page(viewer, "?kind=scp_attached_nowhere").context["found"]
        assert {row["finding"].kind for row in only} == {KINDS["scp_attached_nowhere"]}
        none = page(viewer, "?kind=scp_attached_nowhere&severity=critical")
        assert "No finding matches" in none.content.decode()

    def test_filters_by_place(self, viewer, snapshot):
        shown = page(viewer, "?place=p-unatt001")
        assert [row["label"] for row in shown.context["found"]] == ["SCP attached nowhere"]
        assert "Place: p-unatt001" in shown.content.decode().replace("FindingPlace", "")
        assert "No finding matches" in page(viewer, "?place=p-none0001").content.decode()

    def test_shows_as_many_as_a_page_has_and_leads_to_the_next(self, viewer, snapshot):
        for number in range(60):
            PolicyFactory.create(connection=snapshot.connection, name=f"idle-{number:02}")
        first = page(viewer, "?kind=scp_attached_nowhere")
        assert len(first.context["found"]) == 50
        assert "50 of 61 findings" in " ".join(first.content.decode().split())
        following = first.context["pages"]["next"]
        assert following.startswith("?kind=scp_attached_nowhere&")
        assert len(page(viewer, following).context["found"]) == 11
        everything = page(viewer, "?kind=scp_attached_nowhere&format=json")
        assert len(json.loads(b"".join(everything.streaming_content))) == 61

    def test_refuses_a_kind_that_there_is_not_and_names_those_there_are(self, viewer, snapshot):
        response = page(viewer, "?kind=nonsense")
        assert response.status_code == 400
        assert "flat_tree" in response.content.decode()

    def test_says_that_nothing_is_known_before_the_first_run(self, viewer):
        ConnectionFactory.create(slug=SLUG)
        assert "Not collected yet" in page(viewer).content.decode()

    def test_says_when_the_first_run_was_for_a_time_before_it(self, viewer, snapshot):
        response = page(viewer, "?as_of=2020-01-01")
        assert response.status_code == 404
        assert "No data for that time" in response.content.decode()
        assert f"started at {utc(FIRST_RUN_AT)}" in response.content.decode()

    def test_exports_what_the_filters_leave(self, viewer, snapshot):
        response = page(viewer, "?kind=scp_attached_nowhere&format=json")
        rows = json.loads(b"".join(response.streaming_content))
        assert [row["kind"] for row in rows] == ["scp_attached_nowhere"]
        assert rows[0]["threshold"] == {"least_attachments": 1}

    def test_needs_the_right_to_see_the_inventory(self, client, snapshot):
        client.force_login(UserFactory.create())
        assert page(client).status_code == 403


class TestOne:
    def test_shows_what_was_measured_and_against_what(self, viewer, snapshot):
        row = page(viewer, "?kind=scp_attached_nowhere").context["found"][0]
        text = viewer.get(row["href"]).content.decode()
        assert "<span>Low</span>" in text
        policy_id = snapshot.policies["unattached"].policy_id
        assert reverse("policy", kwargs={"slug": SLUG, "policy_id": policy_id}) in text
        for said in ("Measured", "Attachments", "Thresholds", "Least attachments", "What to do"):
            assert said in text

    def test_is_not_found_once_it_no_longer_holds(self, viewer, snapshot):
        response = viewer.get(
            reverse("finding", kwargs={"slug": SLUG, "finding_key": "flat_tree:r-ab12"})
        )
        assert response.status_code == 404


class TestTrustCompared:
    @pytest.fixture
    def outlier(self, snapshot):
        """Three accounts with a role deploy; that of own-1 trusts another organization's account.

        Its ARN.
        """
        accounts = accounts_read(snapshot, 3, "Security")
        roles = [
            RoleFactory.create(
                connection=snapshot.connection,
                account_id=account.account_id,
                name="deploy",
                trust_policy=trusting(
                    f"arn:aws:iam::{'999999999999' if number == 1 else account.account_id}:root"
                ),
                seen_from=FIRST_RUN_AT,
            )
            for number, account in enumerate(accounts)
        ]
        return roles[1].arn

    def lines(self, compared):
        (one,) = compared.shown
        lines = diff_lines(one.before, one.after)
        return [line.text.strip() for line in lines if line.sign in "+-"]

    def test_lays_the_other_trust_policy_beside_that_of_the_majority(self, viewer, outlier):
        (row,) = page(viewer, "?kind=role_trust_drift").context["found"]
        shown = viewer.get(row["href"])
        compared = shown.context["compared"]
        assert self.lines(compared) == [
            '"AWS": "arn:aws:iam::OWN-ACCOUNT:root"',
            '"AWS": "arn:aws:iam::999999999999:root"',
        ]
        (one,) = compared.shown
        assert (one.before_label, one.after_label) == ("majority, as in own-0", "own-1")
        said = " ".join(shown.content.decode().split())
        assert "Trust policy of deploy differs in 1 of 3 accounts of Security: own-1" in said
        assert "stands for each role's own account" in said

    def test_compares_with_the_first_where_no_way_has_a_majority(self, viewer, snapshot):
        accounts = accounts_read(snapshot, 2, "Security")
        for account, who in zip(accounts, ("888888888888", "999999999999"), strict=True):
            RoleFactory.create(
                connection=snapshot.connection,
                account_id=account.account_id,
                name="deploy",
                trust_policy=trusting(f"arn:aws:iam::{who}:root"),
                seen_from=FIRST_RUN_AT,
            )
        (row,) = page(viewer, "?kind=role_trust_drift").context["found"]
        (one,) = viewer.get(row["href"]).context["compared"].shown
        assert (one.before_label, one.after_label) == ("own-0", "own-1")

    def test_shows_the_same_in_the_inbox(self, viewer, snapshot, outlier):
        (row,) = page(viewer, "?kind=role_trust_drift").context["found"]
        item = InboxItemFactory.create(
            connection=snapshot.connection, source="structure", source_key=row["finding"].key
        )
        shown = viewer.get(reverse("finding-item", kwargs={"slug": SLUG, "item_id": item.pk}))
        assert '"AWS": "arn:aws:iam::999999999999:root"' in self.lines(
            shown.context["panel"]["compared"]
        )

    def test_shows_it_of_a_trust_finding(self, viewer, snapshot, outlier):
        majority = Principal.objects.filter(name="deploy").exclude(arn=outlier)[0].arn
        TrustFindingFactory.create(
            connection=snapshot.connection,
            key="k1",
            code="trust-differs-by-account",
            subject_arn=outlier,
            evidence={"alike_arn": majority},
            seen_from=FIRST_RUN_AT,
        )
        item = InboxItemFactory.create(
            connection=snapshot.connection, source_key="k1", target_id=outlier
        )
        shown = viewer.get(reverse("finding-item", kwargs={"slug": SLUG, "item_id": item.pk}))
        assert '"AWS": "arn:aws:iam::999999999999:root"' in self.lines(
            shown.context["panel"]["compared"]
        )

    def test_compares_nothing_with_a_role_that_the_viewer_may_not_see(self, snapshot, outlier):
        majority = Principal.objects.filter(name="deploy").exclude(arn=outlier)[0].arn
        account_id = outlier.split(":")[4]
        assert (
            trust_comparisons(
                Viewer(True, limits=(frozenset({Place(snapshot.connection.pk, account_id)}),)),
                connection=snapshot.connection,
                majority_arn=majority,
                other_arns=[outlier],
                as_of=None,
            )
            is None
        )


class TestNotKnown:
    def test_is_one_line_a_reason_with_the_places_of_every_ou(self, viewer, snapshot):
        never_complete(snapshot.connection, collector="iam.authorization_details")
        (line,) = [one for one in page(viewer).context["unjudged"] if "IAM" in one["reason"]]
        assert {"log-archive", "payments", "payments-test"} <= {
            place.name for place in line["places"]
        }
        assert len(line["labels"]) == 3


class TestOfManyAccounts:
    """Nobody waits for what takes a worker ten seconds."""

    @pytest.fixture(autouse=True)
    def many(self, settings, monkeypatch):
        settings.STRUCTURE_AT_ONCE_ACCOUNTS = 2
        monkeypatch.setattr(current_app, "send_task", lambda *_, **__: None)
        cache.clear()
        yield
        cache.clear()

    def test_the_page_says_that_a_worker_is_at_it_and_asks_again(self, viewer, snapshot):
        answer = page(viewer, "?severity=high&as_of=2026-11-23")
        assert answer.status_code == HTTPStatus.ACCEPTED
        text = answer.content.decode()
        assert "In progress" in text
        assert 'hx-trigger="every 2s"' in text
        assert "findings/structure/?severity=high&amp;as_of=2026-11-23" in text

    def test_asking_again_shows_nothing_new_until_it_is_found(self, viewer, snapshot):
        where = reverse("structure-findings", kwargs={"slug": SLUG})
        again = {"headers": {"HX-Request": "true"}}
        assert viewer.get(where, **again).status_code == HTTPStatus.NO_CONTENT
        prepare_findings(Viewer(sees_inventory=True), connection=snapshot.connection)
        assert "unattached is attached to no target" in viewer.get(where, **again).content.decode()

    def test_a_finding_and_a_file_are_waited_for_alike(self, viewer, snapshot):
        where = reverse(
            "finding",
            kwargs={"slug": SLUG, "finding_key": "scp_attached_nowhere:p-unatt001"},
        )
        assert viewer.get(where).status_code == HTTPStatus.ACCEPTED
        assert page(viewer, "?format=csv").status_code == HTTPStatus.ACCEPTED
