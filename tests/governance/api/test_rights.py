"""Every endpoint names its right, and nobody gets past it."""

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from governance.access import rights
from governance.access.rights import SIGNED_IN, VIEW_INVENTORY
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.session_alone import BySessionAlone
from tests.factories.people import (
    UserFactory,
    give_role,
    owner_of_every_scope,
    person,
    take_roles,
    token_of,
)
from tests.governance.api.addresses import by_route, endpoints, filled, views

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROUTES = sorted(endpoints(), key=by_route)


@pytest.fixture
def stranger(db):
    """A client signed in as somebody without any right."""
    client = APIClient()
    client.force_login(UserFactory.create())
    return client


class TestEveryEndpoint:
    def test_is_found_by_the_walk(self):
        assert len(ROUTES) > 25
        assert all(issubclass(view, Endpoint) for _, view in ROUTES)

    @pytest.mark.parametrize(("route", "view"), sorted(views(), key=by_route))
    def test_names_a_right_for_each_of_its_methods(self, route, view, db):
        has = {method for method in METHODS if hasattr(view, method.lower())}
        assert has, route
        assert set(view.rights) == has, route
        known = {
            f"{app}.{codename}"
            for app, codename in Permission.objects.values_list(
                "content_type__app_label", "codename"
            )
        }
        assert set(view.rights.values()) <= known | {SIGNED_IN}, route

    @pytest.mark.parametrize(("route", "view"), ROUTES)
    def test_asks_who_somebody_unknown_is(self, route, view, acme):
        for method in view.rights:
            answer = APIClient().generic(method, filled(route))
            assert answer.status_code == 401, f"{method} {route}"
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Orgwarden"'
            assert answer.json()["type"] == "urn:orgwarden:problem:not-authenticated"

    @pytest.mark.parametrize(("route", "view"), ROUTES)
    def test_refuses_somebody_without_its_right_and_names_it(self, route, view, stranger, acme):
        for method, right in view.rights.items():
            if right == SIGNED_IN:
                continue
            answer = stranger.generic(method, filled(route))
            assert answer.status_code == 403, f"{method} {route}"
            assert right in answer.json()["detail"]

    @pytest.mark.parametrize(("route", "view"), ROUTES)
    def test_refuses_a_token_without_the_scope_though_its_person_has_the_right(
        self, route, view, acme
    ):
        for method, right in view.rights.items():
            if right == SIGNED_IN:
                continue
            # Some rights only security has, and no administrator.
            owner = owner_of_every_scope()
            other = rights.START_RUN if right != rights.START_RUN else VIEW_INVENTORY
            _, token = token_of(owner, other)
            client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
            answer = client.generic(method, filled(route))
            assert answer.status_code == 403, f"{method} {route}"
            if BySessionAlone in view.permission_classes and method != "GET":
                assert answer.json()["code"] == "tokens-may-not-approve"
            else:
                assert "the token does not" in answer.json()["detail"]


class TestToken:
    def test_reads_with_the_scope_to_view(self, acme):
        _, token = token_of(person("viewer"), VIEW_INVENTORY)
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        answer = client.get("/api/v1/organizations/acme/accounts")
        assert len(answer.json()["results"]) == 6

    def test_loses_what_its_person_loses(self, acme):
        owner = person("viewer")
        _, token = token_of(owner, VIEW_INVENTORY)
        take_roles(owner)
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert client.get("/api/v1/organizations/acme/accounts").status_code == 403

    def test_is_told_what_it_may_do(self, db):
        row, token = token_of(
            person("security"), VIEW_INVENTORY, rights.START_RUN, rights.CONFIRM_DELETION
        )
        take_roles(row.user)
        give_role(row.user, "author")
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        told = client.get("/api/v1/tokens/self").json()
        assert told["scopes"] == sorted([VIEW_INVENTORY, rights.START_RUN, rights.CONFIRM_DELETION])
        assert told["rights"] == sorted([VIEW_INVENTORY, rights.START_RUN])
        assert told["prefix"] == token[:8]
        assert "sha256" not in told

    def test_that_is_wrong_is_told_so_and_not_why(self, db):
        for sent in ("ow_wrong", "wrong", ""):
            client = APIClient(HTTP_AUTHORIZATION=f"Bearer {sent}")
            answer = client.get("/api/v1/tokens/self")
            assert answer.status_code == 401
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    def test_self_is_nothing_for_a_person(self, viewer):
        assert viewer.get("/api/v1/tokens/self").status_code == 404


class TestSession:
    def test_writes_only_with_its_csrf_token(self, acme):
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(person("security"))
        answer = client.post("/api/v1/organizations/acme/inventory-runs")
        assert answer.status_code == 403
        assert "CSRF" in answer.json()["detail"]
