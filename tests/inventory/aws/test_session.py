"""Sessions: one set of clients, each call signed by the role that acts."""

import json
import threading
from typing import Any

import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from urllib3.exceptions import NameResolutionError, NewConnectionError

from inventory.aws.client import AwsClient, CallLog, Patience, assume_role
from inventory.aws.session import (
    ActingCredentials,
    NobodyActing,
    RoleRequest,
    acting_as,
    acting_client,
    is_offered,
    own_client,
    session_policy,
)
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from tests.inventory.stubs import ROLE

ONE = ReadOnlyCredentials("AKIAONE", "one", "token-one")
OTHER = ReadOnlyCredentials("AKIAOTHER", "other", "token-other")


class TestActingAs:
    def test_makes_a_client_once_for_all_accounts(self):
        assert acting_client("iam", region="us-east-1") is acting_client("iam", region="us-east-1")

    def test_makes_another_client_for_another_endpoint(self):
        there = acting_client("iam", region="us-east-1", endpoint_url="http://127.0.0.1:9")
        assert there is not acting_client("iam", region="us-east-1")

    def test_signs_with_the_role_that_acts(self):
        sent = []
        client: Any = acting_client("iam", region="us-east-1", endpoint_url="http://127.0.0.1:9")

        def keep(request, **_):
            sent.append(request.headers["Authorization"].decode())
            raise KeyboardInterrupt

        client.meta.events.register("before-send.iam", keep, unique_id="keep")
        try:
            for credentials in (ONE, OTHER):
                with acting_as(credentials), pytest.raises(KeyboardInterrupt):
                    client.get_account_summary()
        finally:
            client.meta.events.unregister("before-send.iam", unique_id="keep")
        assert "Credential=AKIAONE/" in sent[0]
        assert "Credential=AKIAOTHER/" in sent[1]

    def test_signs_nothing_when_nobody_acts(self):
        client: Any = acting_client("iam", region="us-east-1", endpoint_url="http://127.0.0.1:9")
        with pytest.raises(NobodyActing):
            client.get_account_summary()

    def test_keeps_threads_apart(self):
        credentials = ActingCredentials()
        seen = {}
        both = threading.Barrier(2, timeout=10)

        def act(given):
            with acting_as(given):
                both.wait()
                seen[given.access_key] = credentials.get_frozen_credentials().access_key
                both.wait()

        threads = [threading.Thread(target=act, args=(each,)) for each in (ONE, OTHER)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == {"AKIAONE": "AKIAONE", "AKIAOTHER": "AKIAOTHER"}


GROUPS = [(reader, group) for reader in Reader for group in registry.groups(reader)]


class TestSessionPolicy:
    @pytest.mark.parametrize(("reader", "group"), GROUPS)
    def test_holds_what_a_group_of_collectors_needs_and_fits(self, reader, group):
        needed = registry.needed_actions(registry.group_collectors(reader, group))
        text = session_policy(needed)
        [statement] = json.loads(text)["Statement"]
        assert statement["Action"] == list(needed)
        assert not any("*" in action for action in statement["Action"])
        assert len(text) <= 2048


class TestAssumeRole:
    def request(self, **given):
        values: dict[str, Any] = {
            "role": ROLE,
            "external_id": "secret",
            "session_name": "orgwarden-run-1",
            "duration_seconds": 900,
            "policy": session_policy(["iam:GetAccountSummary"]),
        }
        return RoleRequest(**(values | given))

    def test_passes_external_id_source_identity_duration_and_policy(self, monkeypatch):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAWORKER")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "worker")
        raw = own_client("sts", region="us-east-1")
        sts = AwsClient(raw, credentials=None, role=None, log=CallLog(), patience=Patience())
        with Stubber(raw) as aws:
            aws.add_response(
                "assume_role",
                {
                    "Credentials": {
                        "AccessKeyId": "ASIA" + "A" * 16,
                        "SecretAccessKey": "s",
                        "SessionToken": "t",
                        "Expiration": "2026-11-01T09:00:00Z",
                    }
                },
                {
                    "RoleArn": ROLE.arn,
                    "RoleSessionName": "orgwarden-run-1",
                    "SourceIdentity": "orgwarden",
                    "DurationSeconds": 900,
                    "ExternalId": "secret",
                    "Policy": session_policy(["iam:GetAccountSummary"]),
                },
            )
            assert assume_role(sts, self.request()).access_key == "ASIA" + "A" * 16

    def test_leaves_out_an_external_id_that_is_not_set(self):
        assert "ExternalId" not in self.request(external_id="").parameters()

    @pytest.mark.parametrize("seconds", [899, 3601])
    def test_refuses_a_duration_that_chained_roles_do_not_get(self, seconds):
        with pytest.raises(ValueError, match="900 to 3600"):
            self.request(duration_seconds=seconds).parameters()


def unreached(address, *, named):
    """Return what botocore raises where an address has no name, or does not answer."""
    reason = "refused" if named else "unknown"
    error = (
        NewConnectionError(None, reason)  # type: ignore[arg-type]
        if named
        else NameResolutionError("host", None, OSError(reason))  # type: ignore[arg-type]
    )
    return EndpointConnectionError(endpoint_url=address, error=error)


class TestIsOffered:
    @pytest.mark.parametrize(
        ("service", "region", "address", "named", "offered"),
        [
            # botocore's data know where these are.
            ("sqs", "eu-west-1", "https://sqs.eu-west-1.amazonaws.com/", False, True),
            ("glacier", "mx-central-1", "https://glacier.mx-central-1.amazonaws.com/", True, False),
            # They know nothing of these: an address without a name is none.
            ("s3tables", "af-south-1", "https://s3tables.af-south-1.amazonaws.com/", False, False),
            ("s3tables", "eu-west-1", "https://s3tables.eu-west-1.amazonaws.com/", True, True),
            ("s3", "eu-west-3", "https://s3express-control.eu-west-3.amazonaws.com/", False, False),
        ],
    )
    def test_tells_what_is_not_offered_from_what_cannot_be_reached(
        self, service, region, address, named, offered
    ):
        client = acting_client(service, region=region)
        assert is_offered(client, unreached(address, named=named)) == offered
