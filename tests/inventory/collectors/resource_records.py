"""What tests of resources with policies share: a policy, records, and reading until an error."""

import pytest

from inventory.records import ResourcePolicyRecord

POLICY = '{"Version":"2012-10-17","Statement":[]}'
ACCOUNT = "222222222222"
REGION = "us-east-1"


def record(service, resource_type, arn, name, policy=None, *, facts=None, unknown=None):
    """Return a record in the tests' region."""
    return ResourcePolicyRecord(
        service, REGION, resource_type, arn, name, policy, facts or {}, unknown or {}
    )


def read_until(error, collect, client):
    """Return what was yielded before `error` was raised, and the error."""
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(error) as raised:
        # A list keeps what came before the error.
        found.extend(collect(client))
    return found, raised.value
