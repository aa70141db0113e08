"""How the demo connects Orgwarden to the simulator's organization."""

import pytest

from demo.first_inventory import ensure_connection, given_name
from demo.simulator.credentials import AUDIT_ROLE, EXTERNAL_ID
from inventory.models import Connection

pytestmark = pytest.mark.django_db


class TestEnsureConnection:
    def test_connects_by_the_simulators_roles_and_endpoint(self):
        connection = ensure_connection(
            endpoint="http://127.0.0.1:5001", account_id="111122223333", name="Halden Freight"
        )

        assert connection.slug == "halden-freight"
        assert connection.organization_role_arn.startswith("arn:aws:iam::111122223333:role/")
        assert connection.audit_role_name == AUDIT_ROLE
        assert connection.external_id == EXTERNAL_ID
        assert connection.endpoint_url == "http://127.0.0.1:5001"

    def test_follows_the_simulator_to_another_port(self):
        first = ensure_connection(
            endpoint="http://127.0.0.1:5001", account_id="111122223333", name="Halden Freight"
        )
        second = ensure_connection(
            endpoint="http://127.0.0.1:5002", account_id="111122223333", name="Halden Freight"
        )

        assert second.pk == first.pk
        assert Connection.objects.get().endpoint_url == "http://127.0.0.1:5002"

    def test_switches_off_the_organization_that_was_shown_before(self):
        before = ensure_connection(
            endpoint="http://127.0.0.1:5001", account_id="111122223333", name="Halden Freight"
        )
        real = Connection.objects.create(
            name="Real",
            slug="real",
            organization_role_arn="arn:aws:iam::999988887777:role/Reader",
            external_id="theirs",
        )
        ensure_connection(
            endpoint="http://127.0.0.1:5001", account_id="444455556666", name="Another"
        )

        enabled = Connection.objects.filter(enabled=True)
        assert set(enabled.values_list("slug", flat=True)) == {"another", "real"}
        assert Connection.objects.filter(pk__in=[before.pk, real.pk]).count() == 2


class TestGivenName:
    def test_is_the_folders(self, tmp_path):
        (tmp_path / "organization.yaml").write_text("name: Halden Freight\nid: o-1\n")

        assert given_name(tmp_path) == "Halden Freight"

    def test_is_none_for_a_folder_that_gives_none(self, tmp_path):
        assert given_name(tmp_path) is None

    def test_is_a_single_files_own_name(self, tmp_path):
        file = tmp_path / "acme.json"
        file.write_text("{}")
        assert given_name(file) == "acme"

    def test_is_the_folders_name_for_a_file_called_organization(self, tmp_path):
        folder = tmp_path / "justice"
        folder.mkdir()
        file = folder / "organization.json"
        file.write_text("{}")
        assert given_name(file) == "justice"
