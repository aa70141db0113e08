"""Every address names the right it needs."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, reverse

from governance.access import rights
from governance.web import urls
from governance.web.parts.rights_view import Opening, RightMissing, RightsView, may_open
from tests.factories.people import UserFactory, person

RIGHTS = set(rights.TABLE)


def patterns(entries: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """Walk the addresses of pages."""
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns)
        else:
            yield entry


class TestEveryPage:
    @pytest.mark.parametrize("pattern", list(patterns(urls.urlpatterns)), ids=lambda p: p.name)
    def test_names_the_right_it_needs(self, pattern):
        view = getattr(pattern.callback, "view_class", None)

        assert view is not None, f"{pattern.name} is not a class that could name its right"
        assert issubclass(view, RightsView)
        assert isinstance(view.required_right, Opening) or view.required_right in RIGHTS
        assert view.post_right is None or view.post_right in RIGHTS

    @pytest.mark.django_db
    @pytest.mark.parametrize("pattern", list(patterns(urls.urlpatterns)), ids=lambda p: p.name)
    def test_asks_strangers_to_sign_in_unless_it_is_public(self, client, pattern):
        if pattern.callback.view_class.required_right is Opening.PUBLIC:
            return
        names = pattern.pattern.converters
        needed = {"slug", *names} if pattern not in urls.urlpatterns else set(names)
        address = reverse(pattern.name, kwargs={name: _sample(name) for name in needed})

        answer = client.get(address)

        assert answer.status_code == 302
        assert answer.url.startswith(reverse("sign-in"))


def _sample(name: str) -> str:
    return {
        "account_id": "111122223333",
        "target_id": "ou-ab12-11111111",
        "delivery_id": "00000000-0000-0000-0000-000000000001",
        "job_id": "00000000-0000-0000-0000-000000000001",
    }.get(name, "1")


class TestMayOpen:
    @pytest.mark.django_db
    def test_follows_the_roles_of_a_person(self):
        viewer, security = person("viewer"), person("security")

        assert may_open(viewer, rights.VIEW_INVENTORY)
        assert not may_open(viewer, rights.START_RUN)
        assert may_open(security, rights.START_RUN)
        assert may_open(viewer, Opening.SIGNED_IN)
        assert not may_open(viewer, Opening.STAFF)

    @pytest.mark.django_db
    def test_gives_nothing_but_public_pages_to_people_who_left(self):
        gone = person("administrator", is_active=False)

        assert not may_open(gone, rights.VIEW_INVENTORY)


class TestRightsView:
    def test_cannot_be_made_without_a_right(self):
        class Forgetful(RightsView):
            pass

        with pytest.raises(ImproperlyConfigured, match="Forgetful does not name"):
            Forgetful.as_view()

    @pytest.mark.django_db
    def test_checks_the_further_right_before_anything_is_changed(self):
        class Changing(RightsView):
            required_right = rights.VIEW_INVENTORY
            post_right = rights.START_RUN

            def post(self, request):
                raise AssertionError("was reached")

        request = RequestFactory().post("/")
        request.user = person("viewer")

        with pytest.raises(RightMissing, match="author, security or administrator"):
            Changing.as_view()(request)

    @pytest.mark.django_db
    def test_says_on_the_page_which_right_is_missing_and_who_holds_it(self, client):
        client.force_login(UserFactory.create())

        answer = client.get(reverse("style"))

        assert answer.status_code == 403
        assert "You may not open this" in answer.content.decode()
