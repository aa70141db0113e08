"""The tree as a picture: area by accounts, colour by a measure, both picked in the address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from django.core.exceptions import BadRequest
from django.http import QueryDict

from governance.access import rights
from governance.posture.ceilings.assumptions import CeilingAssumptions
from governance.posture.ceilings.usual import UsualAssumptions
from governance.web.organization.judged_measures import OpenDriftSeverity, failing_guardrails
from governance.web.organization.measures import (
    DeniedShare,
    Measured,
    MeasureReading,
    NotCollected,
    OutsideTrust,
    ScpsInEffect,
)
from governance.web.organization.reading import TreeReading
from governance.web.parts.chart_folds import DrawnParts, drawn_parts
from governance.web.parts.charts import Chart, ChartPart, ChartShape, hierarchy
from governance.web.parts.filters import address
from inventory.models import Account
from inventory.selectors.hierarchy import TreeNode
from policies.ceiling import BadAssumption

Choice = TypeVar("Choice")

# So many accounts are drawn one by one: of the whole organization, and of an OU drawn alone.
MOST_ACCOUNTS: Final = 250
MOST_IN_UNIT: Final = 1000
_MOST_SHOWN: Final = 5
_MOST_DIGITS: Final = 9
_TOO_MANY: Final = (
    f" Accounts are shown within an OU of up to {MOST_IN_UNIT:,}: choose it, then draw only it."
)
_TOO_DEEP: Final = " OUs further down are shown within an OU: choose it, then draw only it."
TABLE: Final = "table"
DENIED: Final = "denied"


@dataclass(frozen=True, slots=True)
class PictureMeasure:
    """What a colour can stand for. `noun`: the head of its column. `rights`: needed to see it."""

    key: str
    label: str
    noun: str
    rights: tuple[str, ...] = ()


MEASURES: Final = (
    PictureMeasure("scps", "SCPs in effect", "SCPs"),
    PictureMeasure(DENIED, "Denied by SCPs", "Actions denied"),
    PictureMeasure("uncollected", "Not collected", "Not collected"),
    PictureMeasure("trust", "External trust", "Roles and resources", (rights.VIEW_TRUST,)),
    PictureMeasure("guardrails", "Guardrails failing", "Failing", (rights.VIEW_GUARDRAILS,)),
    PictureMeasure("drift", "Open drift", "Drift", (rights.VIEW_DRIFT, rights.VIEW_FINDINGS)),
)
# Each with its icon. The table is one of them: it shows the same rows in the same order.
SHAPES: Final = (
    (ChartShape.ICICLE.value, "Icicle", "layout-align-left"),
    (ChartShape.TREEMAP.value, "Treemap", "chart-treemap"),
    (ChartShape.SUNBURST.value, "Sunburst", "chart-donut-3"),
    (TABLE, "Table", "table"),
)


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """What the address asks for. `within`: the node drawn with all below it; empty is the root.

    `first`: the number of its first child that is drawn, by size. `at`: the node that is selected.
    `assumed`: what shares of denied actions take for given. `is_large`: it takes the whole width,
    above the tree.
    """

    measure: PictureMeasure
    shape: str
    within: str
    at: str
    assumed: CeilingAssumptions
    first: int = 1
    is_large: bool = False


def picture_choice(query: QueryDict, *, usual: UsualAssumptions) -> PictureChoice:
    """Read what the address asks for; what it does not name is the first of each.

    :raises BadRequest: it names a measure, a shape or an assumption that there is not.
    """
    measures = {measure.key: measure for measure in MEASURES}
    shapes = {key: key for key, _, _ in SHAPES}
    try:
        assumed = usual.read(query.getlist("assume"))
    except BadAssumption as error:
        raise BadRequest(f"assume in the address cannot be read: {error}.") from None
    return PictureChoice(
        measure=_named(query, "measure", measures),
        shape=_named(query, "picture", shapes),
        within=query.get("within", ""),
        at=query.get("at", ""),
        assumed=assumed,
        first=_first(query.get("first", "")),
        is_large=_named(query, "size", {"small": False, "large": True}),
    )


def _first(text: str) -> int:
    if not text:
        return 1
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS or not int(text):
        raise BadRequest(f"first is {text!r}; it is the number of a child, from 1.")
    return int(text)


def _named(query: QueryDict, name: str, choices: dict[str, Choice]) -> Choice:
    key = query.get(name, "") or next(iter(choices))
    if key not in choices:
        raise BadRequest(f"{name} is {key!r}; it can be {', '.join(choices)}.")
    return choices[key]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A node among those with the most. `share`: of the highest of all, in percent.

    `short`: the measure as the ends of the ramp are named; `where`, `where_id`: what it is in.
    """

    part: ChartPart
    share: int
    short: str
    where: str
    where_id: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture with what stands around it.

    `way`: name and address of each node from the root to the one that is drawn, empty where all
    is. `selected`: the drawn part that is, or stands for, the node that is selected. `most`: the
    OUs and accounts with the most of what is measured. `gone`: the id of a node that was to be
    drawn and is not in the organization at that time.
    """

    chart: Chart
    way: tuple[tuple[str, str], ...]
    selected: str
    most: tuple[Ranked, ...]
    gone: str


def organization_picture(reading: TreeReading, choice: PictureChoice, query: QueryDict) -> Picture:
    """Draw a node and the OUs below it that hold an account; accounts too where they are few.

    Of many parts the largest are drawn; the table lists all.
    """
    tree = reading.tree
    root = tree.root
    if root is None:
        raise ValueError("nothing is known of that time")
    top = tree.by_id.get(choice.within, root)
    most = MOST_ACCOUNTS if top is root else MOST_IN_UNIT
    accounts = reading.accounts_below(top) if top.accounts <= most else []
    measure = _reading_of(choice, reading, accounts)
    parts = list(_parts(reading, top, accounts, measure, query))
    highest = max((part.measure for part in parts if part.measure is not None), default=0.0)
    drawn = drawn_parts(parts, first=choice.first, fold=_Folds(measure, query))
    chart = hierarchy(
        parts,
        drawn=_from_its_first(drawn),
        key="organization",
        title=choice.measure.label,
        said=f"Size: accounts. Colour: {measure.meaning()}."
        + (_TOO_DEEP if drawn.is_cut else "")
        + ("" if accounts or not top.accounts else _TOO_MANY),
        heads=("Name", "Accounts", choice.measure.noun),
        low=measure.in_words(0),
        high=measure.in_words(max(highest, measure.full)) if highest else "",
        full=measure.full,
        shape=ChartShape.ICICLE if choice.shape == TABLE else ChartShape(choice.shape),
    )
    return Picture(
        chart=chart,
        way=() if top is root and drawn.first == 1 else tuple(_way(reading, top, query)),
        selected=drawn.stands_for.get(choice.at, choice.at),
        most=tuple(_most(parts, highest, measure)),
        gone=choice.within if choice.within and choice.within not in tree.by_id else "",
    )


def _reading_of(
    choice: PictureChoice, reading: TreeReading, accounts: Sequence[Account]
) -> MeasureReading:
    match choice.measure.key:
        case "scps":
            return ScpsInEffect(reading, reading.policies_of(accounts))
        case measure if measure == DENIED:
            return DeniedShare(reading, choice.assumed)
        case "trust":
            return OutsideTrust(reading)
        case "guardrails":
            return failing_guardrails(reading, accounts)
        case "drift":
            return OpenDriftSeverity(reading, reading.knowledge(), reading.summaries_of(accounts))
        case _:
            return NotCollected(reading, reading.knowledge(), reading.summaries_of(accounts))


def _parts(
    reading: TreeReading,
    top: TreeNode,
    accounts: Sequence[Account],
    measure: MeasureReading,
    query: QueryDict,
) -> Iterable[ChartPart]:
    by_parent: dict[str, list[Account]] = {}
    for account in accounts:
        by_parent.setdefault(account.parent_id, []).append(account)

    def part(
        key: str, label: str, node: TreeNode, measured: Measured, *, is_account: bool = False
    ) -> ChartPart:
        size = 1 if is_account else node.accounts
        parent_key = node.target_id if is_account else "" if node is top else node.parent_id
        can_be_drawn = not is_account and node is not top
        return ChartPart(
            key=key,
            label=label,
            parent_key=parent_key,
            size=size,
            measure=measured.value,
            said=measured.said,
            href=address(query, at=key, closed=None),
            sized="Account" if is_account else "1 account" if size == 1 else f"{size:,} accounts",
            draws_href=address(query, at=key, within=key, first=None, closed=None)
            if can_be_drawn
            else "",
        )

    def walk(node: TreeNode) -> Iterable[ChartPart]:
        yield part(node.target_id, node.name, node, measure.of_unit(node))
        for child in node.children:
            if child.accounts:
                yield from walk(child)
        for account in by_parent.get(node.target_id, ()):
            measured = measure.of_account(account, node)
            yield part(account.account_id, account.name, node, measured, is_account=True)

    return walk(top)


@dataclass(frozen=True, slots=True)
class _Folds:
    """Makes the part for OUs and accounts that are not drawn one by one. It opens by a click."""

    measure: MeasureReading
    query: QueryDict

    def __call__(
        self,
        parent: ChartPart,
        others: Sequence[ChartPart],
        below: Sequence[ChartPart],
        first: int,
    ) -> ChartPart:
        accounts = sum(part.size for part in others)
        known = [part.measure for part in below if part.measure is not None]
        unknown = len(below) - len(known)
        highest = max(known, default=0.0)
        most = self.measure.in_words(highest)
        said = f"At most {most}" if highest else most if known else "Not known"
        href = address(self.query, at=parent.key, within=parent.key, first=str(first), closed=None)
        return ChartPart(
            key=f"more:{parent.key}",
            label=f"{len(others):,} more",
            parent_key=parent.key,
            size=accounts,
            measure=None if unknown and not highest else highest,
            said=said + (f"; {unknown:,} not known" if known and unknown else ""),
            href=href,
            sized="1 account" if accounts == 1 else f"{accounts:,} accounts",
            draws_href=href,
        )


def _from_its_first(drawn: DrawnParts) -> Sequence[ChartPart]:
    """Return the drawn parts, the top without the children that were left out before the first."""
    top, *rest = drawn.parts
    if drawn.first == 1:
        return drawn.parts
    size = sum(part.size for part in rest if part.parent_key == top.key)
    return [
        replace(
            top,
            label=f"{top.label}, from {drawn.first:,}",
            size=size,
            sized=f"{size:,} of {top.sized}",
        ),
        *rest,
    ]


def _way(reading: TreeReading, top: TreeNode, query: QueryDict) -> Iterable[tuple[str, str]]:
    steps = []
    at: TreeNode | None = top
    while at is not None:
        is_root = not at.parent_id
        steps.append(
            (at.name, address(query, within=None if is_root else at.target_id, first=None))
        )
        at = reading.tree.by_id.get(at.parent_id)
    return steps[::-1]


def _most(parts: Sequence[ChartPart], highest: float, measure: MeasureReading) -> Iterable[Ranked]:
    """Return the parts with the most: accounts where they are drawn, else the innermost OUs."""
    inner = {part.parent_key for part in parts}
    leaves = [part for part in parts if part.measure and part.key not in inner]
    ranked = sorted(leaves, key=lambda part: (-(part.measure or 0), -part.size, part.label))
    names = {part.key: part.label for part in parts}
    return [
        Ranked(
            part,
            share=round(100 * (part.measure or 0) / highest),
            short=measure.in_words(part.measure or 0),
            where=names.get(part.parent_key, ""),
            where_id=part.parent_key,
        )
        for part in ranked[:_MOST_SHOWN]
    ]
