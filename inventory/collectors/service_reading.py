"""Reading how a service is set up: facts by several calls, each of which may be refused alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied, AwsUnsupported, of_many
from inventory.collectors.collector import Earlier, Slice
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import ServiceKind


@dataclass(slots=True)
class FactReader:
    """Asks for the facts of one thing. `facts`: what was read; `unknown`: what was not, and why.

    `denied`: the last refusal.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    denied: AwsReadDenied | None = None

    def read(
        self,
        client: AwsClient,
        names: Iterable[str],
        operation: str,
        read: Callable[[AwsAnswer], Mapping[str, Any]],
        /,
        **parameters: Any,
    ) -> None:
        """Call `operation` and take from its answer the facts `names`, or note why there is none.

        :raises AwsError: what is neither a refusal nor a call that AWS does not offer here.
        """
        try:
            self.facts.update(read(client.call(operation, **parameters)))
        except AwsReadDenied as error:
            self.denied = error
            self.unknown.update(dict.fromkeys(names, error.code))
        except AwsUnsupported as error:
            self.unknown.update(dict.fromkeys(names, error.code))


def raise_denied(denied: Mapping[str, AwsReadDenied | None]) -> None:
    """Raise, after everything was yielded, if some facts could not be read.

    `denied`: by the thing's name, the refusal or None.
    :raises AwsPartlyDenied: there is a refusal.
    """
    refused = {name: error for name, error in denied.items() if error is not None}
    if refused:
        raise of_many(refused, kind=AwsPartlyDenied)


def kept_by_name(earlier: Earlier) -> dict[str, ServiceConfigurationRecord]:
    """Return what a collector's own earlier readings left in the store, by the records' names."""
    return {
        each.name: each for each in earlier.kept if isinstance(each, ServiceConfigurationRecord)
    }


def rows_of(*kinds: ServiceKind) -> tuple[Slice, ...]:
    """Return the slices that a complete reading of some kinds covers."""
    return tuple(
        Slice(ServiceConfigurationRecord, {"service": each.service, "kind": each.kind})
        for each in kinds
    )
