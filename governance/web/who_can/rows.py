"""Rows of the list of Who can."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.asking import question_for
from governance.posture.who_can.groups import How
from governance.posture.who_can.listing import account_name
from governance.posture.who_can.population import KINDS, ROOT
from governance.posture.who_can.ways import Standing
from governance.posture.who_can.wording import Described, Source, described
from governance.presentation.why_denied_address import query_of
from inventory.models import Connection
from inventory.selectors.last_use import LastUse, activities, last_use_of
from inventory.viewing import Viewer

KIND_WORDS: Final = {"root": "Root user", "user": "User", "role": "Role"}
STANDING_WORDS: Final = {
    Standing.ALWAYS: "Always",
    Standing.CONDITIONAL: "On conditions",
    Standing.UNKNOWN: "Not known",
}
_ACTIONS_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A policy with its page, where it has one. `note`: what it is and where it is attached."""

    name: str
    href: str
    note: str


@dataclass(frozen=True, slots=True)
class ShownCondition:
    """A statement on which it hangs, as a sentence in which `code` words stand apart."""

    pieces: tuple[tuple[str, bool], ...]
    denies: bool
    sources: tuple[ShownSource, ...]


@dataclass(frozen=True, slots=True)
class ShownActions:
    """Actions of one standing. `more`: how many are not listed; `is_all`: all that are asked."""

    standing: str
    count: int
    actions: tuple[str, ...]
    more: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class PrincipalRow:
    """One principal as the list shows it, and as files hold it."""

    arn: str
    name: str
    kind: str
    kind_words: str
    account_id: str
    account_name: str
    standing: str
    is_service_linked: bool
    granted_by: tuple[ShownSource, ...]
    conditions: tuple[ShownCondition, ...]
    unknown: tuple[str, ...]
    actions: tuple[ShownActions, ...]
    action_count: int
    use: LastUse
    principal_href: str
    account_href: str
    why_href: str

    @property
    def sentences(self) -> list[str]:
        """The conditions as plain text."""
        return ["".join(text for text, _ in one.pieces) for one in self.conditions]


@dataclass(frozen=True, slots=True)
class WayRow:
    """Some principals who may in the same way, as the list shows them, and as files hold them."""

    standing: str
    conditions: tuple[tuple[tuple[str, bool], ...], ...]
    unknown: tuple[str, ...]
    is_rest: bool
    principals: int
    accounts: int
    arn: str
    name: str
    account_id: str
    account_name: str
    example_href: str

    @property
    def sentences(self) -> list[str]:
        """The conditions as plain text."""
        return ["".join(text for text, _ in pieces) for pieces in self.conditions]


class RowMaker:
    """Makes rows of an answer, in one query for many."""

    def __init__(
        self,
        viewer: Viewer,
        connection: Connection,
        answer: WhoCanAnswer,
        *,
        as_of: datetime | None,
        as_of_text: str,
    ) -> None:
        self.viewer = viewer
        self.connection = connection
        self.answer = answer
        self.as_of = as_of
        self.as_of_text = as_of_text
        self._as_of_query = f"?as_of={as_of_text}" if as_of_text else ""

    def rows(self, places: Sequence[int]) -> list[PrincipalRow]:
        """Return some principals as rows."""
        population = self.answer.population
        arns = {place: population.arn(place) for place in places}
        found = activities(
            self.viewer,
            connection=self.connection,
            account_ids={population.account_id(place) for place in places},
            arns=arns.values(),
        )
        made = []
        for place in places:
            use = last_use_of(
                population.identity(place).kind, found.get(arns[place]), as_of=self.as_of
            )
            made.append(self._row(place, arns[place], use))
        return made

    def group(self, how: How) -> WayRow:
        """Return some principals who may in the same way as a row."""
        answer, slug = self.answer, self.connection.slug
        population = answer.population
        arn, is_root = population.arn(how.row), KINDS[population.kinds[how.row]] == ROOT
        return WayRow(
            standing=how.standing.value,
            conditions=tuple(_pieces(sentence) for sentence in how.conditions),
            unknown=how.unknown,
            is_rest=how.is_rest,
            principals=how.principals,
            accounts=how.accounts,
            arn=arn,
            name=population.short_names[population.called[how.row]],
            account_id=population.account_id(how.row),
            account_name=account_name(answer.organization, population.account_id(how.row)),
            example_href=""
            if is_root
            else reverse("principal", kwargs={"slug": slug, "arn": arn}) + self._as_of_query,
        )

    def _row(self, place: int, arn: str, use: LastUse) -> PrincipalRow:
        answer, slug = self.answer, self.connection.slug
        population = answer.population
        kind = KINDS[population.kinds[place]]
        account_id = population.account_id(place)
        ways = answer.way(place)
        best = next(way for _, way in ways.parts if way.standing is ways.standing)
        description = described(answer, place, best)
        query = query_of(question_for(answer, place, description), as_of=self.as_of_text)
        return PrincipalRow(
            arn=arn,
            name=population.short_names[population.called[place]],
            kind=kind,
            kind_words=KIND_WORDS[kind],
            account_id=account_id,
            account_name=account_name(answer.organization, account_id),
            standing=ways.standing.value,
            is_service_linked=population.identity(place).is_service_linked,
            granted_by=tuple(self._source(one) for one in description.granted_by),
            conditions=self._conditions(description),
            unknown=description.unknown,
            actions=self._actions(place) if answer.question.is_service else (),
            action_count=sum(len(actions) for actions, _ in ways.parts),
            use=use,
            principal_href=""
            if kind == ROOT
            else reverse("principal", kwargs={"slug": slug, "arn": arn}) + self._as_of_query,
            account_href=reverse("account", kwargs={"slug": slug, "account_id": account_id})
            + self._as_of_query,
            why_href=f"{reverse('why-denied', kwargs={'slug': slug})}?{query}",
        )

    def _actions(self, place: int) -> tuple[ShownActions, ...]:
        ways = self.answer.way(place)
        found = []
        for standing in Standing:
            actions = sorted(ways.actions(standing))
            if actions:
                is_all = len(actions) == len(self.answer.question.actions)
                shown = () if is_all else tuple(actions[:_ACTIONS_SHOWN])
                more = 0 if is_all else len(actions) - len(shown)
                found.append(ShownActions(standing.value, len(actions), shown, more, is_all))
        return tuple(found)

    def _conditions(self, description: Described) -> tuple[ShownCondition, ...]:
        return tuple(
            ShownCondition(
                _pieces(one.sentence),
                one.denies,
                tuple(self._source(source) for source in one.sources),
            )
            for one in description.conditions
        )

    def _source(self, source: Source) -> ShownSource:
        href, note = "", {"managed": "managed", "inline": "inline"}.get(source.kind, "")
        if source.policy_id:
            href = reverse(
                "policy", kwargs={"slug": self.connection.slug, "policy_id": source.policy_id}
            )
            href += self._as_of_query
            note = f"at {source.target_name}"
        elif source.kind == "boundary":
            note = "permissions boundary"
        if source.via_group:
            note = f"{note} of group {source.via_group}"
        return ShownSource(source.name, href, note)


def _pieces(sentence: str) -> tuple[tuple[str, bool], ...]:
    """Take a sentence apart at its backticks."""
    return tuple(
        (text, bool(number % 2)) for number, text in enumerate(sentence.split("`")) if text
    )
