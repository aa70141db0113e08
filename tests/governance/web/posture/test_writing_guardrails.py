"""A guardrail is written on a page: tried first, refused by line, saved with a reason."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from governance.baseline.guardrails.definitions import guardrail_in_force
from governance.baseline.guardrails.models import GuardrailDefinition, GuardrailResult
from inventory.viewing import Place
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db

SHIPPED = "cloudtrail-stays-on"
TEXT = """\
id: nobody-makes-users
title: Nobody makes users
why: People come through federation.
topic: identity
severity: high
scope: {}
effect:
  actions: [iam:CreateUser]
remedy:
  text: Attach an SCP that denies it.
"""


@pytest.fixture
def connection():
    return organization_snapshot().connection


@pytest.fixture
def ada(client, connection):
    client.force_login(person("security", username="ada"))
    return client


def address(connection, name="guardrail-write", **kwargs):
    return reverse(name, kwargs={"slug": connection.slug, **kwargs})


def in_force(connection, guardrail_id):
    found = guardrail_in_force(connection, guardrail_id)
    assert found is not None
    return found


def write(client, connection, act, content=TEXT, **values):
    return client.post(address(connection), {"act": act, "content": content, **values})


class TestTrying:
    def test_shows_counts_and_counterexamples_and_stores_nothing(self, ada, connection):
        page = write(ada, connection, "try")
        text = " ".join(page.content.decode().split())

        assert "What it would find" in text
        assert "Fails" in text
        assert "iam:CreateUser</span> by" in text
        assert "/why-denied/?" in text
        assert not GuardrailDefinition.objects.exists()
        assert not GuardrailResult.objects.exists()

    def test_shows_a_fault_with_its_line_and_what_was_meant(self, ada, connection):
        page = write(ada, connection, "try", TEXT.replace("severity: high", "severity: hihg"))
        text = " ".join(page.content.decode().split())

        assert "<b>Line 5</b>" in text
        assert "did you mean high?" in text
        assert 'aria-invalid="true"' in text
        assert "hihg" in text

    @pytest.mark.parametrize("content", ["", "\x07", "id: [", "- 1"])
    def test_refuses_what_is_no_guardrail(self, ada, connection, content):
        page = write(ada, connection, "try", content)
        assert page.status_code == HTTPStatus.OK
        assert page.context["faults"]


class TestSaving:
    def test_puts_it_in_force_with_a_reason(self, ada, connection):
        answer = write(ada, connection, "save", reason="users have keys", version="0")
        made = in_force(connection, "nobody-makes-users")

        assert answer.url == address(connection, "guardrail", guardrail_id="nobody-makes-users")
        assert (made.version, made.reason) == (1, "users have keys")

    def test_asks_for_a_reason(self, ada, connection):
        page = write(ada, connection, "save")
        assert "Not saved" in page.content.decode()
        assert not GuardrailDefinition.objects.exists()

    def test_takes_no_other_ones_place(self, ada, connection):
        content = TEXT.replace("nobody-makes-users", SHIPPED)
        page = write(ada, connection, "save", content, reason="mine")
        assert f"there is a guardrail {SHIPPED}: choose another id" in page.content.decode()

    def test_edits_one_from_the_version_that_was_opened(self, ada, connection):
        write(ada, connection, "save", reason="first")
        edit = address(connection, "guardrail-edit", guardrail_id="nobody-makes-users")
        opened = ada.get(edit)
        content = opened.context["content"].replace("severity: high", "severity: low")
        values = {"act": "save", "content": content, "reason": "less", "version": "1"}
        ada.post(edit, values)
        late = ada.post(edit, {**values, "content": content.replace("low", "medium")})

        assert in_force(connection, "nobody-makes-users").version == 2
        assert "was changed after you opened it" in late.content.decode()

    def test_keeps_the_id_of_one_that_is_edited(self, ada, connection):
        edit = address(connection, "guardrail-edit", guardrail_id=SHIPPED)
        page = ada.post(edit, {"act": "save", "content": TEXT, "reason": "x"})
        assert f"its id stays {SHIPPED}" in page.content.decode()

    def test_is_for_who_may_manage_all_of_them_and_shown_to_others(self, client, connection):
        viewer = person("viewer", username="vera")
        part = person("security", Place(connection.pk, "222222222222"), username="ben")
        for user in (viewer, part):
            client.force_login(user)
            text = client.get(address(connection)).content.decode()
            assert " readonly" in text
            assert "Save guardrail" not in text
            assert write(client, connection, "try").status_code == HTTPStatus.FORBIDDEN


class TestSwitching:
    def test_disables_enables_and_resets_with_a_reason(self, ada, connection):
        switch = address(connection, "guardrail-switch", guardrail_id=SHIPPED)
        page = address(connection, "guardrail", guardrail_id=SHIPPED)
        ada.post(switch, {"act": "disable"})
        assert in_force(connection, SHIPPED).enabled

        ada.post(switch, {"act": "disable", "reason": "noise"})
        assert not in_force(connection, SHIPPED).enabled
        assert "Enable guardrail" in ada.get(page).content.decode()

        ada.post(switch, {"act": "enable", "reason": "needed"})
        assert in_force(connection, SHIPPED).enabled
        assert "Disable guardrail" in ada.get(page).content.decode()

    def test_is_offered_to_nobody_without_the_right(self, client, connection):
        client.force_login(person("viewer"))
        page = address(connection, "guardrail", guardrail_id=SHIPPED)
        text = client.get(page).content.decode()
        switch = address(connection, "guardrail-switch", guardrail_id=SHIPPED)

        assert "Disable guardrail" not in text
        assert "Edit guardrail" not in text
        assert client.post(switch, {"act": "disable"}).status_code == HTTPStatus.FORBIDDEN
