"""Rules that an organization writes as files: versions with who and why, beside a shipped library.

A version is never altered. One that stands for a shipped rule takes its place; one without a
document uses the shipped rule as it is.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from governance.access.owners.acting import ActingPerson
from governance.audit.services import audit_record
from governance.edits.rule_versions import LONGEST_REASON, WrittenRule
from inventory.models import Connection

log = logging.getLogger(__name__)


class CannotWriteRule(Exception):
    """A rule cannot be written so; the message says why and what to do."""


class RuleMoved(CannotWriteRule):
    """Somebody else wrote another version in between."""


class NoSuchRule(CannotWriteRule):
    """There is no rule of that id."""


class RuleDocument(Protocol):
    """What a rule's file says."""

    @property
    def id(self) -> str:
        """The rule's id, as in files."""
        ...

    @property
    def title(self) -> str:
        """What it says in a few words."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of what it says."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Return it as its file has it."""
        ...


# What stands in addresses where the id of a rule could.
_RESERVED_IDS: Final = frozenset({"mutation", "schema", "try", "write"})

_Document = TypeVar("_Document", bound=RuleDocument)
_Row = TypeVar("_Row", bound=WrittenRule)


# No slots: Python 3.11 cannot make a generic one of these by its alias.
@dataclass(frozen=True)
class RuleInForce(Generic[_Document]):
    """A rule as an organization uses it.

    `version` 0: shipped, and nobody touched it. `is_shipped`: the library has it; `is_changed`: and
    the organization says something else in it.
    """

    document: _Document
    version: int = 0
    enabled: bool = True
    is_shipped: bool = True
    is_changed: bool = False
    reason: str = ""
    made_by: str = ""
    made_at: datetime | None = None

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.document.id


@dataclass(frozen=True, slots=True)
class UnreadableRule:
    """The newest version of a rule, which this release cannot read, and why not.

    `is_shipped`: the library's rule of that id is used in its place.
    """

    id: str
    version: int
    why: str
    is_shipped: bool


@dataclass(frozen=True)
class RuleShelf(Generic[_Document, _Row]):
    """One kind of rules: where its versions are stored, and what the library has.

    `id_field`: of the rule's id in `model`. `noun`: in messages and the audit log. `stored`: makes
    a document of its JSON, without asking whether names in it are still known. `right`: to write.
    `written`: called with the connection in the transaction that makes a version. `passes_over`:
    what `stored` raises of a version that must not keep the other rules from being used.
    """

    model: type[_Row]
    id_field: str
    noun: str
    shipped: Callable[[], Mapping[str, _Document]]
    stored: Callable[[Mapping[str, Any]], _Document]
    right: str
    write_action: str
    switch_action: str
    written: Callable[[Connection, datetime], object]
    passes_over: tuple[type[Exception], ...] = ()

    def all_in_force(
        self, connection: Connection, *, as_of: datetime | None = None
    ) -> Mapping[str, RuleInForce[_Document]]:
        """Return every rule of an organization by its id, disabled ones too, in order.

        Without those that `unreadable` names.
        """
        found = {one.id: RuleInForce(one) for one in self.shipped().values()}
        for row in self._newest(connection, as_of):
            try:
                made = self.of_version(row)
            except self.passes_over as error:
                made = self._in_place_of(row)
                log.error("%s %s cannot be read: %s", self.noun, self._id_of(row), error)
            if made is not None:
                found[made.id] = made
        return dict(sorted(found.items()))

    def unreadable(self, connection: Connection) -> list[UnreadableRule]:
        """Return the rules whose newest version cannot be read, of those that are passed over."""
        found = []
        for row in self._newest(connection, None):
            try:
                self.of_version(row)
            except self.passes_over as error:
                rule_id = self._id_of(row)
                shipped = rule_id in self.shipped()
                found.append(UnreadableRule(rule_id, row.version, str(error), shipped))
        return found

    def _newest(self, connection: Connection, as_of: datetime | None) -> "QuerySet[_Row]":
        rows = self._rows(connection)
        if as_of is not None:
            rows = rows.filter(made_at__lte=as_of)
        return rows.order_by(self.id_field, "-version").distinct(self.id_field)

    def _id_of(self, row: _Row) -> str:
        return str(getattr(row, self.id_field))

    def _in_place_of(self, row: _Row) -> RuleInForce[_Document] | None:
        """Return what is used in place of a version that cannot be read; None: nothing."""
        shipped = self.shipped().get(self._id_of(row))
        if shipped is None:
            return None
        return RuleInForce(shipped, version=row.version, enabled=row.enabled)

    def in_force(self, connection: Connection, rule_id: str) -> RuleInForce[_Document] | None:
        """Return one rule as an organization uses it; None: there is none of that id."""
        row = self.versions(connection, rule_id).first()
        if row is not None:
            try:
                return self.of_version(row)
            except self.passes_over:
                return self._in_place_of(row)
        shipped = self.shipped().get(rule_id)
        return None if shipped is None else RuleInForce(shipped)

    def versions(self, connection: Connection, rule_id: str) -> "QuerySet[_Row]":
        """Return all versions that the organization made of a rule, the newest first."""
        return self._rows(connection).filter(**{self.id_field: rule_id}).order_by("-version")

    def of_version(self, row: _Row) -> RuleInForce[_Document] | None:
        """Return what one version makes of a rule; None: the library no longer has it."""
        shipped = self.shipped().get(getattr(row, self.id_field))
        document = shipped if row.document is None else self.stored(row.document)
        if document is None:
            return None
        return RuleInForce(
            document,
            version=row.version,
            enabled=row.enabled,
            is_shipped=shipped is not None,
            is_changed=shipped is not None and document.digest != shipped.digest,
            reason=row.reason,
            made_by=row.made_by.get_username(),
            made_at=row.made_at,
        )

    @transaction.atomic
    def write(
        self,
        *,
        by: ActingPerson,
        connection: Connection,
        document: _Document,
        reason: str,
        now: datetime,
        version: int | None = None,
    ) -> RuleInForce[_Document]:
        """Make a version of a rule, in force from now on; an equal one is left alone.

        `document`: with the id of a shipped rule it stands in its place. `version`: the one that
        the author began from; None: whichever is in force.

        :raises MayNot: they may not write rules of this organization.
        :raises RuleMoved: another version is in force by now.
        :raises CannotWriteRule: no reason is given, or the id is taken.
        """
        said = self._said(by, connection, reason)
        if document.id in _RESERVED_IDS:
            raise CannotWriteRule(f"{document.id} is the name of an address: choose another id")
        before = self._locked(connection, document.id, version)
        if before is not None and before.document.digest == document.digest and before.enabled:
            return before
        return self._make(
            by,
            connection,
            document,
            as_shipped=False,
            enabled=True,
            reason=said,
            before=before,
            action=self.write_action,
            now=now,
        )

    @transaction.atomic
    def switch(
        self,
        *,
        by: ActingPerson,
        connection: Connection,
        rule_id: str,
        enabled: bool,
        reason: str,
        now: datetime,
        version: int | None = None,
    ) -> RuleInForce[_Document]:
        """Enable or disable a rule.

        :raises NoSuchRule: see there.
        :raises MayNot: they may not write rules of this organization.
        :raises RuleMoved: another version is in force by now.
        :raises CannotWriteRule: no reason is given.
        """
        said = self._said(by, connection, reason)
        before = self._locked(connection, rule_id, version)
        if before is None:
            raise NoSuchRule(f"there is no {self.noun} {rule_id}")
        if before.enabled == enabled:
            return before
        return self._make(
            by,
            connection,
            before.document,
            as_shipped=before.is_shipped and not before.is_changed,
            enabled=enabled,
            reason=said,
            before=before,
            action=self.switch_action,
            now=now,
        )

    @transaction.atomic
    def reset(
        self, *, by: ActingPerson, connection: Connection, rule_id: str, reason: str, now: datetime
    ) -> RuleInForce[_Document]:
        """Use a shipped rule as the library has it again.

        :raises NoSuchRule: the library has none of that id.
        :raises MayNot: they may not write rules of this organization.
        :raises CannotWriteRule: no reason is given.
        """
        said = self._said(by, connection, reason)
        shipped = self.shipped().get(rule_id)
        if shipped is None:
            raise NoSuchRule(f"the library has no {self.noun} {rule_id}")
        before = self._locked(connection, rule_id, None)
        if before is not None and not before.is_changed:
            return before
        return self._make(
            by,
            connection,
            shipped,
            as_shipped=True,
            enabled=before is None or before.enabled,
            reason=said,
            before=before,
            action=self.write_action,
            now=now,
        )

    def _rows(self, connection: Connection) -> "QuerySet[_Row]":
        rows = self.model._default_manager.filter(connection=connection)
        return rows.select_related("made_by")

    def _said(self, by: ActingPerson, connection: Connection, reason: str) -> str:
        by.require(self.right, connection)
        said = reason.strip()
        if not said or len(said) > LONGEST_REASON:
            raise CannotWriteRule(f"say in a sentence why, in {LONGEST_REASON} characters at most")
        return said

    def _locked(
        self, connection: Connection, rule_id: str, version: int | None
    ) -> RuleInForce[_Document] | None:
        """Return what is in force, while nobody else makes a version."""
        Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
        before = self.in_force(connection, rule_id)
        stands = before.version if before is not None else 0
        if version is not None and version != stands:
            raise RuleMoved(
                f"{rule_id} was changed after you opened it (version {stands} instead of "
                f"{version}): read it again"
            )
        return before

    def _make(
        self,
        by: ActingPerson,
        connection: Connection,
        document: _Document,
        *,
        as_shipped: bool,
        enabled: bool,
        reason: str,
        before: RuleInForce[_Document] | None,
        action: str,
        now: datetime,
    ) -> RuleInForce[_Document]:
        # One that cannot be read is not what was before, and yet a version.
        newest = self.versions(connection, document.id).first()
        version = (newest.version if newest is not None else 0) + 1
        row = self.model._default_manager.create(
            **{self.id_field: document.id},
            connection=connection,
            version=version,
            document=None if as_shipped else document.as_json(),
            digest=document.digest,
            enabled=enabled,
            reason=reason,
            made_by=by.user,
            made_at=now,
        )
        made = self.of_version(row)
        if made is None:
            raise NoSuchRule(f"there is no {self.noun} {document.id}")
        audit_record(
            actor=by.actor,
            action=action,
            object_kind=self.noun.replace(" ", "_"),
            object_id=document.id,
            object_name=document.title[:200],
            connection_id=connection.pk,
            before=None
            if before is None
            else {
                "version": before.version,
                "enabled": before.enabled,
                "digest": before.document.digest,
            },
            after={
                "version": version,
                "enabled": enabled,
                "digest": document.digest,
                "reason": reason,
            },
            now=now,
        )
        self.written(connection, now)
        return made
