"""The mutation test: which statements protect nothing, and which ones all guardrails need."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.baseline.guardrails.definitions import guardrails_in_force
from governance.baseline.guardrails.models import MutationJob
from governance.baseline.guardrails.mutating import (
    KEPT_HOURS,
    latest_mutation,
    mutation_request,
)
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts.rights_view import RightMissing
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES
from inventory.viewing import sees_whole

_SHOWN: Final = 100
# A worker gives up after five minutes; others may stand in the queue before it.
_LONGEST_WAIT: Final = timedelta(minutes=15)


class MutationTestPage(GuardrailScreen):
    """Starts a mutation test, shows how far it is, and then what it found."""

    required_right = rights.VIEW_GUARDRAILS
    tab = "mutation"
    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    template_name = "governance/guardrails/mutation.html"

    def begin(self) -> None:
        """Find the organization; policies are tested as of now."""
        super().begin()
        self.as_of = None

    @cached_property
    def job(self) -> MutationJob | None:
        """The newest test that somebody with this view asked for; None: there is none."""
        return latest_mutation(self.viewer, connection=self.connection, now=self.now)

    @property
    def waits(self) -> bool:
        """Whether a test goes on that may still be answered."""
        job = self.job
        return job is not None and job.is_waited_for and job.requested_at > self.now - _LONGEST_WAIT

    @cached_property
    def sees_all(self) -> bool:
        """Whether this person sees the whole organization, which a test is about."""
        return sees_whole(self.viewer, self.connection)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the newest test and its report."""
        job = self.job if self.sees_all else None
        return super().get_context_data(
            sees_all=self.sees_all,
            job=job,
            waits=job is not None and self.waits,
            kept_hours=KEPT_HOURS,
            report=self.report(job.result) if job is not None and job.result else None,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Start a test, unless one goes on.

        :raises RightMissing: this person sees a part of the organization only.
        """
        if not self.sees_all:
            raise RightMissing(rights.VIEW_GUARDRAILS)
        if self.waits:
            messages.info(request, "A mutation test is already in progress.")
        else:
            mutation_request(
                connection=self.connection,
                requested_by=self.person,
                viewer=self.viewer,
                now=self.now,
            )
        return HttpResponseRedirect(self.href("mutation-test"))

    def report(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Return a report with titles and addresses."""
        titles = {
            one.id: one.document.title for one in guardrails_in_force(self.connection).values()
        }
        statements: Sequence[Mapping[str, Any]] = result["statements"]
        breaking = sorted(
            (one for one in statements if one["breaks"]), key=lambda one: -len(one["breaks"])
        )
        return {
            "guardrails": result["guardrails"],
            "statements": len(statements),
            "protecting_nothing": self.places(result["protecting_nothing"]),
            "protecting_nothing_total": len(result["protecting_nothing"]),
            "unbroken": [
                self.guardrail(one["guardrail_id"], titles) | {"because": one["because"]}
                for one in result["unbroken"]
            ],
            "needed": self.places(result["needed"]),
            "needed_total": len(result["needed"]),
            "is_smallest": result["is_smallest"],
            "left_out": [self.guardrail(one, titles) for one in result["left_out"]],
            "breaking": [
                place
                | {
                    "breaks": [
                        self.guardrail(broken["guardrail_id"], titles)
                        | {"accounts": broken["accounts"]}
                        for broken in one["breaks"]
                    ]
                }
                for one, place in zip(breaking, self.places(breaking), strict=False)
            ],
            "breaking_total": len(breaking),
        }

    def places(self, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the first of some statements, each with the address of its policy."""
        return [
            {
                "policy_name": one["policy_name"],
                "statement": one["statement"],
                "sid": one["sid"],
                "href": self.href("policy", policy_id=one["policy_id"]),
            }
            for one in found[:_SHOWN]
        ]

    def guardrail(self, guardrail_id: str, titles: Mapping[str, str]) -> dict[str, Any]:
        """Return a guardrail's title and address; one that is gone has neither."""
        return {
            "title": titles.get(guardrail_id, guardrail_id),
            "href": self.href("guardrail", guardrail_id=guardrail_id)
            if guardrail_id in titles
            else "",
        }
