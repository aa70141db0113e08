"""After a test that commits, the database is as migrating left it."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import TransactionTestCase

from inventory.models import Connection, Policy
from tests.emptying import Emptying
from tests.factories.people import person
from tests.factories.policies import PolicyFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def emptying() -> Emptying:
    return Emptying()


class TestEmptying:
    def test_deletes_what_was_stored_and_keeps_what_migrating_made(self, emptying: Emptying):
        kept = [model.objects.count() for model in (ContentType, Permission, Group)]
        user = person("viewer")
        PolicyFactory.create()
        assert emptying.empty()
        assert not type(user).objects.exists()
        assert not Policy.objects.exists()
        assert not Connection.objects.exists()
        assert [model.objects.count() for model in (ContentType, Permission, Group)] == kept
        assert all(kept)

    def test_leaves_it_to_django_if_a_group_has_another_right(self, emptying: Emptying):
        PolicyFactory.create()
        Group.objects.get(name="viewer").permissions.clear()
        assert not emptying.empty()
        assert Policy.objects.exists()

    def test_is_what_django_does_after_each_test_that_commits(self):
        viewer = Group.objects.get(name="viewer")
        rights = set(viewer.permissions.values_list("codename", flat=True))
        PolicyFactory.create()
        viewer.permissions.clear()
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]
        assert not Policy.objects.exists()
        made_again = Group.objects.get(name="viewer").permissions
        assert set(made_again.values_list("codename", flat=True)) == rights
