"""One entry of crossings.yaml on its way into the simulator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from demo.seeding.ids import seeded_id
from demo.seeding.reading import Node, required
from demo.simulator.crossings import Crossing, Crossings

REGION: Final = "eu-central-1"


@dataclass(frozen=True, slots=True)
class Adding:
    """One entry of the file on its way into the simulator."""

    node: Node
    crossings: Crossings
    accounts: Mapping[str, str]
    seeded_at: datetime

    def entries(self, *allowed: str) -> dict[str, Node]:
        return self.node.mapping(*allowed)

    def text(self, key: str) -> str:
        return required(self.node.mapping(), key, self.node).text()

    def texts(self, key: str) -> list[str]:
        found = self.node.mapping().get(key)
        return [] if found is None else found.texts()

    def flag(self, key: str) -> bool:
        found = self.node.mapping().get(key)
        return False if found is None else found.flag()

    @property
    def account_id(self) -> str:
        return self.account(self.text("account"))

    def account(self, name: str) -> str:
        if name.isdigit() and len(name) == 12:
            return name
        if name not in self.accounts:
            raise self.node.bad(f"there is no account {name!r}")
        return self.accounts[name]

    def id(self, prefix: str, *names: str) -> str:
        return seeded_id(prefix, *names)

    def at(self, days: float = 60) -> datetime:
        return self.seeded_at - timedelta(days=days)

    def add(self, kind: str, account_id: str, members: Mapping[str, Any], **within: Any) -> None:
        self.crossings.add(Crossing(kind, account_id, REGION, dict(members), within))
