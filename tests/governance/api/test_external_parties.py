"""External parties over the API: who is let in from outside, and naming accounts."""

from rest_framework.test import APIClient

from tests.factories.people import person
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

URL = "/api/v1/organizations/acme/external-parties"


class TestExternalParties:
    def test_names_an_account_against_an_etag_and_forgets_the_name(self, acme, viewer):
        TrustEdgeFactory.create(connection=acme.connection, seen_from=FIRST_RUN_AT)
        (unknown,) = viewer.get(URL).json()["results"]
        assert (unknown["name"], unknown["kind"], unknown["edges"]) == ("", "unknown", 1)
        body = {"account_ids": unknown["account_ids"], "kind": "partner"}
        address = f"{URL}/Harbour"
        assert viewer.put(address, body, format="json").status_code == 403
        client = APIClient()
        client.force_login(person("security"))
        assert client.put(address, body, format="json").status_code == 428
        made = client.put(address, body, format="json", headers={"If-Match": "*"})
        assert (made.status_code, made.json()["version"]) == (200, 1)
        tag = client.get(address).headers["ETag"]
        wrong = {"account_ids": ["1"]}
        late = {"If-Match": '"other"'}
        assert client.put(address, wrong, format="json", headers=late).status_code == 412
        assert client.put(address, wrong, format="json", headers={"If-Match": tag}).status_code == (
            400
        )
        assert client.delete(address, headers={"If-Match": tag}).status_code == 204
        assert client.get(address).status_code == 404
