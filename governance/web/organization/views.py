"""The organization screen, the children of a node as it is opened, and the export."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.posture.ceilings.assumptions import in_words
from governance.posture.ceilings.usual import UsualAssumptions, usual_assumptions
from governance.web.ceilings.reading import with_assumptions
from governance.web.organization.picture import (
    DENIED,
    MEASURES,
    SHAPES,
    PictureMeasure,
    organization_picture,
    picture_choice,
)
from governance.web.organization.reading import TreeReading, read_tree
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import address, filter_chips, one_of, without
from governance.web.parts.organization_rows import (
    ACCOUNTS_AT_ONCE,
    ShownAccounts,
    child_rows,
    opened_by_itself,
    tree_rows,
    units_below,
    ways_to,
)
from governance.web.parts.pages import ConnectionPage, Crumb, Fact
from governance.web.parts.tree_state import TREE_STATE, OpenNodes, tree_state
from inventory.models import Account
from inventory.policy_types import policy_type
from inventory.selectors.accounts import (
    accounts_after,
    accounts_before,
)
from inventory.selectors.coverage import NOTHING_KNOWN
from inventory.selectors.runs import active_run

_MOST_MATCHES: Final = 100
_EXPORTED_AT_ONCE: Final = 500


class OrganizationTree(ConnectionPage):
    """What the page and its parts read alike."""

    required_right = rights.VIEW_INVENTORY
    section = "organization"
    page_title = "Organization"
    has_charts = True
    shows_tables = ("Account", "OrganizationalUnit", "PolicyAttachment")
    reading: TreeReading

    def begin(self) -> None:
        """Read the tree."""
        super().begin()
        self.reading = read_tree(
            self.viewer,
            connection=self.connection,
            query=self.request.GET,
            as_of=self.as_of,
            now=self.now,
        )


class OrganizationPicture(OrganizationTree):
    """The picture alone, read after the page; a page of its own where there is no script."""

    template_name = "governance/organization/picture_page.html"

    def get_template_names(self) -> list[str]:
        """Return the part for htmx, else the page around it."""
        if self.request.headers.get("HX-Request"):
            return ["governance/organization/picture.html"]
        return [self.template_name]

    def tables_shown(self) -> tuple[str, ...]:
        """Return none for the part: the page around it shows their freshness."""
        return () if self.request.headers.get("HX-Request") else super().tables_shown()

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        kept = address(self.request.GET)
        href = reverse("organization", kwargs={"slug": self.connection.slug}) + kept
        return [Crumb(self.connection.name), Crumb("Organization", href), Crumb("Picture")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the picture and what can be picked.

        :raises Http404: nothing is known of that time.
        :raises PermissionDenied: this person may not see what the measure shows.
        """
        query = self.request.GET
        usual = self.usual()
        choice = picture_choice(query, usual=usual)
        if not self.may_see(choice.measure):
            raise PermissionDenied
        if self.reading.tree.root is None:
            raise Http404("Nothing is known of the organization at that time.")
        return super().get_context_data(
            picture=organization_picture(self.reading, choice, query),
            choice=choice,
            measures=[
                (one, address(query, measure=one.key), one is choice.measure)
                for one in MEASURES
                if self.may_see(one)
            ],
            shapes=[
                (key, label, icon, address(query, picture=key), key == choice.shape)
                for key, label, icon in SHAPES
            ],
            size_href=address(query, size=None if choice.is_large else "large"),
            assumed=[
                (in_words(term), with_assumptions(query, choice.assumed.without(term)))
                for term in choice.assumed.terms
            ],
            usual_href="" if choice.assumed == usual.read([]) else address(query, assume=None),
            **kwargs,
        )

    def usual(self) -> UsualAssumptions:
        """Return what is assumed; by the policies in force where the measure depends on it."""
        home_region = self.connection.home_region
        if self.request.GET.get("measure") != DENIED:
            return UsualAssumptions(home_region)
        return usual_assumptions(self.reading.compiled, home_region)

    def may_see(self, measure: PictureMeasure) -> bool:
        """Whether this person may see what a measure shows, in some part of the organization."""
        return all(self.may(right, None) for right in measure.rights)


class OrganizationPage(Exporting, OrganizationTree):
    """The OU tree as a table beside its picture."""

    template_name = "governance/organization/page.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        return [Crumb(self.connection.name), Crumb("Organization")]

    def get_facts(self) -> Sequence[Fact]:
        """Count what the tree holds."""
        units = self.reading.units
        if units.tree.root is None:
            return []
        return [
            Fact("OUs", f"{len(units.tree.by_id) - 1:,}"),
            Fact("Accounts", f"{units.tree.root.accounts:,}"),
            Fact("Attached policies", f"{units.attached_policies:,}"),
            Fact("Attachments", f"{units.attachments:,}"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows and the filters; the picture is read after the page."""
        reading = self.reading
        if reading.tree.root is None:
            return super().get_context_data(**self.unknown_context(), **kwargs)
        query = self.request.GET
        choice = picture_choice(query, usual=UsualAssumptions(self.connection.home_region))
        picture_part = reverse("organization-picture", kwargs={"slug": self.connection.slug})
        found = self.matches() if reading.filters.is_used else self.browsed()
        return super().get_context_data(
            **found,
            chips=filter_chips(reading.filters, without(query, TREE_STATE)),
            forgets=" ".join(TREE_STATE),
            shows_picture=one_of(query, "part", ("tree", "picture")) == "picture",
            accounts_at_once=ACCOUNTS_AT_ONCE,
            choice=choice,
            picture_part=picture_part,
            picture_href=picture_part + address(query),
            is_filtered=reading.filters.is_used,
            most_matches=_MOST_MATCHES,
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            **self.run_links(),
            **kwargs,
        )

    def unknown_context(self) -> dict[str, Any]:
        """Say why there is no tree: no run yet, or one that goes on."""
        return {"active": active_run(self.viewer, connection=self.connection)}

    def matches(self) -> dict[str, Any]:
        """Return the rows of the OUs and accounts that match, and how many there are."""
        reading = self.reading
        matching = reading.filters.matching_units(reading.tree)
        units = [target_id for target_id in reading.tree.by_id if target_id in matching]
        count = reading.matching.count()
        shown = list(reading.matching.order_by("path", "name", "account_id")[:_MOST_MATCHES])
        by_parent: dict[str, list[Account]] = {}
        for account in shown:
            by_parent.setdefault(account.parent_id, []).append(account)
        wanted, above = ways_to(reading.tree, [*units[:_MOST_MATCHES], *by_parent])
        state = tree_state(self.request.GET)
        by_hand = ways_to(reading.tree, state.opened)[0] - above - set(by_parent)
        found = {key: ShownAccounts(accounts) for key, accounts in by_parent.items()}
        found |= reading.first_shown(by_hand, state)
        accounts = [account for one in found.values() for account in one.accounts]
        scope = reading.scope(
            accounts, reading.knowledge(), selected=self.request.GET.get("at", "")
        )
        nodes = OpenNodes(above | set(by_parent), by_hand, state.closed)
        return {
            "tree_rows": tree_rows(scope, nodes, accounts=found, wanted=wanted),
            "matches": len(units) + count,
            "some_left_out": len(units) > _MOST_MATCHES or count > _MOST_MATCHES,
            "export_count": count,
        }

    def browsed(self) -> dict[str, Any]:
        """Return the rows with no filter in use; `at` in the address is opened and marked."""
        reading, at = self.reading, self.request.GET.get("at", "")
        selected = reading.account(at)
        ways = [selected.parent_id if selected else at] if at else []
        state = tree_state(self.request.GET)
        by_itself = opened_by_itself(reading.tree) | ways_to(reading.tree, ways)[0]
        by_hand = ways_to(reading.tree, state.opened)[0]
        shown = reading.first_shown(by_itself | by_hand, state)
        here = shown.get(selected.parent_id, ShownAccounts()) if selected else ShownAccounts()
        if selected and selected not in here.accounts:
            shown[selected.parent_id] = self.around(selected)
        accounts = [account for one in shown.values() for account in one.accounts]
        root = reading.tree.root
        return {
            "tree_rows": tree_rows(
                reading.scope(
                    accounts,
                    self.recent(("knowledge", reading.units.marks), reading.knowledge),
                    selected=at,
                ),
                OpenNodes(by_itself, by_hand, state.closed),
                accounts=shown,
            ),
            "matches": 0,
            "export_count": root.accounts if root else 0,
        }

    def around(self, account: Account) -> ShownAccounts:
        """Return an account among its neighbours by name, and how many are left on both sides."""
        where = {"parent_id": account.parent_id}
        before = accounts_before(self.reading.matching, **where, before=account.account_id)
        nearest = list(before[: ACCOUNTS_AT_ONCE // 2])[::-1]
        after = accounts_after(self.reading.matching, **where, after=account.account_id)
        following = list(after[: ACCOUNTS_AT_ONCE // 2])
        preceding = before.count()
        here = self.reading.tree.by_id[account.parent_id].accounts_here
        return ShownAccounts(
            [*nearest, account, *following],
            before=preceding - len(nearest),
            after=here - preceding - 1 - len(following),
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send the accounts that the filters leave, with the way to each."""
        rows = self.reading.matching.order_by("path", "name", "account_id")
        return export_response(
            kind,
            name=f"{self.connection.slug}-organization",
            header=[
                "account_id", "name", "email", "state", "organizational_units", "parent_id",
                "policies", "inherited_policies", "coverage", "tags",
            ],
            rows=self.exported(rows.iterator(chunk_size=500)),
        )  # fmt: skip

    def exported(self, accounts: Iterator[Account]) -> Iterator[list[Any]]:
        """Yield the cells of each account's line, reading what hangs on many at once."""
        by_id = self.reading.tree.by_id
        while some := list(islice(accounts, _EXPORTED_AT_ONCE)):
            scope = self.reading.scope(some, {})
            for account in some:
                node = by_id.get(account.parent_id)
                above = [
                    by_id[step].name
                    for step in account.path.split("/")
                    if step in by_id and by_id[step].parent_id
                ]
                own = scope.account_policies.get(account.account_id, ())
                inherited = node.inherited + node.own if node else {}
                summary = scope.summaries.get(account.account_id, NOTHING_KNOWN)
                yield [
                    account.account_id,
                    account.name,
                    account.email,
                    account.state,
                    "/".join(above),
                    account.parent_id,
                    [policy.policy_id for policy in own],
                    {policy_type(name).name: count for name, count in inherited.items()},
                    summary.knowledge.value,
                    account.tags,
                ]


class OrganizationChildren(OrganizationTree):
    """The rows below a node, read when somebody opens it."""

    template_name = "governance/organization/rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows.

        :raises Http404: there is no such root or OU at that time.
        """
        reading = self.reading
        node = reading.tree.by_id.get(self.kwargs["target_id"])
        if node is None:
            raise Http404(f"There is no root or OU {self.kwargs['target_id']} at that time.")
        after, before = (self.request.GET.get(name, "") for name in ("after", "before"))
        where = {"parent_id": node.target_id}
        if before:
            rows = accounts_before(reading.matching, **where, before=before)
            here = list(rows[:ACCOUNTS_AT_ONCE])[::-1]
            shown = ShownAccounts(here, before=rows.count() - len(here))
        else:
            rows = accounts_after(reading.matching, **where, after=after)
            here = list(rows[:ACCOUNTS_AT_ONCE])
            shown = ShownAccounts(here, after=rows.count() - len(here))
        is_first = not after and not before
        below = units_below(node) if is_first else []
        scope = reading.scope(here, reading.knowledge(below))
        return {"tree_rows": child_rows(scope, node, shown, with_units=is_first)}
