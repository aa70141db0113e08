"""After a test that commits, the database is as migrating left it."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.test import TransactionTestCase

from inventory.models import Connection, Policy
from tests.emptying import Emptying
from tests.factories.people import person
from tests.factories.policies import PolicyFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def emptying() -> Emptying:
    return Emptying()


def permission() -> QuerySet[Permission]:
    """Return a permission that migrating made."""
    return Permission.objects.filter(
        content_type__app_label="inventory", codename="view_connection"
    )


class TestEmptying:
    def test_deletes_what_was_stored_and_keeps_what_migrating_made(self, emptying: Emptying):
        kept = [model.objects.count() for model in (ContentType, Permission)]
        user = person("viewer")
        PolicyFactory.create()
        assert emptying.empty()
        assert not type(user).objects.exists()
        assert not Policy.objects.exists()
        assert not Connection.objects.exists()
        assert [model.objects.count() for model in (ContentType, Permission)] == kept
        assert all(kept)

    def test_leaves_it_to_django_if_a_permission_was_changed(self, emptying: Emptying):
        PolicyFactory.create()
        permission().update(name="Changed")
        assert not emptying.empty()
        assert Policy.objects.exists()

    def test_is_what_django_does_after_each_test_that_commits(self):
        name = permission().get().name
        PolicyFactory.create()
        permission().update(name="Changed")
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]
        assert not Policy.objects.exists()
        assert permission().get().name == name
