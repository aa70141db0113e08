"""Groups follow `rights.GROUPS`."""

import pytest
from django.contrib.auth.models import Group, Permission

from governance.access import groups, rights
from governance.access.groups import UnknownRight, sync_groups
from governance.web.tokens.forms import RIGHT_WORDS
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db


def held(name):
    """Return the rights of a group by name."""
    return {
        f"{app}.{codename}"
        for app, codename in Group.objects.get(name=name).permissions.values_list(
            "content_type__app_label", "codename"
        )
    }


class TestSyncGroups:
    def test_has_run_after_the_migrations(self):
        for name, expected in rights.GROUPS.items():
            assert held(name) == set(expected)

    def test_takes_back_what_was_added_and_gives_back_what_was_taken(self):
        viewers = Group.objects.get(name="viewer")
        viewers.permissions.set([Permission.objects.get(codename="start_inventoryrun")])
        sync_groups()
        assert held("viewer") == set(rights.GROUPS["viewer"])

    def test_makes_a_missing_group_and_keeps_its_people_apart(self):
        Group.objects.get(name="security").delete()
        sync_groups()
        assert held("security") == set(rights.GROUPS["security"])

    def test_leaves_other_groups_and_members_alone(self):
        other = Group.objects.create(name="other")
        other.permissions.set([Permission.objects.get(codename="start_inventoryrun")])
        somebody = person("viewer")
        sync_groups()
        assert held("other") == {rights.START_RUN}
        assert somebody.groups.get().name == "viewer"

    def test_refuses_a_right_that_nobody_declares(self, monkeypatch):
        monkeypatch.setattr(groups, "GROUPS", {"viewer": ("inventory.fly",)})
        with pytest.raises(UnknownRight, match=r"inventory\.fly"):
            sync_groups()

    def test_every_group_may_look_and_only_administrators_manage(self):
        assert all(rights.VIEW_INVENTORY in held(name) for name in rights.GROUPS)
        managing = [name for name in rights.GROUPS if rights.MANAGE_CONNECTIONS in held(name)]
        assert managing == ["administrator"]

    def test_scopes_of_tokens_are_rights_that_exist(self):
        everything = UserFactory.create(is_superuser=True).get_all_permissions()
        assert set(rights.TOKEN_SCOPES) <= everything
        assert rights.MANAGE_OWN_TOKENS not in rights.TOKEN_SCOPES
        assert rights.MANAGE_ALL_TOKENS not in rights.TOKEN_SCOPES

    def test_words_every_right_that_a_token_may_have(self):
        assert set(rights.TOKEN_SCOPES) <= set(RIGHT_WORDS)
