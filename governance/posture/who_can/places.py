"""A part of the organization as people name it: by id, name, path, tag or environment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.access.owners.environments import Environment
from governance.access.owners.labels import label_map
from governance.posture.state.organization import CompiledOrganization
from governance.posture.who_can.listing import NoSuchPlace, accounts_below
from inventory.models import Connection
from inventory.selectors.hierarchy import accounts
from inventory.viewing import Viewer

TAG: Final = "tag:"
ENVIRONMENT: Final = "environment:"
_BESIDE: Final = " · "
_STEP: Final = "/"


@dataclass(frozen=True, slots=True)
class PlaceChosen:
    """The accounts that are meant. `target_id`: where one OU or account is, else empty."""

    words: str
    account_ids: frozenset[str]
    target_id: str = ""


def read_place(
    viewer: Viewer,
    *,
    connection: Connection,
    organization: CompiledOrganization,
    text: str,
    as_of: datetime | None = None,
) -> PlaceChosen | None:
    """Read a place; None where the text is empty: all of the organization.

    `text`: an id, `name · id`, a name that one OU or account has, a path such as
    `Workloads / Prod`, `tag:key=value`, `tag:key`, or `environment:production`.

    :raises NoSuchPlace: there is none, or several are called so.
    """
    wanted = text.strip()
    if not wanted:
        return None
    if wanted.startswith(TAG):
        return _tagged(viewer, connection, wanted, as_of)
    if wanted.startswith(ENVIRONMENT):
        return _of_environment(connection, organization, wanted)
    target_id = _target_id(organization, wanted.rpartition(_BESIDE)[2].strip())
    known = organization.names.get(target_id) or organization.unplaced[target_id]
    return PlaceChosen(known.name, accounts_below(organization, target_id), target_id)


def _target_id(organization: CompiledOrganization, text: str) -> str:
    if text in organization.names or text in organization.unplaced:
        return text
    steps = [step.strip().lower() for step in text.split(_STEP) if step.strip()]
    called = [
        one.target_id
        for one in (*organization.names.values(), *organization.unplaced.values())
        if steps and _is_called(organization, one.target_id, steps)
    ]
    if not called:
        raise NoSuchPlace(f"No OU or account named {text[:80]}")
    if len(called) > 1:
        raise NoSuchPlace(
            f"{len(called):,} OUs and accounts are named {text[:80]}: write one's path, such as "
            f"{_path(organization, called[0])}, or its id"
        )
    return called[0]


def _is_called(organization: CompiledOrganization, target_id: str, steps: list[str]) -> bool:
    """Whether the last names of a target's path are those of the steps."""
    step: str | None = target_id
    for wanted in reversed(steps):
        known = organization.names.get(step or "") or organization.unplaced.get(step or "")
        if known is None or known.name.lower() != wanted:
            return False
        step = known.parent_id
    return True


def _path(organization: CompiledOrganization, target_id: str) -> str:
    names = []
    step: str | None = target_id
    while step is not None and step in organization.names:
        names.append(organization.names[step].name)
        step = organization.names[step].parent_id
    return " / ".join(reversed(names))


def _tagged(
    viewer: Viewer, connection: Connection, text: str, as_of: datetime | None
) -> PlaceChosen:
    key, equals, value = text.removeprefix(TAG).partition("=")
    rows = accounts(viewer, connection=connection, as_of=as_of)
    rows = rows.filter(tags__contains={key: value}) if equals else rows.filter(tags__has_key=key)
    found = frozenset(rows.values_list("account_id", flat=True))
    if not found:
        tag = f"{key}={value}" if equals else key
        raise NoSuchPlace(f"No account has the tag {tag[:80]}")
    return PlaceChosen(text, found)


def _of_environment(
    connection: Connection, organization: CompiledOrganization, text: str
) -> PlaceChosen:
    wanted = text.removeprefix(ENVIRONMENT).strip().lower()
    if wanted not in set(Environment):
        raise NoSuchPlace(
            f"{wanted[:80]} is not an environment; there are {', '.join(Environment)}"
        )
    labels = label_map(connection)
    found = frozenset(
        account_id
        for account_id in organization.account_ids
        if labels.environment(account_id).value == wanted
    )
    if not found:
        raise NoSuchPlace(f"No account is labelled {wanted}")
    return PlaceChosen(text, found)
