"""Which calls let somebody become more than they are: the documented list, as data."""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("escalations.json")


class EscalationEffect(StrEnum):
    """What a call comes to.

    BECOME: whoever may call it on a principal becomes that. RAISE_…: what it is called on gets
    every right; worth something where the caller is that, or can become it. JOIN_GROUP: the caller
    gets a group's rights. UNBOUND: the caller's boundary is gone. PASS: a service runs as a role
    that the caller chooses. RUN: as one that it has already. ORGANIZATION: every account, from the
    management account or a delegated administrator's.
    """

    BECOME = "become"
    RAISE_ROLE = "raise_role"
    RAISE_USER = "raise_user"
    RAISE_POLICY = "raise_policy"
    RAISE_GROUP = "raise_group"
    JOIN_GROUP = "join_group"
    UNBOUND = "unbound"
    PASS = "pass"  # noqa: S105
    RUN = "run"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One way. `actions`: all of them are needed. `on`: what the first works on.

    `service`: whose principal the role must trust; of ORGANIZATION, whose delegated administrators
    may call it. `instance_profile`: the role must be in one. `needs`: what must be there besides;
    empty: nothing. `source`: where it is documented; `read_on`: when it was read, ISO 8601;
    None: not looked up; written from general knowledge.
    """

    id: str
    effect: EscalationEffect
    actions: tuple[str, ...]
    text: str
    source: str
    read_on: str | None
    on: str = ""
    service: str = ""
    needs: str = ""
    instance_profile: bool = False


@dataclass(frozen=True, slots=True)
class NotFollowed:
    """Calls that matter and make no edge, with the reason."""

    actions: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class EscalationList:
    """What `escalations.json` says.

    `administrator_actions`: who may do all of them is an administrator. `data_actions`: who may do
    any of them reads data or secrets.
    """

    administrator_actions: tuple[str, ...]
    data_actions: tuple[str, ...]
    escalations: tuple[Escalation, ...]
    not_followed: tuple[NotFollowed, ...]

    def of(self, *effects: EscalationEffect) -> tuple[Escalation, ...]:
        """Return those with one of some effects."""
        return tuple(one for one in self.escalations if one.effect in effects)

    def by_id(self, name: str) -> Escalation:
        """Return one.

        :raises KeyError: there is none.
        """
        for one in self.escalations:
            if one.id == name:
                return one
        raise KeyError(name)


@lru_cache(maxsize=1)
def escalation_list() -> EscalationList:
    """Return what `escalations.json` says."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))
    return EscalationList(
        administrator_actions=tuple(read["administrator_actions"]),
        data_actions=tuple(read["data_actions"]),
        escalations=tuple(
            Escalation(
                **{
                    **one,
                    "effect": EscalationEffect(one["effect"]),
                    "actions": tuple(one["actions"]),
                }
            )
            for one in read["escalations"]
        ),
        not_followed=tuple(
            NotFollowed(tuple(one["actions"]), one["text"]) for one in read["not_followed"]
        ),
    )
