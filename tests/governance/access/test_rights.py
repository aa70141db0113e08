"""The table of rights and roles, and what Django makes of it."""

import pytest
from django.contrib.auth.models import Group, Permission

from governance.access import rights
from governance.access.rights import TABLE, TOKEN_SCOPES, RightReach, rights_of, roles_with
from governance.access.roles import Role
from governance.web.tokens.forms import RIGHT_WORDS
from inventory.viewing import Place
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, give_role, person

pytestmark = pytest.mark.django_db

CHANGING = {
    rights.START_RUN,
    rights.CANCEL_RUN,
    rights.CONFIRM_DELETION,
    rights.TEST_CONNECTION,
    rights.MANAGE_CONNECTIONS,
    rights.MANAGE_ALL_TOKENS,
    rights.MANAGE_ROLES,
    rights.MANAGE_OWNERS,
    rights.CONFIRM_OWNERS,
}


class TestTable:
    def test_holds_every_right_that_the_module_names(self):
        named = {
            value
            for name, value in vars(rights).items()
            if name.isupper() and isinstance(value, str) and "." in value
        }
        assert named == set(TABLE)

    def test_holds_only_permissions_that_an_application_declares(self):
        known = {
            f"{app}.{codename}"
            for app, codename in Permission.objects.values_list(
                "content_type__app_label", "codename"
            )
        }
        assert set(TABLE) <= known

    def test_lets_every_role_look_and_only_administrators_manage(self):
        assert set(roles_with(rights.VIEW_INVENTORY)) == set(Role)
        for right in (rights.MANAGE_CONNECTIONS, rights.MANAGE_ALL_TOKENS, rights.MANAGE_ROLES):
            assert roles_with(right) == (Role.ADMINISTRATOR,)

    def test_lets_an_auditor_change_nothing(self):
        assert not rights_of(Role.AUDITOR) & CHANGING
        assert rights.VIEW_ROLES in rights_of(Role.AUDITOR)

    def test_keeps_rights_over_everything_from_who_has_a_part(self):
        everywhere = {right for right in TABLE if TABLE[right].reach is RightReach.EVERYWHERE}
        assert not rights_of(Role.ADMINISTRATOR, reach=RightReach.ORGANIZATION) & everywhere
        assert rights.CANCEL_RUN not in rights_of(Role.AUTHOR, reach=RightReach.ANYWHERE)

    def test_words_every_right_that_a_token_may_have(self):
        assert set(TOKEN_SCOPES) <= set(RIGHT_WORDS)
        assert set(TOKEN_SCOPES) <= set(TABLE)

    def test_lets_no_token_make_tokens_or_give_roles(self):
        assert not set(TOKEN_SCOPES) & {
            rights.MANAGE_OWN_TOKENS,
            rights.MANAGE_ALL_TOKENS,
            rights.MANAGE_ROLES,
        }


class TestHasPerm:
    @pytest.mark.parametrize("role", Role.values)
    def test_gives_a_person_the_rights_of_their_role_and_no_others(self, role):
        assert person(role).get_all_permissions() == rights_of(role)

    def test_gives_a_member_what_the_group_was_assigned(self):
        user, group = UserFactory.create(), Group.objects.create(name="platform")
        user.groups.add(group)
        give_role(group, "author")
        assert user.has_perm(rights.START_RUN)

    def test_gives_nothing_for_permissions_that_django_keeps(self):
        user, group = UserFactory.create(), Group.objects.create(name="viewer")
        permission = Permission.objects.get(codename="view_connection")
        group.permissions.add(permission)
        user.user_permissions.add(permission)
        user.groups.add(group)
        assert not user.has_perm(rights.VIEW_INVENTORY)

    def test_means_in_some_place(self):
        acme = ConnectionFactory.create()
        user = person("administrator", Place(acme.pk, "ou-ab12-11111111"))
        assert user.has_perm(rights.START_RUN)
        assert user.has_perm(rights.MANAGE_ROLES)
        assert not user.has_perm(rights.CANCEL_RUN)
        assert not user.has_perm(rights.MANAGE_CONNECTIONS)

    def test_asks_the_database_once(self, django_assert_num_queries):
        user = person("author")
        user = type(user).objects.get(pk=user.pk)
        with django_assert_num_queries(1):
            assert user.has_perm(rights.START_RUN)
            assert not user.has_perm(rights.MANAGE_ROLES)

    def test_gives_nothing_once_somebody_is_switched_off(self):
        assert not person("administrator", is_active=False).get_all_permissions()
