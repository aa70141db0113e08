"""What an organization's structure is, or should be: one form for the baseline and what is read.

Each thing in it has a subject, a text that names it: `unit:ou-…`, `account:111122223333`,
`policy:p-…`, `attachment:p-…:ou-…`, `policy_type:TAG_POLICY`, `trusted_service:…`,
`delegation:guardduty.amazonaws.com:111122223333`, `policy_tags:p-…`,
`delegation_policy:organization` (the organization's resource policy). By subjects two structures
are compared, a part of one is taken over into another, and differences are stored.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from governance.edits.canonical_text import canonical_text
from inventory.digests import sha256
from inventory.policy_types import DEFAULT_POLICY_IDS
from policies import PolicyType

FORMAT: Final = 1
# AWS attaches it by itself and lets nobody detach it, so it is no part of what is agreed.
ALWAYS_ATTACHED: Final = frozenset({"p-RCPFullAWSAccess"})

OWN_TAG_PREFIX: Final = "orgwarden:"
"""How the tags begin that rollouts put on what they make: no part of what is agreed."""

SubjectValue = dict[str, Any]


class SubjectKind(StrEnum):
    """What a subject is, as it begins."""

    UNIT = "unit"
    ACCOUNT = "account"
    POLICY = "policy"
    ATTACHMENT = "attachment"
    POLICY_TYPE = "policy_type"
    TRUSTED_SERVICE = "trusted_service"
    DELEGATION = "delegation"
    POLICY_TAGS = "policy_tags"
    DELEGATION_POLICY = "delegation_policy"


def subject(kind: SubjectKind, *ids: str) -> str:
    """Return the subject of a thing."""
    return ":".join((kind.value, *ids))


def subject_parts(name: str) -> tuple[SubjectKind, tuple[str, ...]]:
    """Return the kind of a subject and the ids that follow.

    :raises ValueError: it is no subject.
    """
    kind, _, rest = name.partition(":")
    return SubjectKind(kind), tuple(rest.split(":"))


@lru_cache(maxsize=4096)
def text_digest(text: str, policy_type: str) -> str:
    """Return the SHA-256 of a policy's text in canonical form: equal where nothing differs."""
    return sha256(canonical_text(text, policy_type))


DELEGATION_POLICY: Final = subject(SubjectKind.DELEGATION_POLICY, "organization")

_DELEGATION_POLICY_TYPE: Final = PolicyType.RESOURCE_POLICY.value


@dataclass(frozen=True, slots=True)
class StructurePlace:
    """An OU or account: its name, and the root or OU that it is in; empty: it is the root."""

    name: str
    parent_id: str

    def as_json(self) -> SubjectValue:
        """Return it as JSON."""
        return {"name": self.name, "parent_id": self.parent_id}


@dataclass(frozen=True, slots=True)
class StructurePolicy:
    """A policy of the organization's own."""

    name: str
    type: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return text_digest(self.text, self.type)

    def as_json(self) -> SubjectValue:
        """Return it as JSON, with its digest."""
        return {"name": self.name, "type": self.type, "text": self.text, "digest": self.digest}


@dataclass(slots=True)
class Structure:
    """A structure. `scope`: the roots and OUs that it speaks of, with all below them.

    `units`: the root too. `policies`: the organization's own. `attachments`: policy id → targets,
    but for AWS's default policies: of these `detached_defaults` has the targets that lack them.
    `policy_types`, `trusted_services`, `delegations` (service, account): None: nothing is said.
    `policy_tags`: of the organization's own policies that have any. `delegation_policy`: the text
    of the organization's resource policy, empty: it has none. Both: None: nothing is said.
    """

    scope: tuple[str, ...] = ()
    units: dict[str, StructurePlace] = field(default_factory=dict)
    accounts: dict[str, StructurePlace] = field(default_factory=dict)
    policies: dict[str, StructurePolicy] = field(default_factory=dict)
    attachments: dict[str, set[str]] = field(default_factory=dict)
    detached_defaults: dict[str, set[str]] = field(default_factory=dict)
    policy_types: set[str] | None = None
    trusted_services: set[str] | None = None
    delegations: set[tuple[str, str]] | None = None
    policy_tags: dict[str, dict[str, str]] | None = None
    delegation_policy: str | None = None

    @property
    def root_id(self) -> str:
        """The root's id; empty where it is not known."""
        return next((one for one, place in self.units.items() if not place.parent_id), "")

    @property
    def is_whole(self) -> bool:
        """Whether it speaks of the whole organization."""
        return any(target_id.startswith("r-") for target_id in self.scope)

    # Reading and writing by subject

    def value(self, name: str) -> SubjectValue | None:
        """Return what stands for a subject as JSON; None: there is no such thing."""
        kind, ids = subject_parts(name)
        match kind:
            case SubjectKind.UNIT | SubjectKind.ACCOUNT:
                places = self.units if kind is SubjectKind.UNIT else self.accounts
                place = places.get(ids[0])
                return place.as_json() if place is not None else None
            case SubjectKind.POLICY:
                policy = self.policies.get(ids[0])
                return policy.as_json() if policy is not None else None
            case SubjectKind.ATTACHMENT:
                there = self.is_attached(*ids)
                return {"policy_id": ids[0], "target_id": ids[1]} if there else None
            case SubjectKind.POLICY_TYPE:
                return {"enabled": True} if ids[0] in (self.policy_types or ()) else None
            case SubjectKind.TRUSTED_SERVICE:
                return {"enabled": True} if ids[0] in (self.trusted_services or ()) else None
            case SubjectKind.DELEGATION:
                there = (ids[0], ids[1]) in (self.delegations or ())
                return {"service": ids[0], "account_id": ids[1]} if there else None
            case SubjectKind.POLICY_TAGS:
                tags = (self.policy_tags or {}).get(ids[0])
                return {"tags": dict(tags)} if tags else None
            case SubjectKind.DELEGATION_POLICY:
                text = self.delegation_policy
                digest = text_digest(text, _DELEGATION_POLICY_TYPE) if text else ""
                return {"text": text, "digest": digest} if text else None

    def is_attached(self, policy_id: str, target_id: str) -> bool:
        """Whether a policy is attached at a target; AWS's own are unless said otherwise."""
        if policy_id in self.detached_defaults:
            known = target_id in self.units or target_id in self.accounts
            return known and target_id not in self.detached_defaults[policy_id]
        return target_id in self.attachments.get(policy_id, ())

    def put(self, name: str, value: Mapping[str, Any] | None) -> None:
        """Have a subject stand as `value` says, as `value()` returned it; None: not at all."""
        kind, ids = subject_parts(name)
        match kind:
            case SubjectKind.UNIT | SubjectKind.ACCOUNT:
                places = self.units if kind is SubjectKind.UNIT else self.accounts
                if value is None:
                    places.pop(ids[0], None)
                    self._forget_target(ids[0])
                else:
                    places[ids[0]] = StructurePlace(value["name"], value["parent_id"])
            case SubjectKind.POLICY:
                if value is None:
                    self.policies.pop(ids[0], None)
                    self.attachments.pop(ids[0], None)
                    (self.policy_tags or {}).pop(ids[0], None)
                else:
                    self.policies[ids[0]] = StructurePolicy(
                        value["name"], value["type"], value["text"]
                    )
            case SubjectKind.ATTACHMENT:
                self._put_attachment(ids[0], ids[1], there=value is not None)
            case SubjectKind.POLICY_TYPE:
                self.policy_types = _with(self.policy_types, ids[0], there=value is not None)
            case SubjectKind.TRUSTED_SERVICE:
                self.trusted_services = _with(
                    self.trusted_services, ids[0], there=value is not None
                )
            case SubjectKind.DELEGATION:
                found = set(self.delegations or ())
                (found.add if value is not None else found.discard)((ids[0], ids[1]))
                self.delegations = found
            case SubjectKind.POLICY_TAGS:
                self.policy_tags = {
                    **(self.policy_tags or {}),
                    ids[0]: dict((value or _NO)["tags"]),
                }
                if not self.policy_tags[ids[0]]:
                    del self.policy_tags[ids[0]]
            case SubjectKind.DELEGATION_POLICY:
                self.delegation_policy = value["text"] if value else ""

    def _put_attachment(self, policy_id: str, target_id: str, *, there: bool) -> None:
        if policy_id in DEFAULT_POLICY_IDS:
            lacking = self.detached_defaults.setdefault(policy_id, set())
            is_known = target_id in self.units or target_id in self.accounts
            (lacking.add if is_known and not there else lacking.discard)(target_id)
            return
        held = self.attachments.setdefault(policy_id, set())
        (held.add if there else held.discard)(target_id)
        if not held:
            del self.attachments[policy_id]

    def _forget_target(self, target_id: str) -> None:
        for held in (*self.attachments.values(), *self.detached_defaults.values()):
            held.discard(target_id)
        self.attachments = {one: held for one, held in self.attachments.items() if held}

    def subjects(self) -> Iterator[str]:
        """Yield the subject of everything that stands, and of default policies that do not."""
        for target_id in self.units:
            yield subject(SubjectKind.UNIT, target_id)
        for account_id in self.accounts:
            yield subject(SubjectKind.ACCOUNT, account_id)
        for policy_id in self.policies:
            yield subject(SubjectKind.POLICY, policy_id)
        for held in (self.attachments, self.detached_defaults):
            for policy_id, targets in held.items():
                for target_id in targets:
                    yield subject(SubjectKind.ATTACHMENT, policy_id, target_id)
        for policy_type in self.policy_types or ():
            yield subject(SubjectKind.POLICY_TYPE, policy_type)
        for service in self.trusted_services or ():
            yield subject(SubjectKind.TRUSTED_SERVICE, service)
        for service, account_id in self.delegations or ():
            yield subject(SubjectKind.DELEGATION, service, account_id)
        for policy_id in self.policy_tags or ():
            yield subject(SubjectKind.POLICY_TAGS, policy_id)
        if self.delegation_policy:
            yield DELEGATION_POLICY

    # The tree

    def chain(self, target_id: str) -> Iterator[str]:
        """Yield a target's id and those above it, up to the root, as far as they are known."""
        step, seen = target_id, set[str]()
        while step and step not in seen:
            seen.add(step)
            yield step
            place = self.units.get(step) or self.accounts.get(step)
            step = place.parent_id if place else ""

    def path(self, target_id: str) -> str:
        """Return the names from the root down to a target, with ` / ` between; empty: unknown."""
        names = []
        for step in self.chain(target_id):
            place = self.units.get(step) or self.accounts.get(step)
            if place is not None:
                names.append(place.name)
        return " / ".join(reversed(names))

    def lies_in(self, target_id: str, places: Iterable[str]) -> bool:
        """Whether a target is one of some places or below one of them."""
        wanted = set(places)
        return any(step in wanted for step in self.chain(target_id))

    def copied(self) -> "Structure":
        """Return a structure of its own that says the same."""
        return structure_from_json(self.as_json())

    # JSON

    def as_json(self) -> dict[str, Any]:
        """Return the document, equal for equal structures."""
        return {
            "format": FORMAT,
            "scope": sorted(self.scope),
            "units": _places_json(self.units),
            "accounts": _places_json(self.accounts),
            "policies": {
                policy_id: policy.as_json() for policy_id, policy in sorted(self.policies.items())
            },
            "attachments": {one: sorted(held) for one, held in sorted(self.attachments.items())},
            "detached_defaults": {
                one: sorted(held) for one, held in sorted(self.detached_defaults.items())
            },
            "policy_types": None if self.policy_types is None else sorted(self.policy_types),
            "trusted_services": (
                None if self.trusted_services is None else sorted(self.trusted_services)
            ),
            "delegated_administrators": (
                None
                if self.delegations is None
                else [
                    {"service": service, "account_id": account_id}
                    for service, account_id in sorted(self.delegations)
                ]
            ),
            **self._later_members(),
        }

    def _later_members(self) -> dict[str, Any]:
        """Return what documents had not from the first on: left out where nothing is said of it."""
        found: dict[str, Any] = {}
        if self.policy_tags is not None:
            found["policy_tags"] = {
                policy_id: dict(sorted(tags.items()))
                for policy_id, tags in sorted(self.policy_tags.items())
            }
        if self.delegation_policy is not None:
            found["delegation_policy"] = self.delegation_policy
        return found


_NO: Final[Mapping[str, Any]] = {"tags": {}}


def _with(held: set[str] | None, name: str, *, there: bool) -> set[str]:
    return (held or set()) | {name} if there else (held or set()) - {name}


def _places_json(places: Mapping[str, StructurePlace]) -> dict[str, Any]:
    return {target_id: place.as_json() for target_id, place in sorted(places.items())}


def structure_from_json(document: Mapping[str, Any]) -> Structure:
    """Return the structure of a stored document."""
    delegations = document["delegated_administrators"]
    return Structure(
        scope=tuple(document["scope"]),
        units=_places(document["units"]),
        accounts=_places(document["accounts"]),
        policies={
            policy_id: StructurePolicy(one["name"], one["type"], one["text"])
            for policy_id, one in document["policies"].items()
        },
        attachments={one: set(held) for one, held in document["attachments"].items()},
        detached_defaults={one: set(held) for one, held in document["detached_defaults"].items()},
        policy_types=_set_or_none(document["policy_types"]),
        trusted_services=_set_or_none(document["trusted_services"]),
        delegations=(
            None
            if delegations is None
            else {(one["service"], one["account_id"]) for one in delegations}
        ),
        policy_tags=document.get("policy_tags"),
        delegation_policy=document.get("delegation_policy"),
    )


def _places(document: Mapping[str, Any]) -> dict[str, StructurePlace]:
    return {
        target_id: StructurePlace(one["name"], one["parent_id"])
        for target_id, one in document.items()
    }


def _set_or_none(held: list[str] | None) -> set[str] | None:
    return None if held is None else set(held)


def canonical_json(document: Mapping[str, Any]) -> str:
    """Return a document as text that is equal for equal documents."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def document_digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document."""
    return sha256(canonical_json(document))
