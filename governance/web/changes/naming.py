"""Names of the targets that a request speaks of, and which of them have a page to lead to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from governance.web.parts.targets import page_href
from inventory.models import Account, Connection, OrganizationalUnit, Root
from inventory.viewing import Viewer, whole_targets


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """A root, OU or account. `href` is empty where the viewer may not open its page."""

    target_id: str
    name: str
    kind: str
    href: str = ""


@dataclass(frozen=True)
class TargetNames:
    """Names of some targets of an organization, by id.

    Whoever sees a request sees its whole plan, so names are of all; `seen` holds those targets
    whose pages the viewer may open, None: all.
    """

    slug: str
    found: dict[str, tuple[str, str]] = field(default_factory=dict)
    seen: frozenset[str] | None = None

    def of(self, target_id: str) -> NamedTarget:
        """Return a target; one that no run has read by its id alone."""
        kind, name = self.found.get(target_id, ("", target_id))
        opens = bool(kind) and (self.seen is None or target_id in self.seen or kind == "ROOT")
        href = page_href(self.slug, target_id) if opens else ""
        return NamedTarget(target_id, name, kind, href)

    def sees(self, target_id: str) -> bool:
        """Whether the viewer may see what is at a target."""
        return self.seen is None or target_id in self.seen


def target_names(viewer: Viewer, connection: Connection, ids: Iterable[str]) -> TargetNames:
    """Return the names of some targets as of now, in at most three queries."""
    wanted = sorted(set(ids))
    found: dict[str, tuple[str, str]] = {}
    accounts = [one for one in wanted if one.isdecimal()]
    if accounts:
        rows = Account.objects.as_of(None).filter(connection=connection, account_id__in=accounts)
        found.update(
            (key, ("ACCOUNT", name)) for key, name in rows.values_list("account_id", "name")
        )
    for model, kind, prefix in (
        (OrganizationalUnit, "ORGANIZATIONAL_UNIT", "ou-"),
        (Root, "ROOT", "r-"),
    ):
        ids_of = [one for one in wanted if one.startswith(prefix)]
        if ids_of:
            targets = model.objects.as_of(None).filter(connection=connection, target_id__in=ids_of)
            found.update(
                (key, (kind, name)) for key, name in targets.values_list("target_id", "name")
            )
    return TargetNames(connection.slug, found, whole_targets(viewer, connection))
