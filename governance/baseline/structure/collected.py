"""The structure as it was collected, all of it or some subjects, and what of it was not read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from governance.baseline.structure.document import (
    ALWAYS_ATTACHED,
    DELEGATION_POLICY,
    OWN_TAG_PREFIX,
    Structure,
    StructurePlace,
    StructurePolicy,
    SubjectKind,
    subject,
    subject_parts,
)
from inventory.models import (
    Account,
    Connection,
    DelegatedAdministrator,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    Policy,
    PolicyAttachment,
    Root,
    TrustedService,
)
from inventory.models.versions import Version
from inventory.policy_types import DEFAULT_POLICY_IDS, POLICY_TYPES
from inventory.selectors.hierarchy import policy_types_enabled
from inventory.selectors.snapshots import COMPLETE, UNSUPPORTED, organization_readings
from inventory.viewing import Viewer

VIEWER: Final = Viewer(sees_inventory=True)

_UNITS: Final = "organizations.organizational_units"
_ACCOUNTS: Final = "organizations.accounts"
_TRUSTED: Final = "organizations.trusted_services"
_DELEGATED: Final = "organizations.delegated_administrators"
_TAGS: Final = "organizations.tags"
_RESOURCE_POLICY: Final = "organizations.resource_policy"
_POLICIES: Final = "organizations.policies."
_COLLECTORS: Final[Mapping[SubjectKind, str]] = {
    SubjectKind.UNIT: _UNITS,
    SubjectKind.ACCOUNT: _ACCOUNTS,
    SubjectKind.POLICY_TYPE: _UNITS,
    SubjectKind.TRUSTED_SERVICE: _TRUSTED,
    SubjectKind.DELEGATION: _DELEGATED,
    SubjectKind.POLICY_TAGS: _TAGS,
    SubjectKind.DELEGATION_POLICY: _RESOURCE_POLICY,
}
_OPTIONAL: Final = frozenset({_TAGS, _RESOURCE_POLICY})
_ENABLED: Final = "ENABLED"


@dataclass(frozen=True, slots=True)
class StructureReading:
    """Which collectors of the structure read all of it in their last reading.

    `unread`: collector → why not, for those that did not. `never_read`: collectors without which a
    structure says less, and that did not read yet.
    """

    unread: Mapping[str, str]
    never_read: frozenset[str] = frozenset()

    def is_read(self, name: str, policy_type: str = "") -> bool:
        """Whether what a subject is about was read; `policy_type`: of a policy or attachment."""
        kind, _ = subject_parts(name)
        collector = _COLLECTORS.get(kind, f"{_POLICIES}{policy_type}")
        return collector not in self.unread and collector not in self.never_read


def structure_reading(connection: Connection) -> StructureReading:
    """Return how the structure was read last, in two queries.

    Policies of a type that was never read count where the type is enabled: else none is attached.
    """
    readings = organization_readings(VIEWER, connection=connection)
    enabled = policy_types_enabled(VIEWER, connection=connection)
    needed = dict.fromkeys((_UNITS, _ACCOUNTS, _TRUSTED, _DELEGATED), True)
    needed |= {f"{_POLICIES}{kind.name}": kind.name in enabled for kind in POLICY_TYPES}
    needed |= dict.fromkeys(_OPTIONAL, False)
    unread = {}
    for name, is_needed in needed.items():
        found = readings.get(name)
        if found is None:
            if is_needed:
                unread[name] = "it was never read"
        elif found.state not in (COMPLETE, UNSUPPORTED):
            unread[name] = found.message or found.state
    return StructureReading(unread, frozenset(_OPTIONAL - readings.keys()))


def only_what_was_read(structure: Structure, reading: StructureReading) -> Structure:
    """Have a collected structure say nothing of what was never read; return it."""
    if _TAGS in reading.never_read:
        structure.policy_tags = None
    if _RESOURCE_POLICY in reading.never_read:
        structure.delegation_policy = None
    return structure


@dataclass(slots=True)
class SubjectIds:
    """The ids of some subjects by table, to read no others.

    `default_targets`: where AWS's default policies are looked for.
    """

    account_ids: set[str] = field(default_factory=set)
    policy_ids: set[str] = field(default_factory=set)
    default_targets: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, names: Iterable[str]) -> "SubjectIds":
        """Return those of subjects: of a policy all that it is attached at is read."""
        found = cls()
        for name in names:
            kind, ids = subject_parts(name)
            if kind is SubjectKind.ACCOUNT:
                found.account_ids.add(ids[0])
            elif kind in (SubjectKind.POLICY, SubjectKind.POLICY_TAGS):
                found.policy_ids.add(ids[0])
            elif kind is SubjectKind.ATTACHMENT:
                found.policy_ids.add(ids[0])
                if ids[0] in DEFAULT_POLICY_IDS:
                    found.default_targets.add(ids[1])
                if ids[1].isdecimal():
                    found.account_ids.add(ids[1])
            elif kind is SubjectKind.DELEGATION:
                found.account_ids.add(ids[1])
        return found


def collected_structure(
    connection: Connection,
    *,
    as_of: datetime | None = None,
    only: SubjectIds | None = None,
) -> Structure:
    """Return the structure as collected now or at a time, in nine queries.

    `only`: of accounts, policies and attachments no others; OUs are read all, as places need them.
    The scope is the root.
    """
    roots = list(_held(Root, connection, as_of).values_list("target_id", "name", "policy_types"))
    found = Structure(scope=tuple(target_id for target_id, _, _ in roots))
    found.units = {target_id: StructurePlace(name, "") for target_id, name, _ in roots}
    units = _held(OrganizationalUnit, connection, as_of)
    for target_id, name, parent_id in units.values_list("target_id", "name", "parent_id"):
        found.units[target_id] = StructurePlace(name, parent_id)
    attached = _put_policies(found, connection, as_of, only)
    accounts = _held(Account, connection, as_of)
    if only is not None:
        named = {one for held in attached.values() for one in held if one.isdecimal()}
        accounts = accounts.filter(account_id__in=only.account_ids | named)
    for account_id, name, parent_id in accounts.values_list("account_id", "name", "parent_id"):
        found.accounts[account_id] = StructurePlace(name, parent_id)
    _put_defaults(found, attached, only)
    found.policy_types = {
        kind for _, _, kinds in roots for kind, status in kinds.items() if status == _ENABLED
    }
    services = _held(TrustedService, connection, as_of)
    found.trusted_services = set(services.values_list("service_principal", flat=True))
    delegated = _held(DelegatedAdministrator, connection, as_of)
    found.delegations = set(delegated.values_list("service_principal", "account_id"))
    delegating = _held(OrganizationResourcePolicy, connection, as_of)
    found.delegation_policy = delegating.values_list("content__text", flat=True).first() or ""
    return found


def _put_policies(
    found: Structure, connection: Connection, as_of: datetime | None, only: SubjectIds | None
) -> dict[str, set[str]]:
    """Put the organization's own policies in; return where each policy is attached.

    AWS's default policies that are there are among these, attached or not.
    """
    policies = _held(Policy, connection, as_of)
    attachments = _held(PolicyAttachment, connection, as_of)
    if only is not None:
        policies = policies.filter(Q(policy_id__in=only.policy_ids) | Q(aws_managed=True))
        attachments = attachments.filter(
            Q(policy_id__in=only.policy_ids - DEFAULT_POLICY_IDS)
            | Q(policy_id__in=DEFAULT_POLICY_IDS, target_id__in=only.default_targets)
        )
    attached: dict[str, set[str]] = {}
    found.policy_tags = {}
    for policy_id, name, kind, aws_managed, text, tags in policies.values_list(
        "policy_id", "name", "type", "aws_managed", "content__text", "tags"
    ):
        if policy_id in DEFAULT_POLICY_IDS:
            attached[policy_id] = set()
        elif not aws_managed:
            found.policies[policy_id] = StructurePolicy(name, kind, text)
            agreed = {
                key: value for key, value in tags.items() if not key.startswith(OWN_TAG_PREFIX)
            }
            if agreed:
                found.policy_tags[policy_id] = agreed
    for policy_id, target_id in attachments.values_list("policy_id", "target_id"):
        attached.setdefault(policy_id, set()).add(target_id)
    return attached


def _put_defaults(found: Structure, attached: dict[str, set[str]], only: SubjectIds | None) -> None:
    """Put attachments in, and which targets lack AWS's default policies."""
    there = {*found.units, *found.accounts}
    looked_at = there if only is None else there & only.default_targets
    for policy_id in DEFAULT_POLICY_IDS & attached.keys():
        here = attached.pop(policy_id)
        if policy_id not in ALWAYS_ATTACHED:
            found.detached_defaults[policy_id] = looked_at - here
    found.attachments = attached


def _held(model: type[Version], connection: Connection, as_of: datetime | None) -> "QuerySet[Any]":
    rows: QuerySet[Any] = model._default_manager.as_of(as_of)
    return rows.filter(connection=connection).order_by()


# The tables of the structure, and how their rows name subjects.
_NAMED: Final[tuple[tuple[type[Version], SubjectKind, tuple[str, ...]], ...]] = (
    (OrganizationalUnit, SubjectKind.UNIT, ("target_id",)),
    (Root, SubjectKind.UNIT, ("target_id",)),
    (Account, SubjectKind.ACCOUNT, ("account_id",)),
    (Policy, SubjectKind.POLICY, ("policy_id",)),
    (PolicyAttachment, SubjectKind.ATTACHMENT, ("policy_id", "target_id")),
    (TrustedService, SubjectKind.TRUSTED_SERVICE, ("service_principal",)),
    (DelegatedAdministrator, SubjectKind.DELEGATION, ("service_principal", "account_id")),
)


def changed_subjects(connection: Connection, *, after: datetime) -> set[str]:
    """Return the subjects of rows that began or ended after a time.

    A root brings all policy types with it: it says which are enabled.
    """
    found: set[str] = set()
    for model, kind, columns in _NAMED:
        rows = model._default_manager.filter(connection=connection).order_by()
        for touched in (rows.filter(seen_from__gt=after), rows.filter(seen_until__gt=after)):
            for ids in touched.values_list(*columns).distinct():
                found.add(subject(kind, *ids))
                if model is Root:
                    found.update(type_subjects())
                elif model is Policy:
                    found.add(subject(SubjectKind.POLICY_TAGS, *ids))
    found |= _delegation_policy_changed(connection, after)
    return {name for name in found if not _is_always_attached(name)}


def _delegation_policy_changed(connection: Connection, after: datetime) -> set[str]:
    rows = OrganizationResourcePolicy.objects.filter(connection=connection)
    since = Q(seen_from__gt=after) | Q(seen_until__gt=after)
    return {DELEGATION_POLICY} if rows.filter(since).exists() else set()


def type_subjects() -> set[str]:
    """Return the subjects of all policy types."""
    return {subject(SubjectKind.POLICY_TYPE, kind.name) for kind in POLICY_TYPES}


def _is_always_attached(name: str) -> bool:
    kind, ids = subject_parts(name)
    return kind is SubjectKind.ATTACHMENT and ids[0] in ALWAYS_ATTACHED


def without_aws_managed(names: Collection[str], connection: Connection) -> set[str]:
    """Leave out the policies that AWS keeps: their texts are AWS's to change."""
    managed = set(
        _held(Policy, connection, None).filter(aws_managed=True).values_list("policy_id", flat=True)
    )
    return {
        name
        for name in names
        if not (name.startswith("policy:") and name.removeprefix("policy:") in managed)
    }
