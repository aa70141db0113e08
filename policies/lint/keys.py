"""Condition keys: which there are, what they hold, and when a request carries them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict, cast

from policies.catalogue import Catalogue, is_key


class Presence(StrEnum):
    """When a request carries a key: ALWAYS, in every SIGNED request, or SOMETIMES."""

    ALWAYS = "always"
    SIGNED = "signed"
    SOMETIMES = "sometimes"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A condition key as AWS spells it; `value_type` as in `ConditionKey`.

    `is_global`: it does not hang on the action.
    """

    name: str
    value_type: str
    presence: Presence
    is_global: bool

    @property
    def is_multivalued(self) -> bool:
        """Whether the key holds a list in a request."""
        return self.value_type.startswith("ArrayOf")

    @property
    def element_type(self) -> str:
        """The type of one value."""
        return self.value_type.removeprefix("ArrayOf")


_CREDENTIAL_KEYS: Final = {
    name.lower(): name
    for name in (
        "credentials-iot:AwsCertificateId",
        "credentials-iot:ThingName",
        "credentials-iot:ThingTypeName",
        "ec2:SourceInstanceArn",
        "identitystore:UserId",
        "saml:namequalifier",
        "saml:sub",
        "saml:sub_type",
        "ssm:SourceInstanceArn",
    )
}
"""Service's keys that come with the caller's credentials in requests for any action, by their name
in lower case, for which the catalogue says otherwise or nothing.

Source: IoT developer guide, "Authorizing direct calls to AWS services"; IAM user guide, "Available
keys for SAML-based AWS STS federation" (usable in later requests), "AWS global condition context
keys"; IAM Identity Center user guide, "Identity-enhanced IAM role sessions".
"""


class _KeyRow(TypedDict):
    name: str
    type: str
    presence: str


@lru_cache(maxsize=1)
def _global_keys() -> tuple[KeyFacts, ...]:
    text = resources.files("policies.lint").joinpath("global_keys.json").read_text("utf-8")
    rows = cast(list[_KeyRow], json.loads(text)["keys"])
    return tuple(
        KeyFacts(row["name"], row["type"], Presence(row["presence"]), True) for row in rows
    )


@lru_cache(maxsize=2)
def _service_keys(catalogue: Catalogue) -> dict[str, tuple[KeyFacts, ...]]:
    """All other keys by what stands before their first colon, in lower case."""
    found: dict[str, dict[str, KeyFacts]] = {}
    for service in catalogue.services:
        for key in catalogue.condition_keys_of_service(service):
            prefix = key.name.partition(":")[0].lower()
            if prefix != "aws":
                facts = KeyFacts(key.name, key.value_type, Presence.SOMETIMES, False)
                found.setdefault(prefix, {}).setdefault(key.name, facts)
    return {prefix: tuple(keys.values()) for prefix, keys in found.items()}


@lru_cache(maxsize=4096)
def find_key(catalogue: Catalogue, key: str) -> KeyFacts | None:
    """Return what is known of a key (any case); None for one that AWS does not have."""
    lowered = key.lower()
    prefix = lowered.partition(":")[0]
    candidates = _global_keys() if prefix == "aws" else _service_keys(catalogue).get(prefix, ())
    exact = next((facts for facts in candidates if facts.name.lower() == lowered), None)
    name = _CREDENTIAL_KEYS.get(lowered)
    if name is not None:
        value_type = exact.value_type if exact is not None else "String"
        return KeyFacts(name, value_type, Presence.SOMETIMES, True)
    return exact or next((facts for facts in candidates if is_key(facts.name, lowered)), None)


def is_of_no_action(catalogue: Catalogue, key: str) -> bool:
    """Whether AWS lists a service's key (lower case) but no action that supplies it.

    Such keys come with the caller's credentials, as ec2:RoleDelivery and glue:RoleAssumedBy do.
    """
    return not catalogue.key_bits(key)


def is_identity_provider_key(key: str) -> bool:
    """Whether a key belongs to an OpenID Connect provider, whose claims nobody can list."""
    return "." in key.partition(":")[0]


def suggest_key(catalogue: Catalogue, key: str) -> str | None:
    """Return the key that the author of an unknown one most likely meant."""
    lowered = key.lower()
    prefix = lowered.partition(":")[0]
    names = [facts.name for facts in _global_keys()]
    services = _service_keys(catalogue)
    if prefix in services:
        names += [facts.name for facts in services[prefix]]
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(lowered, by_lower, n=1, cutoff=0.75)
    if near:
        return by_lower[near[0]]
    by_local_name = {name.lower().partition(":")[2]: name for name in names}
    near = get_close_matches(lowered.partition(":")[2], by_local_name, n=1, cutoff=0.85)
    return by_local_name[near[0]] if near else None
