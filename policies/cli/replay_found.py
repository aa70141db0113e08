"""What becomes of usage under a change, as `replay` writes it."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from policies.cli.json_input import as_object
from policies.language.json_reader import JsonValue
from policies.usage.joint import ReplayEffect
from policies.usage.record import usage_of_json
from policies.usage.replay import UsageReplayer

DECODER: Final = json.JSONDecoder()


class ReplayFound(NamedTuple):
    """What becomes of records. The lists: records as JSON, without the brackets around them."""

    revoked: str
    gained: str
    maybe: str
    unchanged: int
    unlisted_accounts: frozenset[str]


class ReplayedRecords:
    """What was found so far, records as they were given."""

    def __init__(self, replayer: UsageReplayer) -> None:
        self._replayer = replayer
        self.revoked: list[JsonValue] = []
        self.gained: list[JsonValue] = []
        self.maybe: list[JsonValue] = []
        self.unchanged = 0

    def found(self) -> ReplayFound:
        """Return what was found of all records that were added."""
        texts = [
            json.dumps(records, ensure_ascii=False)[1:-1]
            for records in (self.revoked, self.gained, self.maybe)
        ]
        revoked, gained, maybe = texts
        unlisted = self._replayer.unlisted_accounts
        return ReplayFound(revoked, gained, maybe, self.unchanged, unlisted)

    def add(self, given: JsonValue) -> None:
        """Replay one record.

        :raises NotUsage: it is none.
        """
        use = self._replayer.replay(usage_of_json(given))
        match use.effect:
            case ReplayEffect.UNCHANGED:
                self.unchanged += 1
            case ReplayEffect.REVOKED:
                self.revoked.append(given)
            case ReplayEffect.GAINED:
                self.gained.append(given)
            case ReplayEffect.MAYBE:
                keys: list[JsonValue] = list(use.keys)
                self.maybe.append({**as_object(given, "a record"), "keys": keys})
