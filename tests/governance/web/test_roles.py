"""The page of roles, and what somebody may do and why."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from governance.access import rights
from governance.access.models import RoleAssignment
from governance.access.viewers import holds
from inventory.viewing import Place
from tests.factories.people import UserFactory, give_role, person, prove
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
PROD, WORKLOADS = "ou-ab12-prod0001", "ou-ab12-work0001"


@pytest.fixture
def acme():
    made = organization_snapshot()
    made.connection.slug = "acme"
    made.connection.save()
    return made


@pytest.fixture
def admin(client):
    made = person("administrator")
    client.force_login(made)
    prove(client)
    return made


def assigned(client, **values):
    return client.post(reverse("roles"), {"role": "author", "organization": "acme", **values})


class TestRoles:
    def test_assigns_a_role_at_an_ou_and_lists_it_by_its_name(self, client, admin, acme):
        olga = UserFactory.create(username="olga")

        answer = assigned(client, holder="olga", target_id=WORKLOADS)

        assert answer.status_code == 302
        assert holds(olga, rights.START_RUN, connection=acme.connection, target_id=PROD)
        page = client.get(reverse("roles")).content.decode()
        assert "Workloads" in page
        assert "olga" in page

    def test_assigns_to_a_group(self, client, admin, acme):
        group = Group.objects.create(name="platform")
        assigned(client, holder="group:platform", role="viewer")
        assert group.role_assignments.get().connection == acme.connection

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"holder": "nobody"}, "No such person or group."),
            ({"target_id": "ou-ab12-nowhere1"}, "no OU or account ou-ab12-nowhere1"),
            ({"role": "king"}, "Select a valid choice"),
            ({"ends_on": "2020-01-01"}, "has to lie in the future"),
        ],
    )
    def test_says_what_is_wrong_and_assigns_nothing(self, client, admin, acme, values, said):
        UserFactory.create(username="olga")
        answer = assigned(client, **{"holder": "olga", **values})
        assert said in answer.content.decode()
        assert RoleAssignment.objects.count() == 1

    def test_tells_of_what_waits_for_a_second_person(self, client, admin, acme):
        UserFactory.create(username="olga")
        assigned(client, holder="olga", role="security", target_id=WORKLOADS)
        assert "Waits for a second person" in client.get(reverse("roles")).content.decode()

    def test_demands_a_fresh_proof(self, client, acme):
        client.force_login(person("administrator"))
        UserFactory.create(username="olga")
        answer = assigned(client, holder="olga")
        assert answer["Location"].startswith(reverse("step-up"))
        assert RoleAssignment.objects.count() == 1

    def test_withdraws(self, client, admin, acme):
        row = give_role(UserFactory.create(username="olga"), "viewer")
        client.post(reverse("role-withdraw", kwargs={"assignment_id": row.pk}))
        assert not RoleAssignment.objects.filter(pk=row.pk).exists()

    def test_keeps_the_last_administrator(self, client, admin):
        give_role(admin, "viewer")
        row = admin.role_assignments.get(role="administrator")
        answer = client.post(
            reverse("role-withdraw", kwargs={"assignment_id": row.pk}), follow=True
        )
        assert "nobody would be an administrator" in answer.content.decode()
        assert RoleAssignment.objects.filter(pk=row.pk).exists()

    def test_shows_who_administers_a_part_only_that_part(self, client, acme):
        client.force_login(person("administrator", Place(acme.connection.pk, WORKLOADS)))
        prove(client)
        inside = person("viewer", Place(acme.connection.pk, PROD), username="inside-person")
        outside = person(
            "viewer", Place(acme.connection.pk, "ou-ab12-sec00001"), username="outside-person"
        )
        person("viewer", username="everywhere-person")

        page = client.get(reverse("roles")).content.decode()

        table = page[page.index("<tbody>") : page.index("</tbody>")]
        assert "inside-person" in table
        assert "outside-person" not in table
        assert "everywhere-person" not in table
        row = outside.role_assignments.get()
        gone = client.post(reverse("role-withdraw", kwargs={"assignment_id": row.pk}))
        assert gone.status_code == 404
        row = inside.role_assignments.get()
        client.post(reverse("role-withdraw", kwargs={"assignment_id": row.pk}))
        assert not inside.role_assignments.exists()

    def test_lets_nobody_assign_outside_of_their_part(self, client, acme):
        client.force_login(person("administrator", Place(acme.connection.pk, WORKLOADS)))
        prove(client)
        UserFactory.create(username="olga")
        for values in (
            {"organization": ""},
            {"target_id": ""},
            {"target_id": "ou-ab12-sec00001"},
        ):
            answer = assigned(client, **{"holder": "olga", "target_id": "", **values})
            assert answer.status_code == 403
        assert assigned(client, holder="olga", target_id=PROD).status_code == 302

    def test_is_read_by_auditors_and_changed_by_administrators_alone(self, client, acme):
        client.force_login(person("auditor"))
        assert "Assign a role" not in client.get(reverse("roles")).content.decode()
        assert assigned(client, holder="x").status_code == 403
        client.force_login(person("viewer"))
        assert client.get(reverse("roles")).status_code == 403


class TestWhy:
    def ask(self, client, **values):
        return client.get(reverse("roles-why"), values).content.decode()

    def test_names_the_assignment_that_gives_each_right(self, client, admin, acme):
        olga, group = UserFactory.create(username="olga"), Group.objects.create(name="platform")
        olga.groups.add(group)
        give_role(group, "author", Place(acme.connection.pk, WORKLOADS))

        there = self.ask(client, person="olga", organization="acme", target_id=PROD)
        elsewhere = self.ask(client, person="olga", organization="acme")

        assert "Author through the group platform" in there
        assert "Author through the group platform" not in elsewhere
        assert "No role gives it there" in elsewhere

    def test_says_who_nobody_is(self, client, admin):
        assert "No such person." in self.ask(client, person="nobody")
