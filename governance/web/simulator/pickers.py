"""Finding policies and targets by what is typed: options to pick from, and what was picked."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from governance.posture.state.organization import CONTROL_TYPES, CompiledOrganization
from governance.posture.state.process_cache import ProcessCache
from inventory.models import Connection
from inventory.selectors.policies import policies
from inventory.viewing import Viewer

MOST: Final = 30
FIELDS: Final = ("policy", "target", "movable", "parent")
_BETWEEN: Final = " · "
_KINDS: Final = {"ROOT": "root", "ORGANIZATIONAL_UNIT": "OU", "ACCOUNT": "account"}
_OF_FIELD: Final = {
    "target": ("ROOT", "ORGANIZATIONAL_UNIT", "ACCOUNT"),
    "movable": ("ORGANIZATIONAL_UNIT", "ACCOUNT"),
    "parent": ("ROOT", "ORGANIZATIONAL_UNIT"),
}


class NotFound(ValueError):
    """What was typed names nothing, or more than one thing; the message says which."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to pick: `name · id`, and what it is."""

    key: str
    name: str
    about: str

    @property
    def value(self) -> str:
        """What stands in the field once it is picked."""
        return f"{self.name}{_BETWEEN}{self.key}"


def other_policies(viewer: Viewer, connection: Connection) -> dict[str, tuple[str, str]]:
    """Return the policies that decide no requests: id → name and type, AWS's own left out."""
    rows = (
        policies(viewer, connection=connection)
        .filter(aws_managed=False)
        .exclude(type__in=[kind.value for kind in CONTROL_TYPES])
    )
    return {key: (name, kind) for key, name, kind in rows.values_list("policy_id", "name", "type")}


def options(
    organization: CompiledOrganization, new_policies: dict[str, str], field: str, text: str
) -> list[Option]:
    """Return what matches a text by name or id, beginnings first. `field`: one of `FIELDS`."""
    wanted = text.strip().casefold()
    beginning: list[Option] = []
    within: list[Option] = []
    for folded, option in _by_name(organization, new_policies, field):
        if folded.startswith(wanted):
            beginning.append(option)
            if len(beginning) == MOST:
                break
        elif len(within) < MOST and (wanted in folded or wanted in option.value.casefold()):
            within.append(option)
    return (beginning + within)[:MOST]


def picked(
    organization: CompiledOrganization, new_policies: dict[str, str], field: str, text: str
) -> str:
    """Return the id that a text stands for: `name · id`, an id, or a name that only one has.

    :raises NotFound: see there.
    """
    written = text.strip()
    key = written.rpartition(_BETWEEN)[2] or written
    if not written:
        raise NotFound("choose one")
    listed = _all(organization, new_policies, field)
    for option in listed:
        if key == option.key:
            return key
    named = [option for option in listed if option.name.casefold() == written.casefold()]
    if len(named) == 1:
        return named[0].key
    if named:
        raise NotFound(f"{len(named)} are called {written!r}: choose one by its id")
    raise NotFound(f"nothing here is called {written!r}: choose one of the list")


_Sorted = tuple[tuple[str, Option], ...]
_targets: Final[ProcessCache[tuple[object, ...], _Sorted]] = ProcessCache(most=12)


def _by_name(
    organization: CompiledOrganization, new_policies: dict[str, str], field: str
) -> _Sorted:
    """Return all that can be picked with its name as it is compared, in the order of names.

    Ten thousand accounts are sorted once for each state of an organization.
    """
    if field == "policy":
        return _sorted(_all(organization, new_policies, field))
    return _targets.get(
        (organization.key, field), lambda: _sorted(_all(organization, new_policies, field))
    )


def _sorted(options: Iterable[Option]) -> _Sorted:
    named = [(option.name.casefold(), option) for option in options]
    return tuple(sorted(named, key=itemgetter(0)))


def _all(
    organization: CompiledOrganization, new_policies: dict[str, str], field: str
) -> list[Option]:
    if field == "policy":
        listed = [Option(key, name, "new") for key, name in new_policies.items()]
        for control in (organization.service_control, organization.resource_control):
            code = "SCP" if control.policy_type.startswith("SERVICE") else "RCP"
            listed += [Option(key, one.name, code) for key, one in control.by_id.items()]
        return listed
    return [
        Option(name.target_id, name.name, _KINDS[name.kind])
        for name in organization.names.values()
        if name.kind in _OF_FIELD[field]
    ]
