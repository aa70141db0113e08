"""The screens of owners, grants and absence: what they show, to whom, and what buttons do."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from governance.access.owners.models import (
    GrantProposal,
    Label,
    LabelRule,
    OwnerRule,
    Ownership,
    TagConfirmation,
)
from governance.audit.models import AuditEntry
from inventory.viewing import Place
from tests.factories.organization import AccountFactory
from tests.factories.owners import OwnerRuleFactory, OwnershipFactory, group_of
from tests.factories.people import UserFactory, give_role, person
from tests.factories.versions import changed
from tests.governance.web.owners.conftest import text

pytestmark = pytest.mark.django_db


class TestList:
    def test_shows_gaps_first_and_whose_each_target_is(
        self, client, connection, ids, at, security, ada
    ):
        OwnerRuleFactory.create(connection=connection, tag_key="team")
        OwnershipFactory.create(connection=connection, target_id=ids["Test"], user=ada)

        answer = client.get(at("owners"))

        rows = {row.target.name: row for row in answer.context["rows"].object_list}
        assert rows["payments-test"].found.source_words == "inherited from OU Test"
        assert [one.label for one in rows["payments-test"].shown] == ["Ada Byron"]
        assert rows["payments-test"].environment.source_words == "guessed from tag environment=test"
        lines = {line.note: line.count for line in answer.context["gap_lines"]}
        assert lines == {
            "that nobody owns": 4,
            "matching nothing": 1,
            "overdue for recertification": 1,
        }

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("gap=unowned&kind=ACCOUNT", ["management", "log-archive", "payments", "website"]),
            ("gap=overdue", ["Test"]),
            ("owner=byron&kind=ACCOUNT", ["payments-test"]),
            ("environment=production&kind=ACCOUNT", ["payments", "website"]),
            ("under=ou-ab12-test0001", ["Test", "payments-test"]),
            ("q=222222222224", ["payments-test"]),
            ("q=PAYMENTS", ["payments", "payments-test"]),
        ],
    )
    def test_filters(self, client, connection, ids, at, security, ada, query, names):
        OwnershipFactory.create(connection=connection, target_id=ids["Test"], user=ada)

        answer = client.get(f"{at('owners')}?{query}")

        assert [row.target.name for row in answer.context["rows"].object_list] == names

    def test_refuses_a_filter_that_it_does_not_have(self, client, at, security):
        assert client.get(f"{at('owners')}?gap=none").status_code == 400
        assert client.get(f"{at('owners')}?owners=x").status_code == 400

    def test_shows_a_viewer_of_a_part_that_part_alone(self, client, connection, ids, at, ada):
        OwnershipFactory.create(connection=connection, target_id=ids["Workloads"], user=ada)
        client.force_login(person("viewer", Place(connection.pk, ids["Test"])))

        answer = client.get(at("owners"))

        rows = answer.context["rows"].object_list
        assert [row.target.name for row in rows] == ["Test", "payments-test"]
        assert rows[0].found.source_words == "inherited from OU Workloads"
        assert not any(row.may_edit for row in rows)
        assert "log-archive" not in text(answer)

    def test_exports_what_is_chosen(self, client, connection, ids, at, security, ada):
        OwnershipFactory.create(connection=connection, target_id=ids["Test"], user=ada)

        answer = client.get(f"{at('owners')}?owner=ada&format=csv")

        lines = b"".join(answer.streaming_content).decode().splitlines()
        assert lines[0].startswith("target_id,kind,name")
        assert len(lines) == 3

    def test_costs_the_same_queries_for_more_targets_and_owners(
        self, client, connection, ids, at, security, ada, django_assert_max_num_queries
    ):
        OwnerRuleFactory.create(connection=connection)
        for number in range(60):
            account = AccountFactory.create(connection=connection, tags={"owner": f"x{number}"})
            OwnershipFactory.create(connection=connection, target_id=account.account_id, user=ada)

        with django_assert_max_num_queries(31):
            client.get(at("owners"))


class TestEditing:
    def test_sets_owners_and_labels(self, client, ids, at, security, ada):
        answer = client.post(
            at("owners-edit", target_id=ids["payments-test"]),
            {"add": "ada", "environment": "sandbox", "criticality": "low"},
        )

        assert answer.url == at("owners")
        assert Ownership.objects.get().user == ada
        assert {(one.kind, one.value) for one in Label.objects.all()} == {
            ("environment", "sandbox"),
            ("criticality", "low"),
        }
        acts = AuditEntry.objects.exclude(action__startswith="person")
        assert sorted(acts.values_list("action", flat=True)) == [
            "label.set",
            "label.set",
            "owner.set",
        ]

    def test_keeps_those_ticked_and_adds_groups(self, client, connection, ids, at, security, ada):
        OwnershipFactory.create(connection=connection, target_id=ids["Test"], user=ada)
        OwnershipFactory.create(
            connection=connection, target_id=ids["Test"], user=UserFactory.create()
        )
        team = group_of("payments", ada)

        client.post(
            at("owners-edit", target_id=ids["Test"]),
            {"keep": [f"person:{ada.pk}"], "add": "group:payments"},
        )

        open_rows = Ownership.objects.filter(ended_at=None)
        assert {row.user or row.group for row in open_rows} == {ada, team}

    def test_in_production_proposes_and_says_so(self, client, ids, at, security, ada):
        answer = client.post(
            at("owners-edit", target_id=ids["payments"]), {"add": "ada"}, follow=True
        )

        assert "count once a second person has confirmed" in text(answer)
        assert GrantProposal.objects.get().state == "proposed"
        shown = text(client.get(at("account", account_id=ids["payments"])))
        assert "Not confirmed" in shown

    def test_says_by_field_who_is_not_known(self, client, ids, at, security):
        answer = client.post(at("owners-edit", target_id=ids["Test"]), {"add": "nobody"})

        assert answer.context["form"].errors["add"] == [
            "nobody matches no user name, e-mail or group."
        ]
        assert not Ownership.objects.exists()

    def test_is_not_found_or_refused_outside_of_ones_part(self, client, connection, ids, at):
        user = person("viewer", Place(connection.pk, ids["Workloads"]))
        give_role(user, "security", Place(connection.pk, ids["Test"]))
        client.force_login(user)

        assert client.get(at("owners-edit", target_id=ids["payments-test"])).status_code == 200
        assert client.get(at("owners-edit", target_id=ids["payments"])).status_code == 403
        assert client.get(at("owners-edit", target_id=ids["log-archive"])).status_code == 404
        assert client.get(at("owners-edit", target_id="999999999999")).status_code == 404


class TestConfirming:
    @pytest.fixture
    def tagged(self, connection, ada):
        OwnerRuleFactory.create(connection=connection)
        return group_of("payments", ada)

    def test_lists_tag_owners_and_confirms_those_chosen(
        self, client, connection, ids, at, security, tagged
    ):
        rows = client.get(at("owners-to-confirm")).context["rows_to_confirm"]
        assert {row["name"] for row in rows} == {"payments", "payments-test"}

        answer = client.post(
            at("owners-to-confirm"), {"owner": [row["key"] for row in rows]}, follow=True
        )

        assert "2 owners confirmed" in text(answer)
        assert TagConfirmation.objects.count() == 2
        assert answer.context["rows_to_confirm"] == []

    def test_nothing_is_confirmed_where_a_tag_changed(
        self, client, organization, at, security, tagged
    ):
        rows = client.get(at("owners-to-confirm")).context["rows_to_confirm"]
        account = organization.accounts["payments"]
        changed(account, at=timezone.now(), tags={"owner": "mallory"})

        answer = client.post(
            at("owners-to-confirm"), {"owner": [row["key"] for row in rows]}, follow=True
        )

        assert "Nothing was confirmed" in text(answer)
        assert not TagConfirmation.objects.exists()

    def test_is_securitys_alone_and_takes_only_what_it_sends(self, client, at, security, tagged):
        assert client.post(at("owners-to-confirm"), {"owner": ["x"]}).status_code == 400
        assert client.post(at("owners-to-confirm"), {"owner": ["[1]"]}).status_code == 400
        client.force_login(person("author"))
        assert client.post(at("owners-to-confirm"), {"owner": []}).status_code == 403


class TestRecertification:
    def test_one_button_a_row_begins_the_time_again(
        self, client, connection, ids, at, security, ada
    ):
        row = OwnershipFactory.create(connection=connection, target_id=ids["Test"], user=ada)
        other = give_role(ada, "viewer")
        answer = client.get(at("owners-recertification"))
        assert [one["key"] for one in answer.context["overdue_owners"]] == [f"o{row.pk}"]

        client.post(at("owners-recertification"), {"still_right": [f"o{row.pk}"]})

        assert client.get(at("owners-recertification")).context["overdue_owners"] == []
        assert other.pk not in {one["role"].pk for one in answer.context["overdue_roles"]}

    def test_roles_are_for_who_manages_them(self, client, at, ada):
        user = person("administrator")
        client.force_login(user)
        row = give_role(ada, "viewer")

        answer = client.get(at("owners-recertification"))
        assert {one["role"].pk: one["may"] for one in answer.context["overdue_roles"]} == {
            row.pk: True,
            user.role_assignments.get().pk: False,
        }
        client.post(at("owners-recertification"), {"still_right": [f"r{row.pk}"]})
        assert len(client.get(at("owners-recertification")).context["overdue_roles"]) == 1


class TestRules:
    def test_previews_without_saving_and_then_saves(self, client, at, security, ada):
        given = {"tag_key": "owner", "values": "web = ada"}

        answer = client.post(at("owner-rules"), given | {"preview": "1"})
        assert answer.context["preview"].named == 1
        assert not OwnerRule.objects.exists()

        client.post(at("owner-rules"), given)
        shown = client.get(at("owner-rules")).context["rules"]
        assert shown[0]["values"] == [("web", "Ada Byron")]
        assert (shown[0]["named"], shown[0]["targets"]) == (1, 4)

    def test_says_that_a_rule_matches_nothing(self, client, connection, at, security):
        preview = client.post(at("owner-rules"), {"tag_key": "Owner", "preview": "1"})
        assert "The rule matches nothing" in text(preview)
        OwnerRuleFactory.create(connection=connection, tag_key="Owner")
        assert "Matches nothing" in text(client.get(at("owner-rules")))

    def test_says_by_line_what_is_wrong(self, client, at, security):
        answer = client.post(at("owner-rules"), {"tag_key": "owner", "values": "web = nobody"})
        assert "Line 1: nobody matches no user name" in answer.context["form"].errors["values"][0]

    def test_edits_and_ends(self, client, connection, at, security, ada):
        client.post(at("owner-rules"), {"tag_key": "owner", "values": "web = ada"})
        form = client.get(f"{at('owner-rules')}?edit=owner").context["form"]
        assert form.initial["values"] == "web = ada"
        rule = OwnerRule.objects.get()

        client.post(at("owner-rule-end", of="owner", rule_id=rule.pk))

        assert OwnerRule.objects.as_of(None).count() == 0
        again = client.post(at("owner-rule-end", of="owner", rule_id=rule.pk))
        assert again.status_code == 404

    def test_keeps_and_ends_rules_over_labels(self, client, at, security):
        client.post(
            at("owner-rules"), {"kind": "criticality", "tag_key": "tier", "values": "1 = critical"}
        )
        rule = LabelRule.objects.get()
        assert rule.values == {"1": "critical"}
        answer = client.post(
            at("owner-rules"), {"kind": "criticality", "tag_key": "tier", "values": "1 = x"}
        )
        assert "criticality is one of" in text(answer)
        client.post(at("owner-rule-end", of="label", rule_id=rule.pk))
        assert LabelRule.objects.as_of(None).count() == 0

    def test_is_for_who_manages_the_whole_organization(self, client, connection, ids, at):
        client.force_login(person("security", Place(connection.pk, ids["Test"])))
        assert client.post(at("owner-rules"), {"tag_key": "owner"}).status_code == 403


class TestImport:
    def upload(self, client, at, content, name="owners.csv"):
        upload = SimpleUploadedFile(name, content.encode())
        return client.post(at("owners-import"), {"file": upload})

    def apply(self, client, at, shown):
        given = {name: shown.context[name] for name in ("content", "name", "digest")}
        return client.post(at("owners-import"), given | {"apply": "1"}, follow=True)

    def test_previews_and_then_applies_what_was_shown(self, client, ids, at, security, ada):
        content = f"target,owner,environment\n{ids['Test']},ada,test\npayments,ada,\n"
        shown = self.upload(client, at, content)
        assert [change.target.name for change in shown.context["owner_changes"]] == [
            "Test",
            "payments",
        ]
        assert shown.context["waiting"] == 1
        assert not Ownership.objects.exists()

        done = self.apply(client, at, shown)

        assert "1 count once a second person has confirmed" in text(done)
        assert Ownership.objects.filter(source="file").count() == 2
        assert Label.objects.get().value == "test"

    def test_shows_errors_by_line_and_applies_nothing(self, client, ids, at, security, ada):
        content = f"target,owner\n{ids['Test']},ada\nnowhere,ada\npayments,bob\n"
        shown = self.upload(client, at, content)

        assert [error.number for error in shown.context["errors"]] == [3, 4]
        done = client.post(
            at("owners-import"), {"apply": "1", "content": content, "name": "x.csv", "digest": ""}
        )
        assert "Nothing was changed" in text(done)
        assert not Ownership.objects.exists()

    def test_looks_again_where_something_changed_since(self, client, ids, at, security, ada):
        shown = self.upload(client, at, f"target,owner\n{ids['Test']},payments\n")
        assert shown.context["errors"]
        group_of("payments", ada)
        shown = self.upload(client, at, f"target,owner\n{ids['Test']},payments\n")
        ben = UserFactory.create(username="payments")

        done = self.apply(client, at, shown)

        assert "look again" in text(done)
        assert done.context["owner_changes"][0].after[0].key.pk == ben.pk
        assert not Ownership.objects.exists()

    def test_says_why_a_file_cannot_be_read(self, client, at, security):
        shown = self.upload(client, at, "a,b\n")
        assert "is not a column" in shown.context["form"].errors["file"][0]
