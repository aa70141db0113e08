"""Queries that are put together once find what Django's own would."""

import pytest
from django.contrib.auth.models import User
from django.db.models import Q

from governance.access.models import Profile
from inventory.selectors.ready_query import ReadyQuery
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def named(name, kind):
    return User.objects.filter(Q(username=name) | Q(email=name), profile__kind=kind)


class TestReadyQuery:
    query = ReadyQuery(
        lambda name: named(name, Profile.Kind.PERSON).select_related("profile").order_by("pk"),
        name="a name",
    )

    def test_finds_models_and_what_is_read_with_them_each_time_anew(
        self, django_assert_num_queries
    ):
        made = [person("viewer", email="one@example.org"), person("viewer", username="two")]
        Profile.objects.filter(user=made[0]).update(list_columns={"accounts": ["name"]})

        for user, name in zip(made, ["one@example.org", "two"], strict=True):
            with django_assert_num_queries(1):
                (found,) = self.query.objects(name=name)
                assert found == user
                assert found.profile == user.profile
            assert found.profile.list_columns == ({"accounts": ["name"]} if user is made[0] else {})
            assert found._state.db == user._state.db
        assert self.query.objects(name="nobody") == []

    def test_gives_the_columns_that_are_asked_for(self):
        user = person("viewer")
        query = ReadyQuery(
            lambda name: named(name, Profile.Kind.PERSON).values_list("pk", "username"), name="x"
        )

        assert query.rows(name=user.username) == [(user.pk, user.username)]

    def test_refuses_a_value_that_the_query_does_not_hold(self):
        query = ReadyQuery(lambda name, kind: named(name, "person"), name="x", kind="y")

        with pytest.raises(ValueError, match="does not depend on kind"):
            query.rows(name="x", kind="y")
