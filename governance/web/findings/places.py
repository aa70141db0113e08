"""Where a place of a finding leads."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from governance.posture.findings.finding import FindingPlace, PlaceKind

_ICONS: Final = {
    PlaceKind.ROOT: "building",
    PlaceKind.ORGANIZATIONAL_UNIT: "folder",
    PlaceKind.ACCOUNT: "box",
    PlaceKind.POLICY: "file-certificate",
    PlaceKind.ROLE: "user-shield",
}


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place with its address. `key`: its id, empty where an ARN is too long to be read."""

    icon: str
    name: str
    href: str
    said: str
    key: str


def shown_place(place: FindingPlace, *, slug: str, as_of_query: str) -> ShownPlace:
    """Return a place as the page shows it. `as_of_query`: `?as_of=…` or empty."""
    routes = {
        PlaceKind.ROOT: ("organization", {}),
        PlaceKind.ORGANIZATIONAL_UNIT: ("organizational-unit", {"target_id": place.key}),
        PlaceKind.ACCOUNT: ("account", {"account_id": place.key}),
        PlaceKind.POLICY: ("policy", {"policy_id": place.key}),
        PlaceKind.ROLE: ("principal", {"arn": place.key}),
    }
    name, arguments = routes[place.kind]
    return ShownPlace(
        icon=_ICONS[place.kind],
        name=place.name,
        href=reverse(name, kwargs={"slug": slug, **arguments}) + as_of_query,
        said=place.said,
        key="" if place.kind is PlaceKind.ROLE else place.key,
    )
