"""What tells people from programs, as data: names, services and identity providers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("identity_signs.json")


@dataclass(frozen=True, slots=True)
class AutomationRole:
    """A role that automation of AWS's or a known tool's uses. `name`: a pattern with `*`.

    `source`: where that is documented; `read_on`: when it was read there, ISO 8601.
    """

    name: str
    said: str
    source: str
    read_on: str


@dataclass(frozen=True, slots=True)
class IdentitySigns:
    """Patterns of names (`break_glass_names` in lower case) and hosts, and names of services."""

    break_glass_names: tuple[str, ...]
    automation_roles: tuple[AutomationRole, ...]
    automation_services: Mapping[str, str]
    workload_services: Mapping[str, str]
    pipeline_providers: Mapping[str, str]
    workload_providers: Mapping[str, str]
    people_providers: Mapping[str, str]


@lru_cache(maxsize=1)
def identity_signs() -> IdentitySigns:
    """Return what `identity_signs.json` says."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))
    del read["sources"]  # Where the rest is from, for those who read the file.
    return IdentitySigns(
        **{
            **read,
            "break_glass_names": tuple(read["break_glass_names"]),
            "automation_roles": tuple(AutomationRole(**one) for one in read["automation_roles"]),
        }
    )
