"""What has a policy of its own, as the seeding left it, and calls that ask for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from demo.simulator.errors import AwsError

Members = dict[str, Any]
_MOST: Final = 100
NOT_FOUND: Final = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class Resource:
    """`service` and `kind`: IAM's prefix and type, as `sqs` and `queue`. `more`: what else it has.

    `policy`: empty if it has none.
    """

    service: str
    kind: str
    region: str
    name: str
    policy: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Resources:
    """Every account's resources, by where they are."""

    _by_place: dict[tuple[str, str], list[Resource]] = field(default_factory=dict)

    def add(self, account_id: str, resource: Resource) -> None:
        self._by_place.setdefault((account_id, resource.region), []).append(resource)

    def of(self, account_id: str, region: str, service: str, kind: str) -> list[Resource]:
        """Return the resources of a kind, by name."""
        here = self._by_place.get((account_id, region), ())
        found = (each for each in here if (each.service, each.kind) == (service, kind))
        return sorted(found, key=lambda each: each.name)


@dataclass(frozen=True, slots=True)
class ResourceCall:
    """A call: its caller, where it is made, its values, and what exists there."""

    resources: Resources
    account_id: str
    region: str
    given: Members

    def all(self, service: str, kind: str) -> list[Resource]:
        return self.resources.of(self.account_id, self.region, service, kind)

    def one(self, service: str, kind: str, name: str, code: str = NOT_FOUND) -> Resource:
        """:raises AwsError: `code`, where there is none of that name or ARN."""
        for each in self.all(service, kind):
            if name in {each.name, self.arn(each)}:
                return each
        raise AwsError(code, f"{name} does not exist.", status=404)

    def arn(self, resource: Resource) -> str:
        form = _ARNS[resource.service, resource.kind]
        place = f"{resource.service}:{self.region}:{self.account_id}"
        return f"arn:aws:{place}:{form.format(resource.name)}"

    def page(
        self, key: str, items: Iterable[Any], *, size: str, after: str = "NextToken", out: str = ""
    ) -> Members:
        """Return a page of items under `key`; tokens are places in the list."""
        every = list(items)
        start, most = int(self.given.get(after) or 0), int(self.given.get(size) or _MOST)
        page: Members = {key: every[start : start + most]}
        if start + most < len(every):
            page[out or after] = str(start + most)
        return page


_ARNS: Final = {
    ("sqs", "queue"): "{}",
    ("sns", "topic"): "{}",
    ("kms", "key"): "key/{}",
    ("secretsmanager", "Secret"): "secret:{}-Ab12Cd",
    ("lambda", "function"): "function:{}",
    ("lambda", "layer"): "layer:{}",
    ("ecr", "repository"): "repository/{}",
    ("events", "event-bus"): "event-bus/{}",
    ("backup", "backupVault"): "backup-vault:{}",
    ("es", "domain"): "domain/{}",
    ("elasticfilesystem", "file-system"): "file-system/{}",
    ("dynamodb", "table"): "table/{}",
    ("kinesis", "stream"): "stream/{}",
    ("kafka", "cluster"): "cluster/{}/0c1e2f34-0001-4a5b-9c7d-1234567890ab-1",
    ("logs", "destination"): "destination:{}",
    ("logs", "log-group"): "log-group:{}",
    ("glacier", "vault"): "vaults/{}",
    ("acm-pca", "certificate-authority"): "certificate-authority/{}",
    ("ses", "identity"): "identity/{}",
    ("s3tables", "TableBucket"): "bucket/{}",
}


def policy_of(resource: Resource, code: str = NOT_FOUND) -> str:
    if not resource.policy:
        raise AwsError(code, f"{resource.name} has no policy.", status=404)
    return resource.policy
