"""The pages of settings that a second person confirms."""

import pytest
from django.urls import reverse

from governance.approvals.models import SettingVersion
from governance.approvals.settings import active_setting
from inventory.viewing import Place
from tests.factories.people import person, prove
from tests.factories.snapshots import organization_snapshot

KIND = SettingVersion.Kind.APPROVAL_RULES


@pytest.fixture
def connection(db):
    return organization_snapshot().connection


@pytest.fixture
def sign_in(client):
    def signed_in(user):
        client.force_login(user)
        prove(client)

    return signed_in


@pytest.fixture
def sam(connection, sign_in):
    user = person("security", username="sam")
    sign_in(user)
    return user


def href(connection, name="approval-rules", **given):
    return reverse(name, kwargs={"slug": connection.slug, **given})


def text(answer):
    return answer.content.decode()


def sent(client, connection, name="approval-rules", **changes):
    """Return what the form of a setting would send, changed."""
    form = client.get(href(connection, f"{name}-propose")).context["form"]
    data = {"base_version": "0", "reason": "Fewer days."}
    for field in form:
        value = field.value()
        if value not in (None, False, ""):
            data[field.html_name] = "on" if value is True else value
    for table in form.shown_tables():
        data[f"count-{table.table.name}"] = str(len(table.rows))
    return {**data, **changes}


class TestSettingPages:
    @pytest.mark.parametrize("kind", SettingVersion.Kind.values)
    def test_show_the_defaults_and_a_form_of_each_kind(self, client, connection, sam, kind):
        name = kind.replace("_", "-")
        page = client.get(href(connection, name))
        assert page.status_code == 200
        assert "the defaults" in text(page)
        assert client.get(href(connection, f"{name}-propose")).status_code == 200

    def test_what_the_form_sends_unchanged_is_what_holds(self, client, connection, sam):
        for kind in SettingVersion.Kind.values:
            name = kind.replace("_", "-")
            data = sent(client, connection, name)
            answer = client.post(href(connection, f"{name}-propose"), data)
            assert "Nothing differs from the active version." in text(answer), kind

    def test_a_second_person_reads_what_changes_and_confirms(
        self, client, connection, sam, sign_in
    ):
        kim = person("administrator", username="kim")
        data = sent(client, connection, **{"value-expire_after_days": "3", "rules-1-count": "2"})
        assert client.post(href(connection, "approval-rules-propose"), data).status_code == 302
        own = text(client.get(href(connection)))
        assert "Withdraw proposal" in own
        assert "Confirm version 1" not in own
        decide = href(connection, "approval-rules-decide", version=1, decision="confirm")
        assert "second person confirms" in text(client.post(decide, follow=True))
        assert active_setting(connection, KIND)[0] == 0

        sign_in(kim)
        page = client.get(href(connection))
        assert [(one.what, one.label, one.after) for one in page.context["changes"]] == [
            ("", "Expire after days", ("3",)),
            ("Rule Root and production", "Approvals", ("2",)),
        ]
        assert "Fewer days." in text(page)
        assert "Version 1 is active" in text(client.post(decide, follow=True))
        assert active_setting(connection, KIND)[0] == 1
        assert client.get(href(connection), {"version": "1"}).context["looked_at"].version == 1

    def test_rows_come_and_go_and_nothing_typed_is_lost(self, client, connection, sam):
        address = href(connection, "approval-rules-propose")
        data = sent(client, connection, **{"rules-0-name": "Renamed"})
        added = client.post(address, {**data, "add": "rules"}).context["form"]
        (table,) = added.shown_tables()
        assert [row.title for row in table.rows] == ["Renamed", "Root and production", "New rule"]
        removed = client.post(address, {**data, "remove": "rules-1"}).context["form"]
        assert [row.title for row in removed.shown_tables()[0].rows] == ["Renamed"]
        assert removed["reason"].value() == "Fewer days."

    def test_what_is_wrong_is_said_at_its_field(self, client, connection, sam):
        data = sent(client, connection, **{"rules-0-count": "many", "rules-1-from": "group"})
        form = client.post(href(connection, "approval-rules-propose"), data).context["form"]
        assert form["rules-0-count"].errors == ["Give a whole number."]

    def test_a_lone_person_is_told_before_proposing(self, client, connection, sam):
        for name in ("approval-rules", "approval-rules-propose"):
            assert "Nobody else may confirm this" in text(client.get(href(connection, name)))

    def test_readers_see_no_button_and_people_of_a_part_no_page(self, client, connection, sign_in):
        sign_in(person("viewer"))
        assert "Propose a change" not in text(client.get(href(connection)))
        assert client.get(href(connection, "approval-rules-propose")).status_code == 403
        sign_in(person("security", Place(connection.pk, "ou-ab12-test0001")))
        assert client.get(href(connection)).status_code == 403
        assert client.get(href(connection, "approval-rules-propose")).status_code == 403
