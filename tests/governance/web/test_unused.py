"""The page of what SCPs allow and nobody used: the list, the SCP proposed, and the draft of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import LogDay
from inventory.service_facts import TRAIL
from tests.factories.edits import LOG_ARCHIVE, MANAGEMENT, PAYMENTS, PAYMENTS_TEST, ROOT, TEST
from tests.factories.edits import WEBSITE as WEB
from tests.factories.logs import LogDayFactory, LogSourceFactory, stored_usage
from tests.factories.people import person
from tests.factories.service_configurations import configuration
from tests.factories.snapshots import organization_snapshot
from tests.factories.usage import used

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    made = organization_snapshot()
    made.connection.slug = "acme"
    made.connection.save()
    return made.connection


@pytest.fixture
def logs(acme):
    """Ninety days of logs of a trail whose settings were collected, and one call."""
    now = timezone.now()
    source = LogSourceFactory.create(connection=acme, last_listed_at=now)
    LogDay.objects.bulk_create(
        LogDayFactory.build(
            source=source, account_id=each, day=now.date() - timedelta(days=number), newest_at=now
        )
        for each in (PAYMENTS, WEB, PAYMENTS_TEST, LOG_ARCHIVE, MANAGEMENT)
        for number in range(90)
    )
    configuration(
        acme, TRAIL, MANAGEMENT, name="everything", bucket=source.bucket, key_prefix=source.prefix,
        management_events="all", excluded_sources=[], data_events=[], partial_data_events=[],
    )  # fmt: skip
    stored_usage(acme, used("sqs:CreateQueue", account_id=PAYMENTS_TEST, at=now))
    return source


def of(name="unused", **query):
    return reverse(name, kwargs={"slug": "acme"}, query=query or None)


def listed(answer):
    return {row["prefix"]: row["look"] for row in answer.context["rows"]}


@pytest.fixture
def as_author(client):
    client.force_login(person("author"))
    return client


class TestUnused:
    def test_without_logs_everything_is_not_known(self, as_author, acme):
        answer = as_author.get(of(state="not_known"))
        assert "Usage not known" in answer.content.decode()
        assert set(listed(answer).values()) == {"not_known"}

    def test_lists_services_without_use_and_leads_to_the_used_ones(self, as_author, acme, logs):
        answer = as_author.get(of(target=TEST))
        assert listed(answer)["sns"] == "unused"
        assert "sqs" not in listed(answer)
        assert listed(as_author.get(of(target=TEST, state="used"))) == {"sqs": "used"}

    def test_says_how_many_actions_are_not_known_and_why(self, as_author, acme, logs):
        text = as_author.get(of(target=TEST)).content.decode()
        assert "actions: the trail does not log these data events." in text
        assert "actions: CloudTrail has no event for it." in text

    def test_leads_down_the_tree_and_to_what_else_is_unused(self, as_author, acme, logs):
        answer = as_author.get(of(target=ROOT, days=30))
        text = answer.content.decode()
        assert answer.context["below"][0]["href"].replace("&", "&amp;") in text
        assert "management" not in {row["name"] for row in answer.context["below"]}
        assert f"{reverse('principals', kwargs={'slug': 'acme'})}?unused_days=30" in text
        assert f"{reverse('exceptions', kwargs={'slug': 'acme'})}?used=never" in text

    def test_says_that_no_scp_binds_the_management_account(self, as_author, acme, logs):
        text = as_author.get(of(target=MANAGEMENT)).content.decode()
        assert "No account here is bound by SCPs" in text

    def test_of_another_organizations_target_nothing_is_said(self, as_author, acme):
        assert as_author.get(of(target="ou-zz99-else0001")).status_code == 404
        assert as_author.get(of(days=0)).status_code == 400


class TestProposal:
    def test_shows_the_scp_with_what_it_would_do_to_recorded_use(self, as_author, acme, logs):
        sent = {"target": TEST, "days": "90", "service": ["sns", "sqs"]}
        answer = as_author.post(of(), sent)
        text = answer.content.decode()
        assert "DenyUnused" in text
        assert answer.context["usage"].sentence.title == (
            "0 of 1 call in 90 days would have been denied."
        )
        assert answer.context["effect"].denied_accounts == 1
        assert answer.context["effect"].denied_actions == answer.context["proposal"].actions

    def test_says_so_where_the_chosen_services_have_nothing_to_deny(self, as_author, acme):
        answer = as_author.post(of(), {"target": TEST, "days": "90", "service": ["sns"]})
        assert "no action that is known to be unused" in answer.content.decode()

    def test_becomes_a_change_request_in_the_form(self, as_author, acme, logs):
        sent = {"target": TEST, "days": "90", "service": ["sns"]}
        answer = as_author.post(of("change-from-unused"), sent)
        written = answer.context["written"]
        assert [one.kind for one in written.operations] == ["create_policy", "attach_policy"]
        assert written.operations[1].target_id == TEST
        assert "unused actions of 1 service" in written.fields["title"]
        assert "as CloudTrail recorded it" in written.fields["reason"]

    def test_is_for_who_may_simulate_and_the_draft_for_who_may_propose(self, client, acme, logs):
        client.force_login(person("viewer"))
        sent = {"target": TEST, "days": "90", "service": ["sns"]}
        assert client.get(of(target=TEST)).status_code == 200
        assert client.post(of("change-from-unused"), sent).status_code == 403
