"""The versions of a policy, what differs between two of them, and what that means."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.effects.of_edits import Simulated
from governance.policy_effect.reach import policy_reach
from governance.policy_effect.versions import (
    MeaningChange,
    VersionMeaning,
    by_itself,
    changed_settings,
    in_place,
)
from governance.policy_effect.why_idle import nowhere
from governance.posture.state.organization import CONTROL_TYPES
from governance.web.policies.policy import PolicyPage
from governance.web.simulator.wording import shown_effect, shown_witness
from inventory.models import Policy
from inventory.selectors.policies import policy_versions
from policies import PolicyType

NOW: Final = "now"
THEN: Final = "then"
_DIFFERENCES_SHOWN: Final = 10
_STATES: Final = {
    MeaningChange.SAME: "same_meaning",
    MeaningChange.CHANGES: "changes",
    MeaningChange.HIDDEN: "hidden",
    MeaningChange.UNDECIDED: "undecided",
    MeaningChange.UNREADABLE: "unreadable",
}


class _OfVersions(PolicyPage):
    tab = "versions"
    versions: Sequence[tuple[int, Policy]]
    before_number: int
    after_number: int
    place: str

    def begin(self) -> None:
        """Read the versions, and which two the address chooses by number.

        :raises BadRequest: a number that no version has, or no such place in time.
        """
        super().begin()
        found = list(
            policy_versions(
                self.viewer, connection=self.connection, policy_id=self.policy.policy_id
            )
        )
        self.versions = [(len(found) - place, version) for place, version in enumerate(found)]
        self.after_number = self.chosen("after", default=len(found))
        self.before_number = self.chosen("before", default=max(1, len(found) - 1))
        self.place = self.request.GET.get("in", NOW)
        if self.place not in {NOW, THEN}:
            raise BadRequest(f"in is {self.place!r}; it can be {NOW} or {THEN}.")

    def chosen(self, name: str, *, default: int) -> int:
        """Read the number of a version from the address."""
        text = self.request.GET.get(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdecimal() or int(text[:6]) not in self.numbered:
            raise BadRequest(f"{name} is {text!r}; this policy has versions 1 to {self.total}.")
        return int(text)

    @property
    def total(self) -> int:
        """How many versions were seen."""
        return len(self.versions)

    @property
    def numbered(self) -> dict[int, Policy]:
        """The versions by their number."""
        return dict(self.versions)

    def meaning_context(self) -> dict[str, Any]:
        """Return what the chosen versions mean; nothing where their texts are the same."""
        before, after = self.numbered[self.before_number], self.numbered[self.after_number]
        if before.content_id == after.content_id:
            return {}
        if self.policy.type in CONTROL_TYPES:
            return self.control_context(before, after)
        return {"settings": changed_settings(before, after)}

    def control_context(self, before: Policy, after: Policy) -> dict[str, Any]:
        """Return what two versions of an SCP or RCP mean, alone and in place."""
        as_of = self.as_of if self.place == NOW else max(before.seen_from, after.seen_from)
        alone = by_itself(
            self.policy.name,
            PolicyType(self.policy.type),
            before.content.text,
            after.content.text,
        )
        place = None
        if alone is not None:
            place = in_place(
                self.viewer,
                connection=self.connection,
                before=before,
                after=after,
                as_of=as_of,
                today=self.now.date(),
            )
        found = VersionMeaning(alone, place, self.policy.policy_id)
        reach = policy_reach(
            self.viewer, connection=self.connection, policy=self.policy, as_of=as_of
        )
        slug = self.connection.slug
        return {
            "meaning": found,
            "state": _STATES[found.meaning],
            "verdict": found.meaning.value,
            "alone": _shown(alone, slug, imagined=True),
            "place": _shown(place, slug, imagined=False),
            "hidden": [(shown_witness(one.witness, slug), one) for one in found.hidden],
            "nowhere": nowhere(reach),
            "moment": as_of,
        }


class PolicyVersionsTab(_OfVersions):
    """Every version that was seen, and the difference of any two."""

    template_name = "governance/policies/versions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions; `before` and `after` in the address choose two by number."""
        chosen = {"before": str(self.before_number), "after": str(self.after_number)}
        places = [
            (label, place, self.part_href("policy-versions", **chosen, **{"in": place}))
            for label, place in (("As attached now", NOW), ("As attached then", THEN))
        ]
        is_control = self.policy.type in CONTROL_TYPES
        whole = self.request.GET.get("shown") == "all" or not is_control
        return super().get_context_data(
            versions=self.versions,
            before_number=self.before_number,
            after_number=self.after_number,
            before_label=f"version {self.before_number}",
            after_label=f"version {self.after_number}",
            before_version=self.numbered[self.before_number],
            after_version=self.numbered[self.after_number],
            place=self.place,
            places=places,
            is_control=is_control,
            whole=whole,
            whole_href=self.part_href(
                "policy-versions", **chosen, **{"in": self.place, "shown": "all"}
            ),
            meaning_href=self.part_href("policy-meaning", **chosen, **{"in": self.place}),
            meant=self.meaning_context() if whole else {},
            **kwargs,
        )


class PolicyMeaningPart(_OfVersions):
    """What the chosen versions mean, for htmx."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part alone."""
        context = {
            "slug": self.connection.slug,
            "policy": self.policy,
            "place": self.place,
            "meant": self.meaning_context(),
        }
        return render(request, "governance/policies/meaning.html", context)


def _shown(simulated: Simulated | None, slug: str, *, imagined: bool) -> dict[str, Any]:
    if simulated is None:
        return {}
    effects = simulated.effects
    changed = {account_id for one in effects.effects for account_id in one.account_ids}
    return {
        "differences": [
            shown_effect(simulated, effect, slug, imagined=imagined)
            for effect in effects.effects[:_DIFFERENCES_SHOWN]
        ],
        "more": max(0, len(effects.effects) - _DIFFERENCES_SHOWN),
        "accounts": len(changed),
        "affected": len(simulated.drafted.affected_accounts),
        "unknown": effects.unknown,
        "problems": simulated.drafted.problems,
    }
