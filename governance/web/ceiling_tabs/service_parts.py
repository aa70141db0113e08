"""The ceiling by service, and the actions of one service."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponseBase

from governance.posture.ceilings.organization_ceilings import CeilingOutcome
from governance.posture.ceilings.services import (
    ActionCeiling,
    actions_of,
    services_of,
)
from governance.web.ceiling_tabs.tab import AccountCeilingTab, CeilingTab, UnitCeilingTab
from governance.web.ceilings.services import service_table
from governance.web.ceilings.wording import OUTCOME_WORDS
from governance.web.parts.exports import export_response
from governance.web.parts.filters import address


class ServicesPart(CeilingTab):
    """Every service; `q` searches, `segment` chooses."""

    part_template = "governance/ceilings/services_part.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the services."""
        search = self.request.GET.get("q", "").strip()
        return super().get_context_data(
            services=service_table(self, search=search), search=search, **kwargs
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send the services; `of=actions` sends every action."""
        if self.request.GET.get("of") == "actions":
            return export_response(
                kind,
                name=self.file_name("actions"),
                header=["action", "access_level", "outcome"],
                rows=self.exported_actions(),
            )
        rows = services_of(self.ceilings, self.target_id, self.steps)
        return export_response(
            kind,
            name=self.file_name("ceiling"),
            header=["service", "name", "always", "conditional", "never", "unknown", "decided_at"],
            rows=(
                [
                    one.prefix,
                    one.name,
                    one.always,
                    one.conditional,
                    one.never,
                    one.unknown,
                    [at.target.target_id for at in one.decided_at],
                ]
                for one in rows
            ),
        )

    def exported_actions(self) -> Iterator[list[Any]]:
        """Yield the cells of every action's line."""
        for prefix in self.ceilings.catalogue.services:
            for one in actions_of(self.ceilings, self.target_id, prefix):
                yield [one.name, one.level, one.outcome.value]


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action with where its decision is told."""

    action: ActionCeiling
    short_name: str
    words: str
    href: str


class ActionsPart(CeilingTab):
    """The actions of one service; `outcome` and `level` choose."""

    part_template = "governance/ceilings/actions_part.html"

    def actions(self) -> list[ActionCeiling]:
        """Return the actions of the service.

        :raises Http404: AWS has no such service.
        """
        prefix = self.kwargs["service"]
        try:
            return actions_of(self.ceilings, self.target_id, prefix)
        except KeyError:
            raise Http404(f"AWS has no service {prefix!r} that the catalogue knows.") from None

    def chosen(self, actions: Sequence[ActionCeiling]) -> list[ActionCeiling]:
        """Return the actions that the address asks for.

        :raises BadRequest: an outcome that there is not.
        """
        outcome = self.request.GET.get("outcome", "")
        level = self.request.GET.get("level", "")
        if outcome and outcome not in set(CeilingOutcome):
            raise BadRequest(f"outcome is {outcome!r}; it can be {', '.join(CeilingOutcome)}.")
        return [
            one
            for one in actions
            if (not outcome or one.outcome == outcome) and (not level or one.level == level)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the actions, and how many come out how."""
        prefix, query = self.kwargs["service"], self.request.GET
        actions = self.actions()
        pattern = self.part_address("ceiling-action", service=prefix, action="ACTION")
        head, tail = pattern.split("ACTION", 1)
        rows = [
            ActionRow(one, short, OUTCOME_WORDS[one.outcome], f"{head}{short}{tail}")
            for one in self.chosen(actions)
            for short in [one.name.partition(":")[2]]
        ]
        outcome, level = query.get("outcome", ""), query.get("level", "")
        return super().get_context_data(
            service=prefix,
            is_beyond=self.is_beyond(prefix),
            service_name=self.ceilings.catalogue.service_names[prefix],
            actions=rows,
            outcomes=[
                (words, sum(one.outcome is kind for one in actions), kind.value == outcome,
                 address(query, outcome=kind.value))
                for kind, words in OUTCOME_WORDS.items()
                if any(one.outcome is kind for one in actions)
            ],
            all_href=address(query, outcome=None),
            all_count=len(actions),
            is_all=not outcome,
            levels_of_access=[
                (name, sum(one.level == name for one in actions), name == level,
                 address(query, level=None if name == level else name))
                for name in sorted({one.level for one in actions})
            ],
            **kwargs,
        )  # fmt: skip

    def export(self, kind: str) -> HttpResponseBase:
        """Send the actions that are chosen."""
        return export_response(
            kind,
            name=self.file_name(self.kwargs["service"]),
            header=["action", "access_level", "outcome"],
            rows=([one.name, one.level, one.outcome.value] for one in self.chosen(self.actions())),
        )


class AccountServices(ServicesPart, AccountCeilingTab):
    """The services of an account."""


class AccountActions(ActionsPart, AccountCeilingTab):
    """The actions of a service in an account."""


class UnitServices(ServicesPart, UnitCeilingTab):
    """The services of an OU."""


class UnitActions(ActionsPart, UnitCeilingTab):
    """The actions of a service in an OU."""
