"""Whom to ask about a target, as the pages of accounts, OUs and owners show it."""

from dataclasses import dataclass

from governance.access.owners.labels import TargetLabel
from governance.access.owners.reading import OwnersState, owners_state
from governance.access.owners.selectors import Contact, WhoToAsk, who_to_ask
from governance.web.owners.rows import ShownOwner, shown_owner
from governance.web.parts.pages import ConnectionPage


@dataclass(frozen=True, slots=True)
class AskedContact:
    """A contact with how they are shown."""

    contact: Contact
    shown: ShownOwner


@dataclass(frozen=True, slots=True)
class AskCard:
    """What the card says. `approvers`: who decides, where that is somebody else."""

    found: WhoToAsk
    contacts: tuple[AskedContact, ...]
    approvers: tuple[AskedContact, ...]
    environment: TargetLabel
    criticality: TargetLabel

    @property
    def approver_words(self) -> str:
        """Name who decides, where that is somebody else."""
        return ", ".join(one.shown.label for one in self.approvers)


def asked(state: OwnersState, found: WhoToAsk | None) -> AskCard | None:
    """Describe whom to ask; None: the target is not known."""
    if found is None:
        return None
    target_id = found.found.target.target_id
    protected = state.labels.is_protected(target_id)

    def described(contact: Contact) -> AskedContact:
        shown = shown_owner(contact.owner, protected=protected)
        return AskedContact(contact, shown)

    return AskCard(
        found,
        tuple(map(described, found.contacts)),
        tuple(map(described, found.approvers)),
        state.labels.environment(target_id),
        state.labels.criticality(target_id),
    )


def asked_about(page: ConnectionPage, target_id: str) -> AskCard | None:
    """Read whom to ask about the target of a page, at the time it looks at."""
    state = owners_state(page.connection, as_of=page.as_of, target_ids={target_id})
    return asked(state, who_to_ask(state, target_id, now=page.as_of or page.now))
