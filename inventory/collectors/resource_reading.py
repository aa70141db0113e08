"""Reading resources with the policies on them: list them, ask each, say what could not be read."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import (
    TIME_USED_UP,
    AwsError,
    AwsNotFound,
    AwsPartlyDenied,
    AwsReadDenied,
    of_many,
)
from inventory.collectors.collector import Slice
from inventory.collectors.listed import read_listed
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS, POLICY, AccessGrant

T = TypeVar("T")
Item = TypeVar("Item")

# Answers that name the resource itself as missing, where its policy was asked for.
RESOURCE_GONE: Final = frozenset({"ResourceNotFoundException"})
# What a policy without a version has.
_OLD_VERSION: Final = "2008-10-17"


@dataclass(slots=True)
class ResourceParts:
    """Asks for the parts of one resource, each by a call that may be refused by itself.

    `client`: where the resource is. `service`: as `ResourcePolicyRecord` has it. `gone`: the codes
    by which AWS says that the resource is not there, rather than the part. `denied`: the last
    refusal.
    """

    client: AwsClient
    service: str
    gone: Collection[str] = ()
    denied: AwsReadDenied | None = None
    unknown: dict[str, str] = field(default_factory=dict)

    def part(
        self, name: str, operation: str, read: Callable[[AwsAnswer], T], /, **parameters: Any
    ) -> T | None:
        """Return a part of the resource; None: it has none, or it is noted as unknown.

        :raises AwsNotFound: the resource is not there.
        """
        return self.reading(name, lambda: read(self.client.call(operation, **parameters)))

    def reading(self, name: str, read: Callable[[], T]) -> T | None:
        """Return a part that takes several calls, as `part` does one of a single call."""
        try:
            return read()
        except AwsNotFound as error:
            if error.code in self.gone:
                raise
            return None
        except AwsReadDenied as error:
            self.unknown[name] = error.code
            self.denied = error
            return None

    def policy(self, operation: str, member: str = "Policy", /, **parameters: Any) -> str | None:
        """Return the policy on the resource, which is the text `member` of an answer."""
        return self.part(POLICY, operation, lambda answer: answer.get(member) or None, **parameters)

    def record(
        self,
        resource_type: str,
        arn: str,
        name: str,
        content: str | None,
        *,
        facts: Mapping[str, Any] | None = None,
        grants: Iterable[AccessGrant] | None = None,
        region: str = "",
    ) -> ResourcePolicyRecord:
        """Return the record of the resource, with what could not be read since the last one.

        `grants`: access that something other than the policy gives; None: not read, or AWS has no
        such thing for it. `region`: if the resource is not where it was asked for.
        """
        unknown, self.unknown = self.unknown, {}
        given = dict(facts or {})
        if grants is not None:
            given[GRANTS] = [each.as_json() for each in grants]
        return ResourcePolicyRecord(
            service=self.service,
            region=region or self.client.region,
            resource_type=resource_type,
            arn=arn,
            name=name,
            content=content,
            facts=given,
            unknown=unknown,
        )


def read_resources(
    client: AwsClient,
    service: str,
    list_items: Callable[[], Iterable[Item]],
    read: Callable[[Item, ResourceParts], Iterator[ResourcePolicyRecord]],
    *,
    id_of: Callable[[Item], str],
    gone: Collection[str] = RESOURCE_GONE,
) -> Iterator[ResourcePolicyRecord]:
    """Yield the records of each listed resource.

    `read`: yields those of one item, usually one, by asking `ResourceParts`. What was listed and is
    not found counts as deleted only if a second list lacks it too. `gone`: as `ResourceParts` has.
    :raises AwsInconsistent: a resource is listed and not found, and was not yielded.
    :raises AwsPartlyDenied: every resource was yielded, and a part of some could not be read.
    :raises AwsError: some resources could not be read for another reason and were not yielded.
    """
    denied: dict[str, AwsReadDenied] = {}
    failed: dict[str, AwsError] = {}

    def read_one(item: Item) -> tuple[ResourcePolicyRecord, ...]:
        parts = ResourceParts(client, service, gone)
        try:
            records = tuple(read(item, parts))
        except AwsNotFound:
            raise
        except AwsError as error:
            if error.code == TIME_USED_UP:
                raise
            failed[id_of(item)] = error
            return ()
        if parts.denied is not None:
            denied[id_of(item)] = parts.denied
        return records

    yield from read_listed(list_items, read_one, id_of=id_of)
    if failed:
        raise of_many(failed, kind=type(next(iter(failed.values()))))
    if denied:
        raise of_many(denied, kind=AwsPartlyDenied)


def resources(service: str, *resource_types: str) -> tuple[Slice, ...]:
    """Return what a complete reading of some types of a service's resources knows whole."""
    return tuple(
        Slice(ResourcePolicyRecord, {"service": service, "resource_type": each})
        for each in resource_types
    )


def together(policies: Mapping[str, str]) -> str | None:
    """Return one policy that says what several named policies on a resource say together.

    A single one is returned to the letter. None: there is none.
    :raises ValueError: one of several is no JSON object with statements.
    """
    texts = [policies[name] for name in sorted(policies)]
    if len(texts) <= 1:
        return texts[0] if texts else None
    statements: list[Any] = []
    versions: set[str] = set()
    for text in texts:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise ValueError("a policy is not a JSON object")
        own = document.get("Statement", [])
        statements += own if isinstance(own, list) else [own]
        versions.add(str(document.get("Version", _OLD_VERSION)))
    return json.dumps({"Version": max(versions), "Statement": statements})
