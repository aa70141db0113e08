"""Copies that may be shared, such as snapshots: each is asked for by itself whom it is shared with.

AWS has no list of those that are shared, only of those that everybody may use. So each of an
account's own is asked for, the newest first, up to a number in a region and run.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsCallsUsedUp
from inventory.collectors.resource_reading import ResourceParts, read_resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind

# How many copies of a kind are asked for in a region and run: about a minute's calls.
MOST_ASKED: Final = 500

ALL: Final = "all"


def read_shared_copies(
    client: AwsClient,
    service: str,
    list_copies: Callable[[], Iterable[AwsAnswer]],
    read: Callable[[AwsAnswer, ResourceParts], ResourcePolicyRecord | None],
    *,
    id_of: Callable[[AwsAnswer], str],
    made_at: Callable[[AwsAnswer], object],
    gone: str,
    most: int = MOST_ASKED,
) -> Iterator[ResourcePolicyRecord]:
    """Yield the copies that are shared. `read`: None for one that is not.

    `made_at`: by what the newest are told. `gone`: the code of a copy that is not there.
    :raises AwsCallsUsedUp: there are more than `most`; of the older ones it is not known.
    :raises AwsError: as `read_resources`.
    """
    listed = 0

    def newest() -> list[AwsAnswer]:
        nonlocal listed
        copies = sorted(
            list_copies(), key=lambda each: (str(made_at(each)), id_of(each)), reverse=True
        )
        listed = len(copies)
        return copies[:most]

    def read_one(copy: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
        record = read(copy, parts)
        if record is not None:
            yield record

    yield from read_resources(client, service, newest, read_one, id_of=id_of, gone=(gone,))
    if listed > most:
        raise AwsCallsUsedUp(
            f"with whom the newest {most} of {listed} are shared was asked; the others are not "
            "known",
            code="TooMany",
            remedy="delete what is not needed; AWS has no list of those that are shared",
        )


def shared_with(accounts: Iterable[str], through: str, *actions: str) -> list[AccessGrant]:
    """Return the access that a copy gives to accounts, or to `all`."""
    return [
        AccessGrant(
            GranteeKind.EVERYONE if each == ALL else GranteeKind.ACCOUNT,
            "*" if each == ALL else each,
            through,
            actions,
        )
        for each in sorted(set(accounts))
    ]
