"""Views of lists are saved, shared and removed; columns of every list can be chosen."""

import csv
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from governance.access.models import SavedView
from governance.access.saved_views import MOST_VIEWS
from governance.audit.models import AuditEntry
from governance.web.parts.columns import arranged_row, cell_count
from governance.web.parts.lists import RowListPage
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, person
from tests.factories.rich_snapshots import rich_snapshot
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db

ACCOUNTS = "/o/acme/accounts/"
QUERY = "sort=-name&state=ACTIVE"


@pytest.fixture
def acme():
    return organization_snapshot(connection=ConnectionFactory.create(slug="acme")).connection


@pytest.fixture
def author(acme, client):
    """Somebody who may share views, signed in."""
    somebody = person("author", username="maren")
    client.force_login(somebody)
    return somebody


@pytest.fixture
def save(client):
    """Save a view of the accounts as the form does."""

    def save(name="Active", query=QUERY, path=ACCOUNTS, **kwargs):
        fields = {"list": f"{path}?{query}", "name": name}
        return client.post(reverse("list-view-save"), fields, **kwargs)

    return save


@pytest.fixture
def change(client):
    """Share a view of the accounts, end its sharing or remove it, as the form does."""

    def change(view, act, path=ACCOUNTS):
        address = reverse("list-view", kwargs={"view_id": view.pk})
        return client.post(address, {"list": path, "act": act})

    return change


class TestSavedViews:
    def test_hold_filters_order_and_columns_but_no_place_in_the_list(self, author, save):
        answer = save(query=f"{QUERY}&page=2&columns=name,email&format=csv")

        (view,) = SavedView.objects.all()
        assert view.query == "columns=name%2Cemail&sort=-name&state=ACTIVE"
        assert answer.url == f"{ACCOUNTS}?{view.query}"

    def test_are_in_the_menu_of_their_list_alone(self, author, client, save):
        save("Closed ones")

        assert "Closed ones" in client.get(ACCOUNTS).content.decode()
        assert "Closed ones" not in client.get("/o/acme/policies/").content.decode()

    def test_belong_to_whoever_saved_them_until_they_are_shared(self, author, client, save, change):
        save("Ours", follow=True)
        (view,) = SavedView.objects.all()
        client.force_login(person("viewer", username="lena"))
        assert "Ours" not in client.get(ACCOUNTS).content.decode()
        assert change(view, "share").status_code == 404

        client.force_login(author)
        change(view, "share")
        client.force_login(User.objects.get(username="lena"))
        page = client.get(ACCOUNTS).content.decode()
        assert "Ours" in page
        assert "Shared by maren" in page
        assert "Remove the view Ours" not in page
        change(view, "remove")
        change(view, "unshare")
        view.refresh_from_db()
        assert view.is_shared

    def test_are_shared_only_with_the_right(self, acme, client, save, change):
        client.force_login(person("viewer", username="lena"))
        save()
        (view,) = SavedView.objects.all()

        assert "Share the view" not in client.get(ACCOUNTS).content.decode()
        change(view, "share")
        view.refresh_from_db()
        assert not view.is_shared

    def test_that_are_shared_can_be_removed_by_an_administrator(self, author, client, save, change):
        save()
        (view,) = SavedView.objects.all()
        change(view, "share")
        client.force_login(person("administrator"))

        change(view, "remove")

        assert not SavedView.objects.exists()

    def test_leave_a_record_where_others_see_them(self, author, save, change):
        save()
        (view,) = SavedView.objects.all()
        assert not AuditEntry.objects.filter(action__startswith="saved_view").exists()

        change(view, "share")
        save(query="state=SUSPENDED")
        change(view, "remove")

        entries = AuditEntry.objects.filter(action__startswith="saved_view").order_by("pk")
        assert [entry.action.split(".")[1] for entry in entries] == ["share", "change", "remove"]
        assert entries[1].before == {"query": QUERY}
        assert {entry.object_name for entry in entries} == {"Active"}

    def test_need_a_name_and_something_to_save(self, author, save):
        for fields in ({"name": " "}, {"query": "page=2"}, {"name": "x" * 61}):
            assert "Not saved:" in save(**fields, follow=True).content.decode()
        assert not SavedView.objects.exists()

    def test_are_limited_in_number(self, author, acme, save):
        SavedView.objects.bulk_create(
            SavedView(
                connection=acme,
                list_name="accounts",
                person=author,
                name=f"{number}",
                query="q=a",
                created_at=timezone.now(),
            )
            for number in range(MOST_VIEWS)
        )

        assert "remove one first" in save(follow=True).content.decode()
        assert save("3").status_code == 302
        assert SavedView.objects.get(name="3").query == QUERY

    def test_are_kept_from_those_who_may_not_open_the_list(self, acme, client, save):
        client.force_login(UserFactory.create())
        assert save().status_code == 403
        client.force_login(person("viewer"))
        assert save(path="/audit/").status_code == 403
        assert save(path="/o/nowhere/accounts/").status_code == 404
        for path in ("/o/acme/posture/", "/nowhere/", "https://example.com/"):
            assert save(path=path).status_code == 400

    def test_exist_for_lists_without_an_organization(self, client, save):
        client.force_login(person("auditor", username="ann"))

        save("Sign-ins", "action=person.sign_in", path="/audit/")

        assert SavedView.objects.get().connection is None
        assert "Sign-ins" in client.get("/audit/").content.decode()

    @pytest.mark.django_db(transaction=True)
    def test_carry_the_saved_filters_of_the_queue_over(self):
        connection = organization_snapshot(
            connection=ConnectionFactory.create(slug="acme")
        ).connection
        lena = person("viewer", username="lena")
        try:
            executor = MigrationExecutor(database)
            executor.migrate([("changes", "0006_usage")])
            old = executor.loader.project_state([("changes", "0006_usage")]).apps
            old.get_model("changes", "SavedFilter").objects.create(
                connection_id=connection.pk,
                person_id=lena.pk,
                name="My drafts",
                query="of=mine",
                created_at=timezone.now(),
            )
        finally:
            executor = MigrationExecutor(database)
            executor.migrate(executor.loader.graph.leaf_nodes())

        view = SavedView.objects.get()
        assert (view.list_name, view.person, view.query) == ("change-requests", lena, "of=mine")


class TestColumns:
    @pytest.fixture
    def choose(self, client):
        def choose(*keys, path=ACCOUNTS, **further):
            fields = {"list": path, "column": keys, **further}
            return client.post(reverse("list-columns"), fields)

        return choose

    def test_stay_as_chosen_for_a_person_and_fill_the_export(self, author, client, choose):
        choose("name", "email", path=f"{ACCOUNTS}?q=a&columns=name")

        page = client.get(ACCOUNTS).content.decode()
        assert _heads(page) == ["Account", "Email"]
        assert "log-archive@example.org" in page
        answer = client.get(f"{ACCOUNTS}?format=csv")
        first = next(csv.reader(answer.getvalue().decode().splitlines()))
        assert first == ["name", "email"]
        client.force_login(person("viewer", username="lena"))
        assert len(_heads(client.get(ACCOUNTS).content.decode())) == 7

    def test_come_back_by_default(self, author, client, choose):
        choose("name")
        choose(default="1")

        assert len(_heads(client.get(ACCOUNTS).content.decode())) == 7

    def test_that_the_list_does_not_have_are_refused(self, author, client, choose):
        assert choose("password").status_code == 400
        answer = client.get(f"{ACCOUNTS}?columns=name,password")
        assert answer.status_code == 400
        assert "this list has name, account_id" in answer.content.decode()

    def test_are_in_the_view_that_the_menu_saves(self, author, client, choose):
        choose("name", "email")

        assert (
            'value="/o/acme/accounts/?columns=name%2Cemail"'
            in client.get(ACCOUNTS).content.decode()
        )


def _heads(page):
    page = page.partition('id="rows"')[2]
    table = re.search(r"<thead>(.*?)</thead>", page, re.S)
    heads = re.findall(r"<th\b([^>]*)>(?:\s*<a[^>]*>)?([^<]*)", table[1]) if table else []
    return [words.strip() for attributes, words in heads if "tick" not in attributes]


def _rows(page):
    page = page.partition('id="rows"')[2]
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)
    return re.findall(r"<tr\b.*?</tr>", body[1], re.S) if body else []


class TestEveryList:
    def test_shows_exports_and_sorts_by_its_columns(self, client):
        rich_snapshot("acme")
        person("administrator", username="administrator")
        client.force_login(person("administrator", username="staff", is_staff=True))
        checked = set()
        for address in list(addresses(stored_things().parameters())):
            if address.path.startswith("/api/"):
                continue
            page = getattr(resolve(address.path.partition("?")[0]).func, "view_class", None)
            if not (isinstance(page, type) and issubclass(page, RowListPage)):
                continue
            usual = client.get(address.path).content.decode()
            if not _rows(usual):
                continue
            heads = len(_heads(usual))
            for row in _rows(usual):
                assert cell_count(row) == heads, address.path
            keys = [column.key for column in page.columns if column.value is not None]
            mark = "&" if "?" in address.path else "?"
            everything = client.get(f"{address.path}{mark}columns={','.join(keys)}")
            assert everything.status_code == 200, address.path
            shown = everything.content.decode()
            for row in _rows(shown):
                wide = len(_heads(shown))
                assert cell_count(row) == wide >= len(keys), address.path
            for column in page.columns:
                if column.order_by:
                    order = client.get(f"{address.path}{mark}sort=-{column.key}")
                    assert order.status_code == 200, (address.path, column.key)
            one = client.get(f"{address.path}{mark}columns={keys[-1]}&format=csv")
            header = next(csv.reader(one.getvalue().decode().splitlines()))
            assert keys[-1] in header, address.path
            assert len(header) <= 2, address.path
            checked.add(page)
        assert len(checked) > 12


class TestArrangedRow:
    ROW = (
        '<tr class="top">\n  <td class="first">a <table><tr><td>x</td></tr></table></td>'
        '<td class="tick">t</td><td colspan="2">b</td><td>d</td></tr>'
    )

    def test_keeps_the_chosen_cells_and_those_over_one_of_them(self):
        row = arranged_row(self.ROW, kept={0, 2}, further=[SafeString("<td>e</td>")])

        assert cell_count(self.ROW) == 4
        assert "x</td>" in row
        assert "t</td>" in row
        assert "b</td>" in row
        assert "d</td>" not in row
        assert row.endswith("</td><td>e</td></tr>")
