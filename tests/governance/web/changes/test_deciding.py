"""Reviewers and security decide on the page, on what the checks have found."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from governance.approvals.models import Review, SettingVersion
from governance.audit.models import AuditEntry
from governance.changes.evidence.collected import EVERYTHING
from governance.changes.life.checking import change_check
from governance.changes.life.drafting import change_create
from governance.changes.life.shown import shown_plan
from governance.changes.life.submitting import change_submit
from governance.changes.models import ChangeRequest
from governance.web.changes.shown_evidence import shown_evidence
from tests.factories.edits import (
    PAYMENTS_TEST,
    PROD,
    SECURITY,
    TEST,
    WORKLOADS,
    attached,
    edited,
    moved,
)
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, prove
from tests.factories.policies import denying
from tests.factories.times import FIRST_RUN_AT
from tests.governance.changes.life.conftest import acting, content


@pytest.fixture
def olga(snapshot):
    """Who owns Security."""
    user = person("approver", username="olga", first_name="Olga", last_name="Lind")
    OwnershipFactory.create(
        connection=snapshot.connection, target_id=SECURITY, user=user, confirmed_at=LONG_AGO
    )
    person("security", username="sam")
    return user


@pytest.fixture
def submit(snapshot, author, olga):
    """Return a function that has a request checked."""

    def make(*operations, at=FIRST_RUN_AT, **members):
        made = change_create(
            by=acting(author),
            connection=snapshot.connection,
            content=content(*(operations or (attached("p-unatt001", SECURITY),)), **members),
            now=timezone.now(),
        )
        change_submit(by=acting(author), change_request_id=made.pk, now=timezone.now())
        change_check(change_request_id=made.pk, clock=lambda: at)
        made.refresh_from_db()
        return made

    return make


@pytest.fixture
def decide(client, address):
    """Send a verdict on a request, as its page stands."""

    def post(asked, verdict, **changed):
        href = address("change-request-review", number=asked.number)
        fields = {"verdict": verdict, "digest": asked.plan_sha256, **changed}
        page = client.post(href, fields, follow=True).content.decode()
        asked.refresh_from_db()
        return page

    return post


class TestReview:
    def test_is_asked_of_an_owner_who_sees_what_it_does_to_their_accounts(
        self, submit, olga, client, address
    ):
        asked = submit()
        assert asked.state == "in_review", asked.state_reason
        client.force_login(olga)

        page = client.get(address("change-request", number=asked.number)).content.decode()

        assert "Waiting for you" in page
        assert "of your accounts" in page
        assert "Approve for 1 account" in page
        assert "Your review is requested" in page

    def test_approves_the_plan_that_the_page_showed(self, submit, olga, client, decide, address):
        asked = submit()
        client.force_login(olga)
        assert "You confirm first that it is you." in (
            client.get(address("change-request", number=asked.number)).content.decode()
        )
        prove(client)

        page = decide(asked, "approve")

        assert "You approved CR-1." in page
        assert asked.state == "in_review"
        assert "security as well" in page
        client.force_login(User.objects.get(username="sam"))
        prove(client)
        decide(asked, "approve")
        assert asked.state == "approved"
        assert {one.digest for one in Review.objects.all()} == {asked.plan_sha256}

    def test_is_refused_where_the_plan_was_edited_meanwhile(self, submit, olga, client, decide):
        asked = submit()
        client.force_login(olga)
        prove(client)

        page = decide(asked, "approve", digest="0" * 64)

        assert "toast-line is-bad" in page

        assert asked.state == "in_review"
        assert not Review.objects.exists()

    def test_sends_it_back_or_closes_it_with_a_reason(self, submit, olga, client, decide):
        client.force_login(olga)
        for verdict, state in (("request_changes", "changes_requested"), ("reject", "rejected")):
            asked = submit()
            decide(asked, verdict)
            assert asked.state == "in_review"
            page = decide(asked, verdict, body="Not the log archive.")
            assert asked.state == state
            assert "Not the log archive." in page

    def test_tells_the_author_why_it_is_not_theirs(self, submit, olga, client, address, decide):
        asked = submit()

        page = client.get(address("change-request", number=asked.number)).content.decode()
        assert "You requested this change, so others must approve it." in page
        assert "Can approve: Olga Lind" in page
        assert "Approve for" not in page

        decide(asked, "approve")
        assert asked.state == "in_review"

    def test_knows_no_other_verdict(self, submit, olga, client, address):
        asked = submit()
        client.force_login(olga)

        answer = client.post(
            address("change-request-review", number=asked.number), {"verdict": "x"}
        )

        assert answer.status_code == 400


class TestActs:
    def test_withdraw_and_submit_again_say_what_came_of_them(self, submit, client, address):
        asked = submit()
        href = address("change-request-act", number=asked.number)

        page = client.post(href, {"act": "withdraw", "reason": "Not now"}, follow=True)

        assert "CR-1 is withdrawn." in page.content.decode()
        assert ChangeRequest.objects.get().state == "withdrawn"
        page = client.post(href, {"act": "submit"}, follow=True).content.decode()
        assert "there is nothing to submit" in page
        assert client.post(href, {"act": "destroy"}).status_code == 400

    def test_an_attachment_above_the_rings_moves_to_its_children_by_a_button(
        self, submit, author, client, address
    ):
        rings = [
            {"name": "Canary", "targets": [TEST], "soak_minutes": 5, "gate": "automatic"},
            {"name": "All", "targets": [WORKLOADS], "soak_minutes": 0, "gate": "automatic"},
        ]
        asked = submit(edited("p-regio001", denying("rds:*")), rings=tuple(rings))
        client.force_login(author)
        page = client.get(address("change-request-evidence", number=asked.number)).content.decode()
        assert "Move the attachment to 2 children" in " ".join(page.split())

        href = address("change-request-act", number=asked.number)
        fields = {"act": "move_down", "policy_id": "p-regio001", "target_id": WORKLOADS}
        page = client.post(href, fields, follow=True).content.decode()

        assert "Run the checks again" in page
        asked.refresh_from_db()
        assert asked.operations[1:] == [
            {"kind": "attach_policy", "policy_id": "p-regio001", "target_id": PROD},
            {"kind": "attach_policy", "policy_id": "p-regio001", "target_id": TEST},
            {"kind": "detach_policy", "policy_id": "p-regio001", "target_id": WORKLOADS},
        ]
        page = client.post(href, fields, follow=True).content.decode()
        assert "does not offer this any more" in page

    def test_a_change_of_settings_is_not_counted_as_a_change_of_access(
        self, submit, author, client, address
    ):
        tags = '{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}'
        asked = submit(edited("p-costs001", tags))
        client.force_login(author)
        page = client.get(address("change-request", number=asked.number)).content.decode()
        assert "accounts get other settings" in page
        assert "lose access" not in page
        asked = submit(edited("p-regio001", denying("rds:*")))
        page = client.get(address("change-request", number=asked.number)).content.decode()
        assert "accounts lose access" in page
        assert "get other settings" not in page
        asked = submit(edited("p-costs001", tags), edited("p-regio001", denying("rds:*")))
        evidence = shown_evidence(EVERYTHING, asked, shown_plan(EVERYTHING, asked))
        assert evidence is not None
        assert evidence.counts() == {
            "lose": 0,
            "gain": 1,
            "settings": 3,
            "uncertain": 0,
            "decided": 1,
            "accounts": 3,
        }

    def test_a_moved_ou_becomes_a_new_ou_and_account_moves_by_a_button(
        self, submit, author, client, address
    ):
        asked = submit(moved(TEST, SECURITY))
        assert asked.state == "checks_failed"
        client.force_login(author)
        page = client.get(address("change-request-evidence", number=asked.number)).content.decode()
        assert "AWS has no call that moves an OU" in page
        assert "Create a new OU and move 1 account" in " ".join(page.split())

        href = address("change-request-act", number=asked.number)
        fields = {"act": "unit_move", "target_id": TEST}
        page = client.post(href, fields, follow=True).content.decode()

        assert "Run the checks again" in page
        asked.refresh_from_db()
        assert [one["kind"] for one in asked.operations] == [
            "create_organizational_unit",
            "move_account",
            "delete_organizational_unit",
        ]
        assert asked.operations[0]["parent_id"] == SECURITY
        assert asked.operations[1]["target_id"] == PAYMENTS_TEST
        page = client.post(href, fields, follow=True).content.decode()
        assert "does not offer this any more" in page

    def test_the_page_is_read_anew_once_the_state_is_another(self, submit, client, address):
        asked = submit()
        href = address("change-request-state", number=asked.number)

        assert client.get(f"{href}?state=in_review").status_code == 204
        assert client.get(f"{href}?state=checking").headers["HX-Refresh"] == "true"

    def test_an_approved_plan_is_handed_out_as_files(self, submit, olga, client, decide, address):
        asked = submit(applied="elsewhere")
        for person_asked in (olga, User.objects.get(username="sam")):
            client.force_login(person_asked)
            prove(client)
            page = decide(asked, "approve")
        assert asked.state == "handed_out"
        assert "Download the plan as files" in page

        answer = client.get(address("change-request-files", number=asked.number))

        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.content[:2] == b"PK"
        entry = AuditEntry.objects.get(action="data.export")
        assert entry.object_name == f"Files of CR-{asked.number}"


class TestOverride:
    def test_security_lets_a_soft_finding_pass_with_a_reason(
        self, snapshot, submit, olga, client, address
    ):
        sam = User.objects.get(username="sam")
        SettingVersion.objects.create(
            connection=snapshot.connection,
            kind=SettingVersion.Kind.CHECK_LEVELS,
            version=1,
            state=SettingVersion.State.ACTIVE,
            content={"inventory_stale": "soft"},
            proposed_by=sam,
            proposed_at=FIRST_RUN_AT,
            decided_by=olga,
        )
        asked = submit(at=FIRST_RUN_AT + timedelta(days=60))
        assert asked.state == "checks_failed"
        evidence = address("change-request-evidence", number=asked.number)
        assert "Override this finding" not in client.get(evidence).content.decode()
        client.force_login(sam)
        (href,) = re.findall(r'action="([^"]+/override/)"', client.get(evidence).content.decode())
        assert client.post(href, {"reason": "x"}).url.startswith(reverse("step-up"))
        prove(client)

        page = client.post(href, {"reason": "A run comes tonight"}, follow=True).content.decode()

        asked.refresh_from_db()
        assert asked.state == "checking"
        assert "Overridden" in page
        assert "A run comes tonight" in page
