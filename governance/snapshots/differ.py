"""What differs between two states of an organization, told thing by thing from its changed rows."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from governance.snapshots.changed_values import fingerprint_of, since_of, value_of, values_of
from governance.snapshots.differences import (
    FULL_ACCESS_ID,
    FoundDifferences,
    SnapshotDifference,
)
from governance.snapshots.kinds import DifferenceKind, Subject
from governance.snapshots.resource_differences import resource_differences
from governance.snapshots.sides import SnapshotSide
from inventory.models import (
    Account,
    DelegatedAdministrator,
    Organization,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    Policy,
    PolicyAttachment,
    ResourcePolicy,
    Root,
    TrustedService,
)
from inventory.models.versions import Version
from inventory.policy_types import DEFAULT_POLICY_IDS
from inventory.selectors.history import VersionChange
from inventory.selectors.resource_policies import BUCKETS_COLLECTOR
from inventory.selectors.snapshots import TAGS_COLLECTOR
from inventory.selectors.versioned_tables import READ_BY

_CONTROL_TYPES: Final = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


def differences_of(
    changes: Iterable[VersionChange],
    before: SnapshotSide,
    after: SnapshotSide,
    *,
    read_before: Callable[[str], bool],
    accounts_read: Collection[str] = (),
) -> FoundDifferences:
    """Return the changes between two states.

    `read_before`: whether a collector of the organization was ever complete by the earlier one.
    `accounts_read`: the accounts whose resources had been read completely by then.
    """
    differ = Differ(before, after, read_before, accounts_read)
    found = [difference for change in changes for difference in differ.differences(change)]
    return FoundDifferences(tuple(sorted(found, key=lambda one: one.order)), differ.first_read)


class Differ:
    """Changed rows of two dates as differences that a page lists."""

    def __init__(
        self,
        before: SnapshotSide,
        after: SnapshotSide,
        read_before: Callable[[str], bool],
        accounts_read: Collection[str],
    ) -> None:
        self._before = before
        self._after = after
        self._read_before = read_before
        self._accounts_read = accounts_read
        self._tags_known = read_before(TAGS_COLLECTOR)
        self.first_read: dict[str, int] = {}

    def differences(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        """Yield the differences that a change of one thing makes."""
        if change.before is None and self._was_not_read(change):
            return
        yield from _DIFFERS[change.model](self, change)

    def _was_not_read(self, change: VersionChange) -> bool:
        collector = self._collector(change)
        if not collector:
            return False
        if change.model is ResourcePolicy:
            if change.key[0] in self._accounts_read:
                return False
        elif self._read_before(collector):
            return False
        self.first_read[collector] = self.first_read.get(collector, 0) + 1
        return True

    def _collector(self, change: VersionChange) -> str:
        if change.model is Policy and isinstance(change.after, Policy):
            return f"organizations.policies.{change.after.type}"
        if change.model is PolicyAttachment:
            policy = self._after.policies.get(change.key[0])
            return f"organizations.policies.{policy.type}" if policy else ""
        if change.model is ResourcePolicy:
            return BUCKETS_COLLECTOR
        return _COLLECTORS.get(change.model, "")

    def account(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        account_id = change.key[0]
        fields = (
            (DifferenceKind.ACCOUNT_MOVED, ("parent_id",)),
            (DifferenceKind.ACCOUNT_RENAMED, ("name",)),
            (DifferenceKind.ACCOUNT_STATE_CHANGED, ("state",)),
            (DifferenceKind.ACCOUNT_EMAIL_CHANGED, ("email",)),
            (DifferenceKind.ACCOUNT_TAGS_CHANGED, ("tags",)),
        )
        yield from self._thing(
            change,
            Subject.ACCOUNT,
            account_id,
            (DifferenceKind.ACCOUNT_ADDED, DifferenceKind.ACCOUNT_REMOVED),
            ("name", "email", "state", "parent_id", "tags"),
            fields,
        )

    def unit(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        fields = (
            (DifferenceKind.ORGANIZATIONAL_UNIT_MOVED, ("parent_id",)),
            (DifferenceKind.ORGANIZATIONAL_UNIT_RENAMED, ("name",)),
            (DifferenceKind.ORGANIZATIONAL_UNIT_TAGS_CHANGED, ("tags",)),
        )
        yield from self._thing(
            change,
            Subject.ORGANIZATIONAL_UNIT,
            change.key[0],
            (DifferenceKind.ORGANIZATIONAL_UNIT_ADDED, DifferenceKind.ORGANIZATIONAL_UNIT_DELETED),
            ("name", "parent_id", "tags"),
            fields,
        )

    def policy(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        policy_id = change.key[0]
        shown = change.after or change.before
        if not isinstance(shown, Policy):
            return
        yield from self._thing(
            change,
            Subject.POLICY,
            policy_id,
            (DifferenceKind.POLICY_CREATED, DifferenceKind.POLICY_DELETED),
            ("name", "description", "type", "content_id", "tags"),
            (
                (DifferenceKind.POLICY_CHANGED, ("content_id",)),
                (DifferenceKind.POLICY_RENAMED, ("name",)),
                (DifferenceKind.POLICY_DESCRIPTION_CHANGED, ("description",)),
                (DifferenceKind.POLICY_TAGS_CHANGED, ("tags",)),
            ),
            policy_type=shown.type,
            aws_managed=shown.aws_managed,
            places=self._reached(policy_id),
        )

    def attachment(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        if change.before is not None and change.after is not None:
            return
        policy_id, target_id = change.key
        attached = change.after is not None
        here, there = self._before, self._after
        policy = (there if attached else here).policies.get(policy_id)
        goes_with_target = (
            policy_id in DEFAULT_POLICY_IDS and here.placed(target_id) is None
            if attached
            else there.placed(target_id) is None
        )
        values = {"policy_id": policy_id, "target_id": target_id}
        place = there.placed(target_id) or here.placed(target_id)
        yield SnapshotDifference(
            kind=DifferenceKind.POLICY_ATTACHED if attached else DifferenceKind.POLICY_DETACHED,
            subject=Subject.POLICY,
            subject_id=policy_id,
            name=policy.name if policy else policy_id,
            before=None if attached else values,
            after=values if attached else None,
            since=since_of(change),
            way_before=here.way(target_id),
            way_after=there.way(target_id),
            policy_type=policy.type if policy else "",
            aws_managed=policy.aws_managed if policy else False,
            target_id=target_id,
            target_name=place.name if place else target_id,
            places=self._places(target_id),
            consequence=goes_with_target,
            loud=policy_id == FULL_ACCESS_ID and not attached and not goes_with_target,
        )

    def root(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        if change.before is None or change.after is None:
            return
        root_id = change.key[0]
        fields = (
            (DifferenceKind.ROOT_RENAMED, ("name",)),
            (DifferenceKind.ROOT_TAGS_CHANGED, ("tags",)),
        )
        yield from self._fields(change, Subject.ROOT, root_id, fields)
        was, is_now = (
            value_of(change.before, "policy_types"),
            value_of(change.after, "policy_types"),
        )
        for name in sorted({*was, *is_now}):
            before, after = was.get(name), is_now.get(name)
            if before == after:
                continue
            kind = DifferenceKind.POLICY_TYPE_CHANGED
            if after == "ENABLED":
                kind = DifferenceKind.POLICY_TYPE_ENABLED
            elif before == "ENABLED":
                kind = DifferenceKind.POLICY_TYPE_DISABLED
            yield SnapshotDifference(
                kind=kind,
                subject=Subject.POLICY_TYPE,
                subject_id=name,
                name=name,
                before=None if before is None else {"status": before},
                after=None if after is None else {"status": after},
                since=since_of(change, partial(_status, policy_type=name)),
                policy_type=name,
                places=frozenset((root_id,)),
                loud=kind is DifferenceKind.POLICY_TYPE_DISABLED and name in _CONTROL_TYPES,
            )

    def organization(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        if change.before is None or change.after is None:
            return
        for name in ("feature_set", "management_account_id", "management_account_email"):
            before, after = value_of(change.before, name), value_of(change.after, name)
            if before != after:
                yield SnapshotDifference(
                    kind=DifferenceKind.ORGANIZATION_CHANGED,
                    subject=Subject.ORGANIZATION,
                    subject_id=f"{change.key[0]}/{name}",
                    name=name.replace("_", " ").capitalize(),
                    before={name: before},
                    after={name: after},
                    since=since_of(change, partial(value_of, name=name)),
                )

    def delegated_administrator(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        account_id, service = change.key
        goes = change.after is None
        place = self._after.placed(account_id) or self._before.placed(account_id)
        yield SnapshotDifference(
            kind=DifferenceKind.DELEGATED_ADMINISTRATOR_DEREGISTERED
            if goes
            else DifferenceKind.DELEGATED_ADMINISTRATOR_REGISTERED,
            subject=Subject.DELEGATED_ADMINISTRATOR,
            subject_id=service,
            name=service,
            before=values_of(change.before, ("delegated_at",)),
            after=values_of(change.after, ("delegated_at",)),
            since=since_of(change, None if change.before is None else fingerprint_of),
            way_before=self._before.way(account_id),
            way_after=self._after.way(account_id),
            target_id=account_id,
            target_name=place.name if place else account_id,
            places=self._places(account_id),
            consequence=goes and self._after.placed(account_id) is None,
        )

    def trusted_service(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        yield SnapshotDifference(
            kind=DifferenceKind.TRUSTED_SERVICE_DISABLED
            if change.after is None
            else DifferenceKind.TRUSTED_SERVICE_ENABLED,
            subject=Subject.TRUSTED_SERVICE,
            subject_id=change.key[0],
            name=change.key[0],
            before=values_of(change.before, ("enabled_at",)),
            after=values_of(change.after, ("enabled_at",)),
            since=since_of(change, None if change.before is None else fingerprint_of),
        )

    def resource_policy(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        yield from self._thing(
            change,
            Subject.RESOURCE_POLICY,
            change.key[0],
            (DifferenceKind.RESOURCE_POLICY_CREATED, DifferenceKind.RESOURCE_POLICY_DELETED),
            ("content_id",),
            ((DifferenceKind.RESOURCE_POLICY_CHANGED, ("content_id",)),),
        )

    def resource(self, change: VersionChange) -> Iterator[SnapshotDifference]:
        account_id = change.key[0]
        place = self._after.placed(account_id) or self._before.placed(account_id)
        yield from resource_differences(
            change,
            account_is_gone=self._after.placed(account_id) is None,
            way_before=self._before.way(account_id),
            way_after=self._after.way(account_id),
            target_id=account_id,
            target_name=place.name if place else account_id,
            places=self._places(account_id),
        )

    def _thing(
        self,
        change: VersionChange,
        subject: Subject,
        subject_id: str,
        kinds: tuple[DifferenceKind, DifferenceKind],
        names: tuple[str, ...],
        fields: tuple[tuple[DifferenceKind, tuple[str, ...]], ...],
        **more: Any,
    ) -> Iterator[SnapshotDifference]:
        """Tell of a thing that came, went or changed in some of its fields."""
        if change.before is not None and change.after is not None:
            yield from self._fields(change, subject, subject_id, fields, **more)
            return
        shown = change.after or change.before
        yield SnapshotDifference(
            kind=kinds[0] if change.before is None else kinds[1],
            subject=subject,
            subject_id=subject_id,
            name=getattr(shown, "name", subject_id),
            before=values_of(change.before, names),
            after=values_of(change.after, names),
            since=since_of(change),
            **self._where(subject, subject_id, more),
        )

    def _fields(
        self,
        change: VersionChange,
        subject: Subject,
        subject_id: str,
        fields: tuple[tuple[DifferenceKind, tuple[str, ...]], ...],
        **more: Any,
    ) -> Iterator[SnapshotDifference]:
        for kind, names in fields:
            before, after = values_of(change.before, names), values_of(change.after, names)
            if before == after or (names == ("tags",) and not self._tags_known):
                continue
            yield SnapshotDifference(
                kind=kind,
                subject=subject,
                subject_id=subject_id,
                name=getattr(change.after, "name", subject_id),
                before=before,
                after=after,
                since=since_of(change, partial(values_of, names=names)),
                **self._where(subject, subject_id, more),
            )

    def _where(self, subject: Subject, subject_id: str, more: Mapping[str, Any]) -> dict[str, Any]:
        if subject not in (Subject.ACCOUNT, Subject.ORGANIZATIONAL_UNIT, Subject.ROOT):
            return dict(more)
        return {
            "way_before": self._before.way(subject_id),
            "way_after": self._after.way(subject_id),
            "places": self._places(subject_id),
            **more,
        }

    def _places(self, target_id: str) -> frozenset[str]:
        ways = (*self._before.way(target_id), *self._after.way(target_id))
        return frozenset((target_id, *(step.target_id for step in ways)))

    def _reached(self, policy_id: str) -> frozenset[str]:
        targets = (
            *self._before.attached.get(policy_id, ()),
            *self._after.attached.get(policy_id, ()),
        )
        return frozenset[str]().union(*(self._places(target_id) for target_id in targets))


_DIFFERS: Final[
    Mapping[type[Version], Callable[[Differ, VersionChange], Iterator[SnapshotDifference]]]
] = {
    Account: Differ.account,
    OrganizationalUnit: Differ.unit,
    Policy: Differ.policy,
    PolicyAttachment: Differ.attachment,
    Root: Differ.root,
    Organization: Differ.organization,
    DelegatedAdministrator: Differ.delegated_administrator,
    TrustedService: Differ.trusted_service,
    OrganizationResourcePolicy: Differ.resource_policy,
    ResourcePolicy: Differ.resource,
}
# What only the collector that reads it can miss; policies have one a type.
_COLLECTORS: Final[Mapping[type[Version], str]] = {
    model: READ_BY[model]
    for model in (
        Account,
        OrganizationalUnit,
        DelegatedAdministrator,
        TrustedService,
        OrganizationResourcePolicy,
    )
}


def _status(row: Version, policy_type: str) -> str | None:
    status: str | None = value_of(row, "policy_types").get(policy_type)
    return status
