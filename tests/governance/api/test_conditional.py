"""ETags, `If-Match` and `fields`, at every address that has them."""

import threading

import pytest
from django.db import connection, connections
from django.test import Client
from rest_framework.test import APIClient

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from governance.access import rights
from governance.access.models import ApiToken
from governance.access.tokens import token_revoke
from governance.api.parts.preconditions import CHANGES
from tests.factories.people import owner_of_every_scope, person, token_of
from tests.factories.rich_snapshots import rich_snapshot
from tests.governance.api.addresses import by_route, endpoints

PROBLEM = "urn:orgwarden:problem:"


@pytest.fixture
def administrator(client, db):
    # The names of whom the smoke test keeps its things for.
    person("administrator", username="administrator")
    user = person("administrator", username="staff")
    client.force_login(user)
    return user


def _answered(client):
    """Yield each address of the API that a GET of this client is answered at, with the answer."""
    rich_snapshot("acme")
    for address in addresses(stored_things().parameters()):
        if address.path.startswith("/api/") and not address.path.startswith("/api/v1/docs"):
            answer = client.get(address.path)
            assert answer.status_code < 500, address.path
            if answer.status_code == 200:
                yield address.path, answer


def _is_not_sent_again(client, path, answer):
    etag = answer.headers.get("ETag", "")
    assert etag.startswith('"'), path
    again = client.get(path, headers={"If-None-Match": etag})
    assert again.status_code == 304, path
    assert again.content == b"", path
    assert again.headers["ETag"] == etag, path


def _has_the_fields_that_are_asked_for(client, path, answer):
    """Return whether there are rows of which one field can be asked for."""
    joint = "&" if "?" in path else "?"
    every = client.get(f"{path}{joint}fields=")
    assert every.status_code == 200, path
    told = answer.json()
    assert every.json().keys() == told.keys(), path
    rows = told.get("results", [told]) if "next" in told else [told]
    if not rows:
        return False
    name = next(name for name in rows[0] if name != "freshness")
    picked = client.get(f"{path}{joint}fields={name}")
    assert picked.status_code == 200, path
    some = picked.json()
    some_rows = some["results"] if "next" in some else [some]
    assert len(some_rows) == len(rows), path
    assert all(set(row) == {name} for row in some_rows), path
    return True


class TestEveryGet:
    @pytest.fixture(autouse=True)
    def many_requests(self, settings):
        """Let every endpoint be asked several times within a minute."""
        settings.API_READS_A_MINUTE = 10_000

    def test_has_a_strong_etag_and_answers_with_the_fields_that_are_asked_for(
        self, client, administrator
    ):
        token_of(administrator, rights.VIEW_INVENTORY)
        asked = picked = 0
        for path, answer in _answered(client):
            _is_not_sent_again(client, path, answer)
            asked += 1
            if not path.startswith("/api/v1/schema"):
                picked += _has_the_fields_that_are_asked_for(client, path, answer)
        assert asked > 45
        assert picked > 40

    def test_keeps_the_etag_strong_when_the_answer_is_compressed(self, client, administrator):
        rich_snapshot("acme")
        path = "/api/v1/organizations/acme/accounts"
        plain = client.get(path).headers["ETag"]
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        compressed = answer.headers["ETag"]
        assert compressed == f'{plain[:-1]}-gzip"'
        for held in (plain, compressed, f"W/{plain}", f'"other", {plain}'):
            again = client.get(path, headers={"If-None-Match": held, "Accept-Encoding": "gzip"})
            assert again.status_code == 304, held
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


class TestChange:
    @pytest.mark.parametrize(
        ("route", "view"),
        [found for found in sorted(endpoints(), key=by_route) if CHANGES & set(found[1].rights)],
    )
    def test_can_be_read_where_it_is_made_so_that_there_is_a_tag_to_send(self, route, view):
        assert "GET" in view.rights

    @pytest.fixture
    def other(self, administrator):
        """A token of somebody else, and its address."""
        row, _ = token_of(person("viewer"), rights.VIEW_INVENTORY)
        return row, f"/api/v1/tokens/{row.pk}"

    def test_without_if_match_is_refused(self, client, other):
        row, address = other
        answer = client.delete(address)
        assert answer.status_code == 428
        assert answer.json()["type"] == f"{PROBLEM}precondition-required"
        row.refresh_from_db()
        assert row.revoked_at is None

    def test_of_what_has_changed_since_is_refused(self, client, other, administrator):
        row, address = other
        etag = client.get(address).headers["ETag"]
        ApiToken.objects.filter(pk=row.pk).update(name="another")
        answer = client.delete(address, headers={"If-Match": etag})
        assert answer.status_code == 412
        assert answer.json()["type"] == f"{PROBLEM}precondition-failed"
        assert answer.json()["etag"] == client.get(address).headers["ETag"] != etag
        row.refresh_from_db()
        assert row.revoked_at is None

    def test_needs_a_strong_tag(self, client, other):
        _, address = other
        etag = client.get(address).headers["ETag"]
        assert client.delete(address, headers={"If-Match": f"W/{etag}"}).status_code == 412

    @pytest.mark.parametrize("compressed", [False, True])
    def test_of_what_was_read_is_made(self, client, other, compressed):
        row, address = other
        encoding = {"Accept-Encoding": "gzip"} if compressed else {}
        etag = client.get(address, headers=encoding).headers["ETag"]
        answer = client.delete(address, headers={"If-Match": f'"older", {etag}'})
        assert answer.status_code == 204
        row.refresh_from_db()
        assert row.revoked_at is not None

    def test_of_whatever_is_there_is_made(self, client, other):
        _, address = other
        assert client.delete(address, headers={"If-Match": "*"}).status_code == 204

    def test_of_nothing_is_not_found(self, client, administrator):
        answer = client.delete("/api/v1/tokens/999", headers={"If-Match": "*"})
        assert answer.status_code == 404


class TestTwoChangesAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_are_made_one_after_the_other_and_the_later_sees_the_earlier(self, monkeypatch):
        administrator = person("administrator", username="administrator")
        row, _ = token_of(person("viewer"), rights.VIEW_INVENTORY)
        address = f"/api/v1/tokens/{row.pk}"
        etag = _signed_in(administrator).get(address).headers["ETag"]
        both_asked = threading.Barrier(2)
        statuses = []

        def slow_revoke(**given):
            made = token_revoke(**given)
            # The other request waits for this transaction by now, or will.
            assert _someone_waits_within(seconds=20)
            return made

        monkeypatch.setattr("governance.api.tokens.token_revoke", slow_revoke)

        def change():
            both_asked.wait(20)
            try:
                answer = _signed_in(administrator).delete(address, headers={"If-Match": etag})
                statuses.append(answer.status_code)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=change) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(statuses) == [204, 412]


def _signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def _someone_waits_within(*, seconds):
    waited = threading.Event()
    for _ in range(seconds * 20):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            if cursor.fetchone()[0]:
                return True
        waited.wait(0.05)
    return False


class TestTokens:
    def test_of_everyone_are_listed_for_administrators(self, client, administrator):
        theirs, _ = token_of(person("viewer", username="vera"), rights.VIEW_INVENTORY)
        own, _ = token_of(administrator, rights.VIEW_INVENTORY)
        told = client.get("/api/v1/tokens").json()["results"]
        assert {row["id"] for row in told} == {own.pk, theirs.pk}
        (row,) = client.get("/api/v1/tokens?person=vera").json()["results"]
        assert (row["id"], row["person"], row["revoked_at"]) == (theirs.pk, "vera", None)
        assert "sha256" not in row

    def test_of_others_are_not_found_by_anybody_else(self, client, db):
        theirs, _ = token_of(person("viewer"), rights.VIEW_INVENTORY)
        vera = person("viewer", username="vera")
        own, _ = token_of(vera, rights.VIEW_INVENTORY)
        client.force_login(vera)
        assert [row["id"] for row in client.get("/api/v1/tokens").json()["results"]] == [own.pk]
        address = f"/api/v1/tokens/{theirs.pk}"
        assert client.get(address).status_code == 404
        assert client.delete(address, headers={"If-Match": "*"}).status_code == 404
        theirs.refresh_from_db()
        assert theirs.revoked_at is None

    def test_ended_by_an_administrator_open_nothing_any_more(self, client, administrator):
        theirs, token = token_of(person("viewer"), rights.VIEW_INVENTORY)
        program = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert program.get("/api/v1/tokens/self").status_code == 200
        client.delete(f"/api/v1/tokens/{theirs.pk}", headers={"If-Match": "*"})
        assert program.get("/api/v1/tokens/self").status_code == 401

    def test_cannot_be_listed_or_ended_with_a_token(self, db):
        row, token = token_of(owner_of_every_scope(), *sorted(rights.TOKEN_SCOPES))
        program = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert program.get("/api/v1/tokens").status_code == 403
        answer = program.delete(f"/api/v1/tokens/{row.pk}", headers={"If-Match": "*"})
        assert answer.status_code == 403
