"""Reading how a service is set up: facts by several calls, each of which may be refused alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.aws.client import Answer, AwsClient
from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied, AwsUnsupported, of_many
from inventory.collectors.collector import Slice
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
        read: Callable[[Answer], Mapping[str, Any]],
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


def raise_denied(denied: Mapping[str, AwsReadDenied]) -> None:
    """Tell, after everything was yielded, of whose facts some could not be read.

    `denied`: the refusal by the thing's name. :raises AwsPartlyDenied: there is one.
    """
    if denied:
        raise of_many(denied, kind=AwsPartlyDenied)


def rows_of(*kinds: ServiceKind) -> tuple[Slice, ...]:
    """Return what a complete reading of some kinds knows whole."""
    return tuple(
        Slice(ServiceConfigurationRecord, {"service": each.service, "kind": each.kind})
        for each in kinds
    )
