"""A request is saved as a bundle by those who may read the whole audit log."""

import io
import json
import zipfile

import pytest

from inventory.viewing import Place
from tests.factories.edits import TEST
from tests.factories.people import give_role, person


@pytest.fixture
def bundle(address, asked):
    """The address of the bundle of a draft."""
    return address("change-request-bundle", number=asked.number)


class TestBundle:
    def test_is_a_button_of_security_that_saves_all_that_is_on_record(
        self, client, address, asked, bundle
    ):
        client.force_login(person("security"))
        page = client.get(address("change-request", number=asked.number)).text
        assert f'href="{bundle}"' in page
        answer = client.get(bundle)
        assert answer.headers["Content-Disposition"].endswith(f'-cr-{asked.number}-bundle.zip"')
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            held = json.loads(archive.read("bundle.json"))
            assert "verify_audit.py bundle" in archive.read("README.txt").decode()
        assert held["format"] == "orgwarden-change-bundle/1"
        assert held["request"]["number"] == asked.number
        assert held["request"]["operations"] == asked.operations

    def test_is_neither_shown_nor_sent_to_who_may_not_read_the_audit_log(
        self, client, address, asked, bundle
    ):
        page = client.get(address("change-request", number=asked.number)).text
        assert "Download the bundle" not in page
        assert client.get(bundle).status_code == 403

    def test_is_not_for_who_reads_the_audit_log_of_a_part_alone(
        self, client, snapshot, address, asked, bundle
    ):
        somebody = person("approver", username="part")
        give_role(somebody, "security", Place(snapshot.connection.pk, TEST))
        client.force_login(somebody)
        assert (
            "Download the bundle"
            not in client.get(address("change-request", number=asked.number)).text
        )
        assert client.get(bundle).status_code == 403
