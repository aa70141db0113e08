"""The demo people: one a role, and one of the staff."""

import json
import stat

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.utils import timezone

from demo.owners import OWNERS
from demo.people import OWNING, SECOND_SECURITY, STAFF, ensure_people
from demo.places import ROLE_AND_DEPTH, ensure_places
from governance.access.rights import rights_of
from governance.access.roles import Role
from governance.access.viewers import viewer_of
from inventory.selectors.hierarchy import accounts
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db


class TestEnsurePeople:
    def test_makes_one_a_role_who_can_sign_in_with_the_noted_password(self, tmp_path):
        made = ensure_people(tmp_path / "people.json")

        passwords = json.loads((tmp_path / "people.json").read_text())
        assert made == [*Role.values, STAFF, SECOND_SECURITY, *ROLE_AND_DEPTH, *OWNING]
        assert list(passwords) == made
        for name, password in passwords.items():
            user = authenticate(username=name, password=password)
            assert isinstance(user, User)
            assert user.is_staff == (name == STAFF)
            assert not user.is_superuser
        for name in Role.values:
            assert User.objects.get(username=name).get_all_permissions() == rights_of(name)
        for name in OWNING:
            owner = User.objects.get(username=name)
            assert owner.get_all_permissions() == rights_of(Role.APPROVER)
            assert owner.get_full_name() == " ".join(OWNERS[name])

    def test_keeps_the_passwords_to_whoever_started_it(self, tmp_path):
        ensure_people(tmp_path / "people.json")

        assert stat.S_IMODE((tmp_path / "people.json").stat().st_mode) == 0o600

    def test_leaves_everybody_alone_the_second_time(self, tmp_path):
        ensure_people(tmp_path / "people.json")
        text = (tmp_path / "people.json").read_text()

        assert ensure_people(tmp_path / "people.json") == []
        assert (tmp_path / "people.json").read_text() == text

    def test_gives_new_passwords_when_the_old_ones_are_lost(self, tmp_path):
        ensure_people(tmp_path / "people.json")
        (tmp_path / "people.json").unlink()

        made = ensure_people(tmp_path / "people.json")

        password = json.loads((tmp_path / "people.json").read_text())["viewer"]
        assert "viewer" in made
        assert authenticate(username="viewer", password=password) is not None
        assert User.objects.count() == len(made)

    def test_makes_again_who_is_gone_and_leaves_the_others_their_passwords(self, tmp_path):
        ensure_people(tmp_path / "people.json")
        before = json.loads((tmp_path / "people.json").read_text())
        User.objects.get(username="author").delete()

        assert ensure_people(tmp_path / "people.json") == ["author"]
        after = json.loads((tmp_path / "people.json").read_text())
        assert after["author"] != before["author"]
        assert {**after, "author": ""} == {**before, "author": ""}


class TestEnsurePlaces:
    def test_gives_roles_in_the_largest_ous_once(self, tmp_path):
        made = organization_snapshot()
        ensure_people(tmp_path / "people.json")

        assert ensure_places(made.connection, now=timezone.now()) == list(ROLE_AND_DEPTH)
        assert ensure_places(made.connection, now=timezone.now()) == []

        viewer = User.objects.get(username="ou-viewer")
        seen = accounts(viewer_of(viewer), connection=made.connection)
        assert set(seen.values_list("name", flat=True)) == {"payments", "website"}
        author = User.objects.get(username="ou-author")
        seen = accounts(viewer_of(author), connection=made.connection)
        assert set(seen.values_list("name", flat=True)) == {"payments", "website", "payments-test"}
