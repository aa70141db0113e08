"""Names of the targets and policies of a plan, and the accounts below each target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from governance.web.parts.targets import page_href
from inventory.models import Connection, Root
from inventory.selectors.hierarchy import accounts, organizational_units
from inventory.selectors.policies import policies
from inventory.viewing import Viewer, visible, whole_targets

_ICONS: Final = {"ROOT": "hierarchy-3", "ORGANIZATIONAL_UNIT": "folder", "ACCOUNT": "box"}


@dataclass(frozen=True, slots=True)
class PlanTarget:
    """A root, OU or account of a plan. `href` is empty where the viewer may not open it."""

    target_id: str
    name: str
    icon: str
    href: str
    accounts: int


@dataclass(frozen=True, slots=True)
class PlanPlaces:
    """What a plan's ids stand for.

    `names` and `kinds` by target, `below`: the accounts by target, an account being below itself,
    `policy_names` by id. Whoever sees a request sees its whole plan, so names are of everything;
    `seen` holds those targets whose pages the viewer may open, None: all.
    """

    slug: str
    names: Mapping[str, str]
    kinds: Mapping[str, str]
    below: Mapping[str, frozenset[str]]
    policy_names: Mapping[str, str]
    seen: frozenset[str] | None = field(default=None)

    def target(self, target_id: str) -> PlanTarget:
        """Return a target as shown; one that no run has read by its id alone."""
        kind = self.kinds.get(target_id, "")
        open_to_viewer = kind == "ROOT" or (
            bool(kind) and (self.seen is None or target_id in self.seen)
        )
        return PlanTarget(
            target_id=target_id,
            name=self.names.get(target_id) or target_id,
            icon=_ICONS.get(kind, "question-mark"),
            href=page_href(self.slug, target_id) if open_to_viewer else "",
            accounts=len(self.accounts_of([target_id])),
        )

    def accounts_of(self, target_ids: Iterable[str]) -> frozenset[str]:
        """Return the accounts below any of the targets."""
        found: set[str] = set()
        for target_id in target_ids:
            found |= self.below.get(target_id, frozenset())
        return frozenset(found)


def plan_places(viewer: Viewer, *, connection: Connection) -> PlanPlaces:
    """Read the names and the tree of an organization as of now, in four queries."""
    everything = Viewer(sees_inventory=True)
    names: dict[str, str] = {}
    kinds: dict[str, str] = {}
    below: dict[str, set[str]] = {}
    roots = visible(Root.objects.as_of(None), everything).filter(connection=connection)
    for target_id, name in roots.values_list("target_id", "name"):
        names[target_id], kinds[target_id] = name, "ROOT"
    for target_id, name in organizational_units(everything, connection=connection).values_list(
        "target_id", "name"
    ):
        names[target_id], kinds[target_id] = name, "ORGANIZATIONAL_UNIT"
    for account_id, name, path in accounts(everything, connection=connection).values_list(
        "account_id", "name", "path"
    ):
        names[account_id], kinds[account_id] = name, "ACCOUNT"
        for step in {*path.split("/"), account_id} - {""}:
            below.setdefault(step, set()).add(account_id)
    return PlanPlaces(
        slug=connection.slug,
        names=names,
        kinds=kinds,
        below={target_id: frozenset(found) for target_id, found in below.items()},
        policy_names=dict(
            policies(everything, connection=connection).values_list("policy_id", "name")
        ),
        seen=whole_targets(viewer, connection),
    )
