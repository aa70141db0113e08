"""Who changes owners, and what they may do where."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User

from governance.access import rights
from governance.access.grants import grants_of
from governance.access.models import ApiToken
from governance.access.owners.targets import OwnedTree
from governance.access.viewers import holds, why_may
from governance.audit.actors import Actor
from inventory.models import Connection


class MayNot(PermissionError):
    """The right is missing at this place; the message names it."""


@dataclass(frozen=True, slots=True)
class ActingPerson:
    """A person, themselves or by a token, as rights and as the audit log see them."""

    user: User
    actor: Actor
    token: ApiToken | None = None

    def may(self, right: str, connection: Connection | None, target_id: str = "") -> bool:
        """Whether they hold `right` there. No connection: everywhere; no target: all of it."""
        if connection is None:
            return self.token is None and bool(why_may(self.user, right))
        return holds(self.user, right, token=self.token, connection=connection, target_id=target_id)

    def places(self, right: str, connection: Connection) -> "RightPlaces":
        """Return where in an organization they hold `right`, to ask for many targets."""
        if self.may(right, connection):
            return RightPlaces(whole=True)
        held = frozenset(
            grant.target_id
            for grant in grants_of(self.user)
            if grant.gives(right) and grant.connection_id in (None, connection.pk)
        )
        return RightPlaces(False, held, self, right, connection)

    def require(self, right: str, connection: Connection | None, target_id: str = "") -> None:
        """Check a right at a place.

        :raises MayNot: it is missing.
        """
        if not self.may(right, connection, target_id):
            raise MayNot(f"this needs the right {right} at {target_id or 'the organization'}")

    def require_at_all(
        self, right: str, connection: Connection, tree: OwnedTree, target_ids: Iterable[str]
    ) -> None:
        """Check a right at many targets of one organization.

        :raises MayNot: it is missing at one of them.
        """
        places = self.places(right, connection)
        for target_id in target_ids:
            if not places.covers(tree, target_id):
                raise MayNot(f"this needs the right {right} at {target_id}")

    def require_everywhere(self) -> None:
        """Check the right to manage owners everywhere.

        :raises MayNot: it is missing.
        """
        self.require(rights.MANAGE_OWNERS, None)


@dataclass(frozen=True, slots=True)
class RightPlaces:
    """Where in one organization somebody holds a right: all of it, or at and below some targets."""

    whole: bool
    target_ids: frozenset[str] = frozenset()
    by: ActingPerson | None = None
    right: str = ""
    connection: Connection | None = None

    @property
    def is_nowhere(self) -> bool:
        """Whether they hold it nowhere in the organization."""
        return not self.whole and not self.target_ids

    def covers(self, tree: OwnedTree, target_id: str) -> bool:
        """Whether they hold it at a target, in no query but for tokens."""
        if self.whole:
            return True
        if not any(step.target_id in self.target_ids for step in tree.upwards(target_id)):
            return False
        # A token may be narrower than its person.
        by = self.by
        return by is None or by.token is None or by.may(self.right, self.connection, target_id)
