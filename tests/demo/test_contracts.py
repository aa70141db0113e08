"""The demo organization's trust contracts, which go the way of every other."""

from collections import Counter

import pytest
from django.utils import timezone

from demo.contracts import DEMO_CONTRACTS, ensure_contracts
from demo.owners import ensure_owners
from demo.people import ensure_people
from governance.contracts.directory import ContractDirectory
from governance.contracts.findings import _NEED_NONE
from governance.contracts.matches import nearest_contract
from governance.contracts.matching import TermsPart
from governance.contracts.models import TrustContract
from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.refreshing import find_trust, refresh_trust
from tests.factories.demo_organization import demo_organization

pytestmark = pytest.mark.django_db


class TestEnsureContracts:
    def test_has_each_in_its_state_and_edges_outside_stand_out(self, tmp_path):
        ensure_people(tmp_path / "people.json")
        connection = demo_organization(with_people=True).connection
        now = timezone.now()
        ensure_owners(connection, now=now)

        states = ensure_contracts(connection, now=now)

        assert states == [one.rests for one in DEMO_CONTRACTS]
        assert ensure_contracts(connection, now=now) == []
        assert not TrustContract.objects.filter(versions__made_by__username="security").exists()

        done = refresh_trust(connection, now=now)
        find_trust(connection, now=now, moment=done.moment)
        found = TrustFinding.objects.filter(connection=connection, seen_until=None)
        codes = Counter(found.values_list("code", flat=True))
        assert codes["contract-ending"] == 1
        assert codes["no-contracts"] == 0
        edges = TrustEdge.objects.as_of(None).filter(connection=connection)
        crossing = edges.exclude(crossing__in=_NEED_NONE).count()
        assert 0 < codes["outside-contracts"] < crossing / 2, codes
        # The connector's policy asks for no ExternalId, which its contract does.
        broken = edges.get(resource_name="SalesforceConnector", crossing="external")
        assert found.filter(code="outside-contracts", edge_key=broken.key).exists()
        nearest = nearest_contract(broken, ContractDirectory(connection))
        assert nearest is not None
        contract, mismatches = nearest
        assert "connector" in contract.purpose
        assert [one.part for one in mismatches] == [TermsPart.GUARDS]
