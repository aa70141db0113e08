"""Owners, rules and who changes them."""

from typing import Any

import factory
from django.contrib.auth.models import Group, User

from governance.access.owners.acting import ActingPerson
from governance.access.owners.models import (
    Label,
    LabelRule,
    OwnerRule,
    OwnerRuleValue,
    Ownership,
    TagConfirmation,
)
from governance.access.owners.parties import PartyKey, PartyKind
from governance.access.owners.selectors import owners_of
from governance.access.owners.standing import TargetOwners
from governance.audit.actors import Actor
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory
from tests.factories.people import LONG_AGO, person


class OwnershipFactory(factory.django.DjangoModelFactory[Ownership]):
    """An owner by hand since long ago, not confirmed; give `user` or `group`."""

    class Meta:
        model = Ownership

    connection = factory.SubFactory(ConnectionFactory)
    created_at = LONG_AGO


class OwnerRuleFactory(factory.django.DjangoModelFactory[OwnerRule]):
    """The tag `owner` names the owner."""

    class Meta:
        model = OwnerRule

    connection = factory.SubFactory(ConnectionFactory)
    tag_key = "owner"
    created_at = LONG_AGO


class OwnerRuleValueFactory(factory.django.DjangoModelFactory[OwnerRuleValue]):
    """What a value means; give `user` or `group`."""

    class Meta:
        model = OwnerRuleValue


class TagConfirmationFactory(factory.django.DjangoModelFactory[TagConfirmation]):
    """Security's word on a tag; give `user` or `group`."""

    class Meta:
        model = TagConfirmation

    tag_key = "owner"
    created_at = LONG_AGO
    confirmed_at = LONG_AGO


class LabelFactory(factory.django.DjangoModelFactory[Label]):
    """An environment set by hand."""

    class Meta:
        model = Label

    kind = "environment"
    created_at = LONG_AGO


class LabelRuleFactory(factory.django.DjangoModelFactory[LabelRule]):
    """A tag says the environment."""

    class Meta:
        model = LabelRule

    kind = "environment"
    created_at = LONG_AGO


def party(of: User | Group) -> PartyKey:
    """Return somebody as an owner."""
    return PartyKey(PartyKind.PERSON if isinstance(of, User) else PartyKind.GROUP, of.pk)


def acting(user: User, **values: Any) -> ActingPerson:
    """Return somebody who changes owners in their session."""
    return ActingPerson(user, Actor(kind="person", user_id=user.pk, name=user.username), **values)


def acting_as(role: str, **values: Any) -> ActingPerson:
    """Make somebody with a role everywhere who changes owners."""
    return acting(person(role, **values))


def group_of(name: str, *users: User) -> Group:
    """Create a group of people."""
    group = Group.objects.create(name=name)
    group.user_set.set(users)
    return group


def owners_at(connection: Connection, target_id: str, *, as_of: Any = None) -> TargetOwners:
    """Return the owners of a target that is there."""
    found = owners_of(connection, target_id, as_of=as_of)
    assert found is not None
    return found
