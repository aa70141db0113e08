"""Suspected deletions on the page of their run and where their rows are shown."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from inventory.models import InventoryRun, Policy, SuspectedDeletion
from tests.factories.people import person
from tests.factories.principals import RoleFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.suspected import suspected


@pytest.fixture
def acme(db):
    made = organization_snapshot()
    made.connection.slug = "acme"
    made.connection.save()
    return made


@pytest.fixture
def policies(acme):
    return suspected(acme.run, list(Policy.objects.as_of(None)[:2]))


def address(name, **more):
    return reverse(name, kwargs={"slug": "acme", **more})


def signed_in(client, group):
    client.force_login(person(group, username=group))
    return client


class TestTheRun:
    def test_lists_what_it_held_back_on_a_tab_of_its_own(self, client, acme, policies):
        page = signed_in(client, "viewer").get(
            address("inventory-run-suspected", run_id=acme.run.pk)
        )
        text = page.content.decode()
        assert "Suspected deletions" in text
        assert "Policies" in text
        assert "Confirm deletion" not in text

    def test_has_no_such_tab_when_it_held_nothing_back(self, client, acme):
        page = signed_in(client, "viewer").get(address("inventory-run", run_id=acme.run.pk))
        assert "Suspected deletions" not in page.content.decode()

    def test_exports_them(self, client, acme, policies):
        answer = signed_in(client, "viewer").get(
            address("inventory-run-suspected", run_id=acme.run.pk), {"format": "csv"}
        )
        lines = b"".join(answer).decode().splitlines()
        assert lines[1].startswith("policies,,,2,2,suspected,0,")


class TestConfirming:
    def test_closes_the_rows_and_names_who_decided(self, client, acme, policies):
        post = signed_in(client, "security").post(
            address("suspected-deletion-confirm", suspected_id=policies.pk)
        )
        href = address("inventory-run-suspected", run_id=acme.run.pk)
        assert (post.status_code, post.headers["Location"]) == (302, href)
        assert [str(each) for each in get_messages(post.wsgi_request)] == ["2 policies deleted."]
        assert not Policy.objects.as_of(None).filter(pk__in=policies.row_ids).exists()
        assert "security" in client.get(href).content.decode()

    def test_says_why_not_while_a_run_goes_on(self, client, acme, policies):
        InventoryRun.objects.filter(pk=acme.run.pk).update(state=InventoryRun.State.RUNNING)
        post = signed_in(client, "security").post(
            address("suspected-deletion-confirm", suspected_id=policies.pk)
        )
        [said] = [str(each) for each in get_messages(post.wsgi_request)]
        assert "decides automatically" in said
        assert Policy.objects.as_of(None).filter(pk__in=policies.row_ids).count() == 2

    def test_needs_its_right(self, client, acme, policies):
        answer = signed_in(client, "author").post(
            address("suspected-deletion-confirm", suspected_id=policies.pk)
        )
        assert answer.status_code == 403

    def test_knows_only_the_organizations_own(self, client, acme):
        answer = signed_in(client, "security").post(
            address("suspected-deletion-confirm", suspected_id=999)
        )
        assert answer.status_code == 404


class TestWhereTheyAreShown:
    WORDS = "2 policies were not found by run"

    @pytest.mark.parametrize("name", ["policies", "posture"])
    def test_says_so_on_pages_that_show_the_rows(self, client, acme, policies, name):
        page = signed_in(client, "viewer").get(address(name)).content.decode()
        assert self.WORDS in page
        assert address("inventory-run-suspected", run_id=acme.run.pk) in page

    def test_says_so_on_the_page_of_the_run_that_lacked_them(self, client, acme, policies):
        signed_in(client, "viewer")
        page = client.get(address("inventory-run", run_id=acme.run.pk)).content.decode()
        assert self.WORDS in page
        tab = client.get(address("inventory-run-suspected", run_id=acme.run.pk)).content.decode()
        assert self.WORDS not in tab

    def test_says_nothing_on_pages_that_show_others(self, client, acme, policies):
        page = signed_in(client, "viewer").get(address("accounts")).content.decode()
        assert "not confirmed" not in page

    def test_says_nothing_any_more_once_it_is_decided(self, client, acme, policies):
        SuspectedDeletion.objects.update(
            state=SuspectedDeletion.State.FOUND, row_ids=[], decided_at=acme.run.started_at
        )
        page = signed_in(client, "viewer").get(address("policies")).content.decode()
        assert "not confirmed" not in page

    def test_says_so_of_the_one_account_that_a_page_shows(self, client, acme):
        here, other = list(acme.accounts.values())[:2]
        role = RoleFactory.create(connection=acme.connection, account_id=here.account_id)
        suspected(acme.run, [role], account_id=here.account_id)
        signed_in(client, "viewer")

        def page(account):
            answer = client.get(address("account", account_id=account.account_id))
            return answer.content.decode()

        assert "1 principal in 1 account was not found by run" in page(here)
        assert "not found by run" not in page(other)
