"""Who looks: every selector takes a `Viewer` and returns only what that viewer may see.

Limits by organization, OU and account come in here, in `visible` and in what
`inventory.visible_targets` says of one organization, and nowhere else. What lies outside is not
found; it is never counted, and never told apart from what does not exist.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from django.db.models import DateTimeField, Exists, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.query import ModelIterable

from inventory import models
from inventory.any_of import register_any_of
from inventory.models import Connection
from inventory.visible_targets import VisibleTargets, visible_targets_of

Row = TypeVar("Row", bound=Model)

_NEVER: Final = Value(datetime.max.replace(tzinfo=UTC), output_field=DateTimeField())

register_any_of()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A part of the tree: an OU with all below it or an account, by `target_id`.

    An empty `target_id` is the whole organization.
    """

    connection_id: int
    target_id: str = ""


StoredPlaces = Sequence[Sequence[Any]]
"""Pairs of a connection's primary key and a target id, as JSON keeps them."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """What one person or token may see of the inventory.

    `sees_inventory`: holds the right `inventory.view_connection` somewhere. Without it nothing is
    visible. `limits`: what is visible lies in each of them, in one of its places; none: everything
    is visible. A person's roles are one limit, the OUs that a token was given another.
    `token_places`: the latter as stored with the token. `person_id`: whose own things are theirs.
    """

    sees_inventory: bool
    limits: tuple[frozenset[Place], ...] = ()
    token_places: StoredPlaces | None = field(default=None, compare=False)
    person_id: int | None = field(default=None, compare=False)
    # What was found out of each organization, for as long as somebody holds this viewer: a request.
    _found: dict[int, VisibleTargets] = field(default_factory=dict, compare=False, repr=False)

    @property
    def sees_everything(self) -> bool:
        """Whether no organization and no part of one is hidden."""
        return self.sees_inventory and not self.limits


def viewer_within(viewer: Viewer, places: StoredPlaces | None) -> Viewer:
    """Return the viewer limited to some places as well; None: no further."""
    if places is None:
        return viewer
    limit = frozenset(Place(connection_id, target_id) for connection_id, target_id in places)
    return replace(viewer, limits=(*viewer.limits, limit), token_places=places, _found={})


def targets_seen(viewer: Viewer, connection: Connection | int) -> VisibleTargets:
    """Return what of one organization's tree the viewer may see; one query for each viewer."""
    connection_id = connection if isinstance(connection, int) else connection.pk
    if not viewer.sees_inventory:
        return VisibleTargets.nothing()
    if connection_id not in viewer._found:
        viewer._found[connection_id] = visible_targets_of(
            connection_id,
            [
                frozenset(
                    place.target_id for place in limit if place.connection_id == connection_id
                )
                for limit in viewer.limits
            ],
        )
    return viewer._found[connection_id]


def sees_whole(viewer: Viewer, connection: Connection | int) -> bool:
    """Return whether nothing of this organization is hidden from the viewer."""
    return viewer.sees_everything or targets_seen(viewer, connection).everything


def visible_key(viewer: Viewer, connection: Connection | int) -> str:
    """Return what tells apart, in caches, answers for viewers who see different parts.

    Empty for everybody who sees the whole organization. Equal keys: the same accounts, OUs and
    ancestors.
    """
    return "" if viewer.sees_everything else targets_seen(viewer, connection).key


def visible_connection_ids(viewer: Viewer) -> frozenset[int] | None:
    """Return the organizations of which the viewer may see some part; None: all."""
    if not viewer.sees_inventory:
        return frozenset()
    if not viewer.limits:
        return None
    ids = [frozenset(place.connection_id for place in limit) for limit in viewer.limits]
    return ids[0].intersection(*ids[1:])


def visible_connections(viewer: Viewer) -> QuerySet[Connection]:
    """The connected organizations of which the viewer may see at least a part."""
    ids = visible_connection_ids(viewer)
    connections = Connection.objects.all()
    return connections if ids is None else connections.filter(pk__in=sorted(ids))


def whole_targets(viewer: Viewer, connection: Connection | int) -> frozenset[str] | None:
    """Return the ids of the accounts and OUs that may be seen wholly; None: all of them."""
    targets = targets_seen(viewer, connection)
    return None if targets.everything else targets.accounts | targets.units


def at_visible_places(viewer: Viewer) -> Q | None:
    """Return the condition on rows whose `connection` and `target_id` may be seen; None: all may.

    An empty `target_id` names the whole organization, a null connection all of them: such rows are
    for who sees as much.
    """
    ids = visible_connection_ids(viewer)
    if ids is None:
        return None
    chosen = Q(pk__in=[])
    for connection_id in sorted(ids):
        here = Q(connection_id=connection_id)
        seen = whole_targets(viewer, connection_id)
        if seen is not None:
            here &= Q(target_id__any_of=sorted(seen))
        chosen |= here
    return chosen


def visible(rows: "QuerySet[Row]", viewer: Viewer) -> "QuerySet[Row]":
    """Keep the rows, of any table with a `connection`, that the viewer may see.

    Of a table that has no rule below, only who sees the whole organization sees rows.
    """
    ids = visible_connection_ids(viewer)
    if ids is None:
        return rows
    rule = _RULES.get(rows.model, _nothing)
    chosen = Q()
    by_name_alone: set[str] = set()
    for connection_id in sorted(ids):
        targets = targets_seen(viewer, connection_id)
        by_name_alone.update(targets.ancestor_ids)
        here = Q(connection_id=connection_id)
        if not targets.everything:
            limited = rule(targets, connection_id, viewer)
            if limited is None:
                continue
            here &= limited
        chosen |= here
    if not chosen:
        return rows.none()
    found = rows.filter(chosen)
    if rows.model in _WITH_TAGS_OF_ANCESTORS and by_name_alone:
        found._iterable_class = _without_tags(by_name_alone)
    return found


_WITH_TAGS_OF_ANCESTORS: Final = (models.OrganizationalUnit, models.Root)


def _without_tags(by_name_alone: Collection[str]) -> type[ModelIterable]:  # type: ignore[type-arg]
    """Return what reads rows, and forgets the tags of those of which only the name may be seen.

    `tags_hidden` of such a row is True, so that a screen can tell hidden from none.
    """

    class WithoutTags(ModelIterable):  # type: ignore[type-arg]
        def __iter__(self) -> Iterator[Any]:
            for row in super().__iter__():
                if row.target_id in by_name_alone:
                    row.tags = {}
                    row.tags_hidden = True
                yield row

    return WithoutTags


Rule = Callable[[VisibleTargets, int, Viewer], Q | None]


def in_accounts(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    """Keep what is in an account that may be seen."""
    return Q(account_id__any_of=targets.account_ids)


def in_accounts_or_own(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    """Keep what is in such an account, and what is said of the organization itself."""
    return Q(account_id="") | Q(account_id__any_of=targets.account_ids)


def of_used_access(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    """Keep usage in an account that may be seen."""
    return Q(access__account_id__any_of=targets.account_ids)


def everything(_targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    """Keep what holds for the whole organization and names nothing in it."""
    return Q()


def _nothing(_targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    return None


def _units(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    return Q(target_id__any_of=targets.units_and_ancestors)


def _attachments(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    return Q(target_id__any_of=targets.attachment_targets)


def _policies(targets: VisibleTargets, connection_id: int, _viewer: Viewer) -> Q | None:
    """Keep the versions of policies that held while attached to something that may be seen."""
    attached = models.PolicyAttachment.objects.filter(
        connection_id=connection_id,
        policy_id=OuterRef("policy_id"),
        target_id__any_of=targets.attachment_targets,
        seen_from__lt=Coalesce(OuterRef("seen_until"), _NEVER),
    ).filter(Q(seen_until__isnull=True) | Q(seen_until__gt=OuterRef("seen_from")))
    return Q(Exists(attached))


def _runs(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    """Keep runs of the whole organization, and of chosen accounts where one may be seen."""
    return Q(account_ids__isnull=True) | Q(account_ids__has_any_keys=list(targets.account_ids))


_RULES: Final[dict[type[Model], Rule]] = {
    **dict.fromkeys(
        (
            models.Account,
            models.AccountSetting,
            models.CredentialReport,
            models.DailyDenial,
            models.DelegatedAdministrator,
            models.DeniedCalls,
            models.HourlyCalls,
            models.IamPolicy,
            models.IdentityProvider,
            models.LoggedEvent,
            models.OrganizationSetting,
            models.PermissionSetAssignment,
            models.Principal,
            models.PrincipalActivity,
            models.ResourcePolicy,
            models.ResponsibilityTransfer,
            models.ServiceConfiguration,
            models.SuspectedDeletion,
            models.UsedAccess,
            models.UserCredential,
        ),
        in_accounts,
    ),
    **dict.fromkeys(
        (
            models.AccountCoverage,
            models.CollectedSpan,
            models.CollectionTask,
            models.Coverage,
            models.GroupCoverage,
            models.GroupCoverageSpan,
        ),
        in_accounts_or_own,
    ),
    # Found only by the chain of policies at a target, which is worked out of what may be seen.
    models.EffectivePolicy: everything,
    models.EffectivePolicyAsking: everything,
    models.DailyUsage: of_used_access,
    # What an assignment in an account that may be seen is about.
    models.IdentityCenterPrincipal: everything,
    models.InventoryRun: _runs,
    models.Organization: everything,
    models.OrganizationalUnit: _units,
    models.PermissionSet: everything,
    models.Policy: _policies,
    models.PolicyAttachment: _attachments,
    models.Root: everything,
    models.TrustedService: everything,
    # Counts of AWS's own names, of all accounts together.
    models.UnmappedCall: everything,
}


def rule_for(model: type[Any], rule: Rule) -> None:
    """Have `visible` limit the rows of another application's table by a rule."""
    _RULES[model] = rule
