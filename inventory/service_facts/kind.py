"""What a kind of a service's configuration is: its name, its collector and its facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from inventory.records import ServiceConfigurationRecord

# In the place of a region, for what has none; as `inventory.collectors.collector` has it.
_GLOBAL: Final = "global"


class FactType(StrEnum):
    """What the value of a fact is in JSON."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    TEXTS = "texts"
    OBJECT = "object"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """One fact of a kind. `call`: the AWS operation that gives it; `meaning`: in words."""

    name: str
    type: FactType
    meaning: str
    call: str


@dataclass(frozen=True, slots=True)
class ServiceKind:
    """One kind of row. `collector`: whose coverage says whether all of them were read."""

    service: str
    kind: str
    label: str
    collector: str
    facts: tuple[ServiceFact, ...]

    @property
    def key(self) -> str:
        """How rules and files name it: `cloudtrail:trail`."""
        return f"{self.service}:{self.kind}"

    @property
    def fact_names(self) -> frozenset[str]:
        """The names that `facts` of such a row may hold."""
        return frozenset(each.name for each in self.facts)

    def record(
        self,
        facts: Mapping[str, Any],
        *,
        region: str = _GLOBAL,
        name: str = "",
        arn: str = "",
        unknown: Mapping[str, str] = MappingProxyType({}),
        account_id: str | None = None,
    ) -> ServiceConfigurationRecord:
        """Return a record of this kind; facts that are not given are None.

        `account_id`: under whom it is stored, if not the account that is read.
        :raises ValueError: a fact is given that the kind does not declare.
        """
        return ServiceConfigurationRecord(
            service=self.service,
            region=region,
            kind=self.kind,
            name=name,
            arn=arn,
            facts=self._complete(facts, unknown),
            unknown=dict(unknown),
            account_id=account_id,
        )

    def _complete(self, facts: Mapping[str, Any], unknown: Mapping[str, str]) -> dict[str, Any]:
        undeclared = (set(facts) | set(unknown)) - self.fact_names
        if undeclared:
            raise ValueError(f"{self.key} declares no fact {', '.join(sorted(undeclared))}")
        return {each.name: facts.get(each.name) for each in self.facts}


def boolean(name: str, meaning: str, call: str) -> ServiceFact:
    """Return a fact that is true or false."""
    return ServiceFact(name, FactType.BOOLEAN, meaning, call)


def number(name: str, meaning: str, call: str) -> ServiceFact:
    """Return a fact that is a number."""
    return ServiceFact(name, FactType.NUMBER, meaning, call)


def text(name: str, meaning: str, call: str) -> ServiceFact:
    """Return a fact that is a text."""
    return ServiceFact(name, FactType.TEXT, meaning, call)


def texts(name: str, meaning: str, call: str) -> ServiceFact:
    """Return a fact that is a list of texts."""
    return ServiceFact(name, FactType.TEXTS, meaning, call)


def json_object(name: str, meaning: str, call: str) -> ServiceFact:
    """Return a fact that is an object."""
    return ServiceFact(name, FactType.OBJECT, meaning, call)


def json_objects(name: str, meaning: str, call: str) -> ServiceFact:
    """Return a fact that is a list of objects."""
    return ServiceFact(name, FactType.OBJECTS, meaning, call)
