"""What a page of a request shows to somebody who sees a part of the organization."""

import pytest

from governance.simulations.models import Simulation
from inventory.viewing import Place
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.people import person

HIDDEN = "111111111111"
FINDING = {
    "key": "0123456789abcdef",
    "code": "last_policy",
    "level": "hard",
    "message": f"Account log-archive ({HIDDEN}) would have no SCP.",
    "remedy": f"Attach one to {HIDDEN}.",
    "target_ids": [HIDDEN],
}


@pytest.fixture
def seen(snapshot, author):
    """An account that somebody may see, and the request, which reaches another one as well."""
    seen = snapshot.accounts["payments"].account_id
    asked = change_request(
        snapshot.connection,
        author,
        operations=[
            {"kind": "detach_policy", "policy_id": "p-a", "target_id": seen},
            {"kind": "detach_policy", "policy_id": "p-a", "target_id": HIDDEN},
        ],
        object_ids=["p-a", seen, HIDDEN],
        reaching_ids=[],
    )
    with_evidence(asked, content={"findings": [FINDING]})
    return seen


@pytest.fixture
def viewer(snapshot, seen, client):
    client.force_login(person("viewer", Place(snapshot.connection.pk, seen)))
    return client


class TestSomebodyWhoSeesAPart:
    def test_learns_that_a_finding_blocks_and_not_where(self, viewer, address):
        shown = viewer.get(address("change-request-evidence", number=1)).content.decode()
        assert "in a part of the organization that you do not see" in shown
        assert HIDDEN not in shown
        assert "log-archive" not in shown

    def test_cannot_take_hidden_operations_into_a_simulation(self, viewer, address):
        page = viewer.get(address("change-request", number=1)).content.decode()
        assert "Open in simulator" not in page
        assert viewer.post(address("change-request-simulate", number=1)).status_code == 403
        assert not Simulation.objects.exists()


class TestSomebodyWhoSeesAll:
    def test_reads_the_finding_and_takes_the_whole_plan(self, seen, client, address):
        shown = client.get(address("change-request-evidence", number=1)).content.decode()
        assert "would have no SCP" in shown
        assert client.post(address("change-request-simulate", number=1)).status_code == 302
        assert len(Simulation.objects.get().operations) == 2
