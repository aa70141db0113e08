"""What AWS enforces: the organization as it was some seconds ago. Reads show it as it is."""

from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from demo.simulator.organizations.state import Organization


@dataclass
class Enforcement:
    """Remembers how the organization was before each write, as long as that is enforced yet.

    `seconds`: how long after a write AWS goes on as before; 0: no time.
    """

    seconds: float = 0.0
    _before: list[tuple[datetime, Organization]] = field(default_factory=list)

    def note(self, organization: Organization, at: datetime) -> None:
        """Remember the organization, to which something is about to be written."""
        if self.seconds <= 0:
            return
        self._forget(at)
        self._before.append((at, _frozen(organization)))

    def state_at(self, organization: Organization, now: datetime) -> Organization:
        """Return the organization as it is enforced at a time."""
        since = now - timedelta(seconds=self.seconds)
        for at, before in self._before:
            if at > since:
                return before
        return organization

    def forget(self) -> None:
        """Enforce at once whatever was written so far."""
        self._before.clear()

    def _forget(self, now: datetime) -> None:
        since = now - timedelta(seconds=self.seconds)
        self._before = [each for each in self._before if each[0] > since]


def _frozen(organization: Organization) -> Organization:
    """Return a copy of all that decides over a request; later writes do not reach it."""
    made = copy(organization)
    made.attachments = {key: dict(value) for key, value in organization.attachments.items()}
    made.targets = {}
    made.policies = {key: replace(value) for key, value in organization.policies.items()}
    made.units = {key: replace(value) for key, value in organization.units.items()}
    made.accounts = {key: replace(value) for key, value in organization.accounts.items()}
    made.enabled_types = dict(organization.enabled_types)
    return made
