"""What the screens of owners share: who acts, what they may see, their tabs."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Final

from django.http import HttpRequest
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.owners.acting import ActingPerson
from governance.access.owners.gaps import OwnerGaps, owner_gaps
from governance.access.owners.labels import target_words
from governance.access.owners.parties import Parties, read_parties
from governance.access.owners.reading import OwnersState, owners_state
from governance.access.owners.standing import StandingOwner
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.parts.people import person_of
from inventory.viewing import whole_targets

_TABS: Final = (
    ("owners", "Owners"),
    ("owners-to-confirm", "To confirm"),
    ("owners-recertification", "Recertification"),
    ("owner-rules", "Rules"),
    ("owners-import", "Import"),
)
# What a browser offers while a name is typed; other people are found by their name all the same.
MOST_SUGGESTED: Final = 500


def acting(request: HttpRequest) -> ActingPerson:
    """Return the signed-in person as whoever changes owners."""
    return ActingPerson(person_of(request), actor_of(request))


class OwnersPart(ConnectionPage):
    """A screen about the owners of one organization, now."""

    required_right = rights.VIEW_INVENTORY
    section = "owners"
    page_title = "Owners"
    shows_tables = ("Account", "OrganizationalUnit")
    tab: ClassVar[str] = "owners"

    def begin(self) -> None:
        """Find the organization; owners are shown as of now."""
        super().begin()
        self.as_of = None

    @cached_property
    def state(self) -> OwnersState:
        """All that is known of owners and labels."""
        return owners_state(self.connection)

    @cached_property
    def seen(self) -> frozenset[str] | None:
        """The targets that may be seen, None: all."""
        return whole_targets(self.viewer, self.connection)

    def sees(self, target_id: str) -> bool:
        """Whether a target is there and may be seen."""
        known = target_id in self.state.tree.by_id
        return known and (self.seen is None or target_id in self.seen)

    @cached_property
    def gaps(self) -> OwnerGaps:
        """What is missing, of what may be seen."""
        return owner_gaps(self.state, seen=self.seen, now=self.now)

    @cached_property
    def to_confirm(self) -> tuple[StandingOwner, ...]:
        """The owners that tags name and that nobody has confirmed."""
        return tuple(one for one in self.gaps.unconfirmed if one.tag)

    @cached_property
    def manages_all(self) -> bool:
        """Whether they manage owners of the whole organization, and so rules."""
        return self.by.may(rights.MANAGE_OWNERS, self.connection)

    @cached_property
    def manages(self) -> bool:
        """Whether they manage owners somewhere in the organization."""
        return not self.by.places(rights.MANAGE_OWNERS, self.connection).is_nowhere

    def everybody(self) -> Parties:
        """Return all people and groups."""
        return read_parties()

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs that this person can use."""
        counts = {
            "owners-to-confirm": len(self.to_confirm),
            "owners-recertification": len(self.gaps.overdue),
        }
        return [
            Tab(
                label,
                reverse(name, kwargs={"slug": self.connection.slug}),
                count=counts.get(name),
                current=self.tab == name,
            )
            for name, label in _TABS
            if name != "owners-import" or self.manages
        ]

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, and the part of it."""
        label = dict(_TABS)[self.tab]
        if self.tab == "owners":
            return [Crumb("Owners")]
        return [
            Crumb("Owners", reverse("owners", kwargs={"slug": self.connection.slug})),
            Crumb(label),
        ]

    def unit_words(self, target_id: str) -> str:
        """Return the OUs on the way to a target, as words; of the root none."""
        if not self.state.tree.by_id[target_id].parent_id:
            return ""
        way = [one.name for one in self.state.tree.upwards(target_id) if one.parent_id][1:]
        return " / ".join(reversed(way)) or "Root"

    def place_words(self, target_id: str) -> str:
        """Name a target with its kind."""
        return target_words(self.state.tree.by_id[target_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what they may do."""
        return super().get_context_data(
            manages=self.manages, manages_all=self.manages_all, **kwargs
        )
