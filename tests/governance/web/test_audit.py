"""The screen Audit shows what was done to those who may know, and proves it."""

import csv
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from demo.smoke.drift import kept_baseline
from governance.access import rights
from governance.access.viewers import viewer_with
from governance.audit import dispatch
from governance.audit.models import AuditEntry, AuditVerification
from governance.audit.sealing import seal
from governance.audit.selectors import audit_entries, log_state
from governance.web.audit.listing import AuditPage
from inventory.viewing import Place
from tests.factories.audit import ADA, NOW, audit_entry, signed, signing_key_file
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person, token_of
from tests.factories.rich_snapshots import rich_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client):
    """The client of somebody who may read the log."""
    client.force_login(person("auditor"))
    return client


def text(answer):
    """Return a page's words, or those of a file."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


class TestList:
    def test_shows_who_did_what_to_what_and_whether_it_is_sealed(self, auditor):
        audit_entry(object_name="nightly report")
        page = text(auditor.get(reverse("audit")))
        assert "nightly report" in page
        assert "Token issued" in page
        assert "Not sealed yet" in page
        seal()
        assert "Not sealed yet" not in text(auditor.get(reverse("audit"))).split('id="rows"')[1]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=ADA", {"one", "two", "three"}),
            ("q=ne", {"one"}),
            ("q=192.0.2.1", {"one", "two", "three"}),
            ("subject=connection", {"two"}),
            ("action=token.issue", {"one", "three"}),
            ("outcome=refused", {"three"}),
            ("actor_id=7", {"one", "two", "three"}),
            ("actor_id=8", set()),
            ("actor_name=ada", {"one", "two", "three"}),
            ("object_kind=token&object_id=3", {"one", "three"}),
            ("recorded_after=2026-11-28T12:30:00Z", {"two"}),
            ("recorded_before=2026-11-28T12:30:00Z", {"one", "three"}),
        ],
    )
    def test_is_searched_by_actor_object_time_and_kind(self, auditor, query, found):
        audit_entry(object_name="one")
        audit_entry(
            object_name="two",
            action="connection.change",
            object_kind="connection",
            now=NOW + timedelta(hours=1),
        )
        audit_entry(object_name="three", outcome="refused")
        rows = json.loads(text(auditor.get(f"{reverse('audit')}?{query}&format=json")))
        assert {row["object_name"] for row in rows} - {""} >= found
        assert {row["object_name"] for row in rows} & {"one", "two", "three"} == found

    def test_a_wrong_filter_is_said(self, auditor):
        assert auditor.get(f"{reverse('audit')}?outcome=fine").status_code == 400

    def test_pages_go_on_without_a_gap(self, auditor, monkeypatch):
        monkeypatch.setattr(AuditPage, "page_size", 2)
        for number in range(5):
            audit_entry(object_name=f"name-{number}", now=NOW + timedelta(seconds=number))
        address, seen = f"{reverse('audit')}?actor_name=ada", []
        while address:
            answer = auditor.get(address)
            seen += [row.object_name for row in answer.context["rows"].object_list]
            following = answer.context["next_href"]
            address = f"{reverse('audit')}{following}" if following else ""
        assert seen == [f"name-{number}" for number in (4, 3, 2, 1, 0)]

    def test_exports_are_on_record_and_formulas_are_harmless(self, auditor):
        audit_entry(object_name="=1+1")
        answer = auditor.get(f"{reverse('audit')}?format=csv&actor_name=ada")
        rows = list(csv.DictReader(text(answer).splitlines()))
        assert [row["object_name"] for row in rows] == ["'=1+1"]
        entry = AuditEntry.objects.get(action="audit.export")
        assert entry.after == {"format": "csv", "filters": {"actor_name": ["ada"]}}
        assert entry.actor_name.startswith("person-")

    def test_of_a_data_page_an_export_is_on_record_too(self, client):
        connection = ConnectionFactory.create()
        client.force_login(person("viewer"))
        address = reverse("accounts", kwargs={"slug": connection.slug})
        assert client.get(f"{address}?format=csv").status_code == 200
        entry = AuditEntry.objects.get(action="data.export")
        assert (entry.object_id, entry.connection_id) == (address, connection.pk)

    def test_of_a_page_that_is_a_file_an_export_is_on_record_too(self, client):
        made = rich_snapshot("acme")
        visitor = person("administrator", username="administrator")
        baseline = kept_baseline(made.connection, visitor)
        client.force_login(visitor)
        slug = {"slug": made.connection.slug}
        number = {"baseline_number": baseline.number}
        files = {
            reverse("contract-export", kwargs=slug): ("Active contracts", "yaml"),
            reverse("trust-open-graph", kwargs=slug): ("Graph of paths", "json"),
            reverse("baseline-file", kwargs={**slug, **number}): ("Baseline version 1", "yaml"),
        }

        for address in files:
            assert "attachment" in client.get(address).headers["Content-Disposition"]

        recorded = {
            entry.object_id: (entry.object_name, (entry.after or {})["format"])
            for entry in AuditEntry.objects.filter(action="data.export")
        }
        assert recorded == files

    def test_hostile_names_are_shown_as_text(self, auditor):
        audit_entry(
            object_name="<script>alert(1)</script>{{ 7|add:7 }}",
            after={"<b>": "<img src=x onerror=alert(1)>"},
        )
        page = text(auditor.get(reverse("audit")))
        assert "<script>alert(1)" not in page
        assert "{{ 7|add:7 }}" in page
        entry = AuditEntry.objects.get(actor_name="ada")
        page = text(auditor.get(reverse("audit-entry", kwargs={"entry_id": entry.pk})))
        assert "<img src=x" not in page

    def test_takes_as_many_queries_for_many_rows_as_for_few(
        self, auditor, django_assert_max_num_queries
    ):
        connections = [ConnectionFactory.create() for _ in range(3)]
        for number in range(30):
            audit_entry(connection_id=connections[number % 3].pk, object_kind="connection")
        with django_assert_max_num_queries(25):
            auditor.get(reverse("audit"))


class TestWhoMayRead:
    @pytest.mark.parametrize(
        ("role", "status"),
        [
            ("viewer", 403),
            ("author", 403),
            ("approver", 403),
            ("security", 200),
            ("administrator", 200),
            ("auditor", 200),
        ],
    )
    def test_security_administrators_and_auditors(self, client, role, status):
        client.force_login(person(role))
        assert client.get(reverse("audit")).status_code == status

    def test_a_role_in_one_organization_shows_what_was_done_to_that(self, client):
        mine, other = ConnectionFactory.create(), ConnectionFactory.create()
        somebody = person("auditor", Place(mine.pk))
        entry = audit_entry(connection_id=mine.pk, object_name="mine")
        hidden = audit_entry(connection_id=other.pk, object_name="other")
        audit_entry(object_name="people")
        viewer = viewer_with(somebody, rights.VIEW_AUDIT)
        assert list(audit_entries(viewer)) == [entry]
        client.force_login(somebody)
        answer = client.get(reverse("audit"))
        assert [row.object_name for row in answer.context["rows"].object_list] == ["mine"]
        assert answer.context["log"] is None
        address = reverse("audit-entry", kwargs={"entry_id": hidden.pk})
        assert client.get(address).status_code == 404
        assert client.post(reverse("audit-verify")).status_code == 403


class TestEntry:
    def page(self, client, entry):
        return text(client.get(reverse("audit-entry", kwargs={"entry_id": entry.pk})))

    def test_shows_before_and_after_field_by_field(self, auditor):
        entry = audit_entry(before={"name": "old", "gone": 1}, after={"name": "new", "on": True})
        page = self.page(auditor, entry)
        for words in ("old", "new", "gone", "not there", "yes", "192.0.2.1", "r1"):
            assert words in page

    def test_shows_nothing_of_another_organizations_object_of_the_same_number(self, auditor):
        mine, other = ConnectionFactory.create(), ConnectionFactory.create()
        of = {"object_kind": "change_request", "object_id": "1"}
        entry, beside = (
            audit_entry(connection_id=mine.pk, object_name=name, **of) for name in ("one", "two")
        )
        audit_entry(connection_id=other.pk, object_name="elsewhere", **of)
        page = self.page(auditor, entry)
        assert "elsewhere" not in page
        assert reverse("audit-entry", kwargs={"entry_id": beside.pk}) in page
        listed = auditor.get(reverse("audit"), {**of, "organization": mine.slug})
        assert {row.object_name for row in listed.context["rows"].object_list} == {"one", "two"}

    def test_is_provable_once_a_checkpoint_covers_it(self, auditor, settings, tmp_path):
        settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)
        entry = audit_entry()
        address = reverse("audit-proof", kwargs={"entry_id": entry.pk})
        assert "not sealed yet" in self.page(auditor, entry)
        assert auditor.get(address).status_code == 404
        signed()
        assert "Download the proof" in self.page(auditor, entry)
        document = json.loads(text(auditor.get(address)))
        assert json.loads(document["entry"])["id"] == entry.pk

    def test_that_is_not_there_is_not_found(self, auditor):
        assert auditor.get(reverse("audit-entry", kwargs={"entry_id": 12345})).status_code == 404


class TestLogState:
    def test_tells_last_checkpoint_unsealed_entries_and_what_is_wrong(
        self, auditor, settings, tmp_path
    ):
        settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)
        audit_entry()
        signed()
        audit_entry()
        state = log_state(now=NOW)
        assert (state.unsealed, state.covered, state.sealed) == (1, state.sealed, state.sealed)
        assert state.problems == ()
        late = log_state(now=NOW + timedelta(hours=2))
        assert len(late.problems) == 2
        AuditVerification.objects.create(
            started_at=NOW,
            finished_at=NOW,
            tree_size=1,
            checkpoints=1,
            problems=[{"kind": "entry changed", "message": "entry 3 at position 2"}],
        )
        page = text(auditor.get(reverse("audit")))
        assert "Does not verify" in page
        assert "entry 3 at position 2" in page

    def test_verifying_is_handed_to_a_worker(
        self, auditor, monkeypatch, django_capture_on_commit_callbacks
    ):
        sent: list[str] = []
        monkeypatch.setattr(dispatch, "_send", sent.append)
        with django_capture_on_commit_callbacks(execute=True):
            auditor.post(reverse("audit-verify"))
        assert sent == ["audit.verify"]


class TestHistoryOfAnObject:
    def test_is_on_its_page_for_those_who_may_read_the_log(self, client):
        connection = ConnectionFactory.create()
        audit_entry(
            action="connection.change",
            object_kind="connection",
            object_id=str(connection.pk),
            connection_id=connection.pk,
            actor=ADA,
        )
        address = reverse("connection", kwargs={"slug": connection.slug})
        client.force_login(person("security"))
        assert "Connection changed" in text(client.get(address))
        client.force_login(person("viewer"))
        assert "Connection changed" not in text(client.get(address))

    def test_of_a_token_is_a_link_away(self, client):
        somebody = person("administrator")
        row, _ = token_of(somebody, rights.VIEW_INVENTORY)
        client.force_login(somebody)
        address = f"{reverse('audit')}?object_kind=token&amp;object_id={row.pk}"
        assert address in text(client.get(reverse("tokens")))

    def test_of_a_person_is_on_their_page(self, client):
        somebody = person("viewer")
        audit_entry(
            action="person.change", object_kind="person", object_id=str(somebody.pk), actor=ADA
        )
        client.force_login(person("administrator"))
        address = reverse("person", kwargs={"user_id": somebody.pk})
        assert "Person changed" in text(client.get(address))
        assert f'href="{address}"' in text(client.get(f"{reverse('audit')}?actor_name=ada"))
