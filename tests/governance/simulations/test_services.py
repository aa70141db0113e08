"""Drafts are kept, and only their owners change them."""

from datetime import timedelta

import pytest

from governance.access.actors import user_actor
from governance.edits.operations import OperationsInvalid
from governance.simulations import services
from governance.simulations.models import Simulation
from governance.simulations.selectors import simulations
from inventory.viewing import Viewer
from tests.factories.edits import NOW, PROD, ROOT, attached, created, edited
from tests.factories.people import person

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def owner(db):
    return person("author")


@pytest.fixture
def draft(snapshot, owner):
    return services.simulation_create(
        actor=user_actor(owner),
        connection=snapshot.connection,
        name="Keep to Europe",
        operations=[edited("p-regio001", "{}")],
        as_of=None,
        now=NOW,
    )


class TestDrafts:
    def test_keep_their_operations_by_ids_of_their_own(self, draft, owner):
        services.operation_add(
            simulation_id=draft.pk,
            actor=user_actor(owner),
            operation=attached("p-unatt001", ROOT),
            now=LATER,
        )
        services.operation_remove(
            simulation_id=draft.pk, actor=user_actor(owner), operation_id=1, now=LATER
        )
        again = services.operation_add(
            simulation_id=draft.pk,
            actor=user_actor(owner),
            operation=attached("p-unatt001", PROD),
            now=LATER,
        )
        ids = [one["id"] for one in again.operations]
        assert len(set(ids)) == 2
        assert 1 not in ids
        assert services.operations_of(again) == (
            attached("p-unatt001", ROOT),
            attached("p-unatt001", PROD),
        )
        assert again.updated_at == LATER

    def test_take_another_text_and_for_a_new_policy_another_name(self, draft, owner):
        added = services.operation_add(
            simulation_id=draft.pk, actor=user_actor(owner), operation=created("{}"), now=LATER
        )
        number = added.operations[-1]["id"]
        changed = services.operation_edit(
            simulation_id=draft.pk,
            actor=user_actor(owner),
            operation_id=number,
            text="[]",
            name="Other",
            now=LATER,
        )
        assert services.operations_of(changed)[-1] == created("[]", name="Other")
        with pytest.raises(OperationsInvalid, match="at most 60,000"):
            services.operation_edit(
                simulation_id=draft.pk,
                actor=user_actor(owner),
                operation_id=number,
                text="x" * 60_001,
                name=None,
                now=LATER,
            )

    def test_are_changed_by_their_owner_alone(self, draft):
        other = person("administrator")
        for change in (
            lambda: services.operation_add(
                simulation_id=draft.pk,
                actor=user_actor(other),
                operation=attached("p-x", ROOT),
                now=LATER,
            ),
            lambda: services.operation_remove(
                simulation_id=draft.pk, actor=user_actor(other), operation_id=1, now=LATER
            ),
            lambda: services.simulation_rename(
                simulation_id=draft.pk, actor=user_actor(other), name="Mine", now=LATER
            ),
            lambda: services.simulation_delete(
                simulation_id=draft.pk, actor=user_actor(other), now=LATER
            ),
        ):
            with pytest.raises(services.NotTheOwner, match="make a copy to change it"):
                change()
        draft.refresh_from_db()
        assert (draft.name, draft.revision) == ("Keep to Europe", 1)

    def test_can_be_copied_by_anybody(self, draft):
        other = person("viewer")
        copy = services.simulation_copy(actor=user_actor(other), simulation=draft, now=LATER)
        assert copy.owner == other
        assert copy.name == "Copy of Keep to Europe"
        assert services.operations_of(copy) == services.operations_of(draft)

    def test_that_are_gone_say_so(self, draft, owner):
        services.simulation_delete(simulation_id=draft.pk, actor=user_actor(owner), now=LATER)
        assert not Simulation.objects.exists()
        with pytest.raises(services.NoSuchSimulation):
            services.simulation_rename(
                simulation_id=draft.pk, actor=user_actor(owner), name="x", now=LATER
            )

    def test_name_what_is_wrong(self, draft, owner):
        with pytest.raises(services.NameInvalid, match="1 to 120"):
            services.simulation_rename(
                simulation_id=draft.pk, actor=user_actor(owner), name=" ", now=LATER
            )
        with pytest.raises(services.NoSuchOperation):
            services.operation_remove(
                simulation_id=draft.pk, actor=user_actor(owner), operation_id=99, now=LATER
            )
        Simulation.objects.update(operations=draft.operations * 50)
        with pytest.raises(services.TooManyOperations, match="at most 50"):
            services.operation_add(
                simulation_id=draft.pk,
                actor=user_actor(owner),
                operation=attached("p-x", ROOT),
                now=LATER,
            )

    def test_are_seen_by_those_who_may_see_the_organization(self, draft):
        seen = simulations(Viewer(sees_inventory=True), connection=draft.connection)
        assert list(seen) == [draft]
        assert not simulations(Viewer(sees_inventory=False), connection=draft.connection)
