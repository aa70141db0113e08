"""The action of AWS's that a name AWS does not have was probably meant to be."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from policies.catalogue import Catalogue


@lru_cache(maxsize=1024)
def nearest_service(catalogue: Catalogue, service: str) -> str | None:
    """Return the prefix of AWS's that is spelled most alike, in lower case; None if none is."""
    near = get_close_matches(service.lower(), catalogue.services, n=1, cutoff=0.82)
    return near[0] if near else None


@lru_cache(maxsize=1024)
def nearest_action(catalogue: Catalogue, service: str, action: str) -> str | None:
    """Return the action of a service that is spelled most alike, or of the same name elsewhere.

    `service` and `action` in lower case; the service is one of AWS's.
    """
    span = catalogue.service_ranges[service]
    own = {catalogue.lower_names[at].partition(":")[2]: at for at in span}
    near = get_close_matches(action, own, n=1, cutoff=0.7)
    if near:
        return catalogue.names[own[near[0]]]
    elsewhere = _names_by_action(catalogue).get(action, [])
    return elsewhere[0] if len(elsewhere) == 1 else None


@lru_cache(maxsize=2)
def _names_by_action(catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the full names of AWS's actions by what stands behind the service, in lower case."""
    found: dict[str, list[str]] = {}
    for name, lowered in zip(catalogue.names, catalogue.lower_names, strict=True):
        found.setdefault(lowered.partition(":")[2], []).append(name)
    return found


def suggested_action(catalogue: Catalogue, name: str) -> str | None:
    """Return the action or pattern that an unknown one was probably meant to be.

    `name`: `s3:GetObjekt`, `se:GetObject`, `s3:GetObjekt*`, any case.
    """
    service, colon, action = name.lower().partition(":")
    if not colon:
        return None
    if service not in catalogue.service_ranges:
        better = nearest_service(catalogue, service)
        if better is None:
            return None
        if catalogue.bits(f"{better}:{action}"):
            return f"{better}:{name.partition(':')[2]}"
        service = better
    if "*" in action or "?" in action:
        return None
    return nearest_action(catalogue, service, action)
