"""What the difference between two times meant for SCPs and RCPs, found after the page is shown."""

from typing import Any, Final

from governance.effects.of_two_states import effects_between
from governance.posture.state.organization import CONTROL_TYPES
from governance.snapshots.gaps import NEVER, SnapshotGap
from governance.web.simulator.differences import differences_context
from governance.web.simulator.reading import asked_of
from governance.web.snapshots.frame import ComparisonFrame
from governance.web.snapshots.wording import iso

_ACCOUNTS_NAMED: Final = 12
_CONTROL_COLLECTORS: Final = frozenset(f"organizations.policies.{kind}" for kind in CONTROL_TYPES)


class _Effect(ComparisonFrame):
    """What the page and its part share."""

    tab = "effect"

    def effects(self, *, leads_away: bool) -> dict[str, Any]:
        """Return what the part shows; nothing where the times cannot be compared.

        `leads_away`: the part stands on another page, so its choices lead to its own.
        """
        if self.problem is not None or self.moments is None:
            return {}
        before, after = self.moments
        meaning = effects_between(
            self.viewer, connection=self.connection, before=before.as_of, after=after.as_of
        )
        part = "" if leads_away else self.part_href("organization-compare-effect-part")
        return {
            **differences_context(
                meaning,
                self.request.GET,
                slug=self.connection.slug,
                page_href=f"{self.part_href('organization-compare-effect')}&shown=all",
                part_href=part,
                as_of="" if after.as_of is None else iso(after.at),
            ),
            "apart": [
                (words, len(names), names[:_ACCOUNTS_NAMED], len(names) - _ACCOUNTS_NAMED)
                for words, names in (
                    ("at the later time only", meaning.times.only_after),
                    ("at the earlier time only", meaning.times.only_before),
                )
                if names
            ],
            "stale_gaps": [gap for gap in self.compared.gaps if _bears_on_controls(gap)],
            "affected": len(meaning.times.affected_accounts),
        }


class ComparisonEffect(_Effect):
    """The page of the effect; the part comes after it, unless `shown=all` asks for it at once."""

    template_name = "governance/snapshots/effect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address of the part, or the part."""
        whole = self.request.GET.get("shown") == "all"
        choices = asked_of(self.request.GET).query()
        part = self.part_href("organization-compare-effect-part") if self.moments else ""
        return super().get_context_data(
            whole=whole,
            part_href=f"{part}&{choices}" if choices and part else part,
            whole_href=self.times_href(shown="all"),
            **(self.effects(leads_away=False) if whole else {}),
            **kwargs,
        )


class ComparisonEffectPart(_Effect):
    """The effect, for htmx. With `within=list` it stands under the list."""

    template_name = "governance/snapshots/effect_part.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the effect and no frame."""
        within_list = self.request.GET.get("within") == "list"
        return {
            "slug": self.connection.slug,
            "problem": self.problem,
            "whole_href": self.part_href("organization-compare-effect") if within_list else "",
            **self.effects(leads_away=within_list),
        }


def _bears_on_controls(gap: SnapshotGap) -> bool:
    # What was never read is told as unknown accounts by the effect itself.
    return gap.state != NEVER and bool(_CONTROL_COLLECTORS.intersection(gap.collectors))
