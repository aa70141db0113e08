"""What people and tokens may do and see."""

import pytest
from django.contrib.auth.models import AnonymousUser

from governance.access import rights
from governance.access.viewers import holds, viewer_of
from tests.factories.people import UserFactory, person, take_roles, token_of

pytestmark = pytest.mark.django_db


class TestViewerOf:
    def test_sees_with_the_right(self):
        assert viewer_of(person("viewer")).sees_inventory

    def test_sees_nothing_without_it(self):
        assert not viewer_of(UserFactory.create()).sees_inventory
        assert not viewer_of(AnonymousUser()).sees_inventory

    def test_sees_nothing_once_switched_off(self):
        assert not viewer_of(person("viewer", is_active=False)).sees_inventory

    def test_sees_with_a_token_only_by_its_scope(self):
        owner = person("security")
        looks, _ = token_of(owner, rights.VIEW_INVENTORY)
        starts, _ = token_of(owner, rights.START_RUN)
        assert viewer_of(owner, token=looks).sees_inventory
        assert not viewer_of(owner, token=starts).sees_inventory


class TestHolds:
    def test_no_token_holds_what_its_person_lost(self):
        owner = person("security")
        token, _ = token_of(owner, rights.START_RUN)
        take_roles(owner)
        owner = type(owner).objects.get(pk=owner.pk)
        assert not holds(owner, rights.START_RUN, token=token)

    def test_no_token_holds_what_no_token_may_even_if_it_says_so(self):
        owner = person("administrator")
        token, _ = token_of(owner, rights.VIEW_INVENTORY)
        token.scopes = [rights.MANAGE_OWN_TOKENS]
        assert holds(owner, rights.MANAGE_OWN_TOKENS)
        assert not holds(owner, rights.MANAGE_OWN_TOKENS, token=token)

    def test_no_token_serves_another_person(self):
        token, _ = token_of(person("security"), rights.VIEW_INVENTORY)
        assert not holds(person("security"), rights.VIEW_INVENTORY, token=token)
