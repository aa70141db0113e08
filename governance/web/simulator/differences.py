"""The effects of a change as a part of a page: of a draft, or of two times."""

from typing import Any

from django.http import QueryDict

from governance.effects.found_effects import FoundEffects
from governance.effects.request_effects import Verdict
from governance.effects.results import effects_sentence
from governance.web.simulator.reading import (
    SIDES,
    VERDICTS,
    asked_of,
    chosen_effects,
    page_of_effects,
    page_of_shares,
)
from governance.web.simulator.wording import shown_effect


def differences_context(
    found: FoundEffects, query: QueryDict, *, slug: str, page_href: str, part_href: str, as_of: str
) -> dict[str, Any]:
    """Return what `simulator/differences.html` shows.

    `page_href`, `part_href`: the addresses of the page and of the part, each with a query, to which
    the choices that `query` holds are added; choices lead away from a page that is not the
    effects' own, which gives no `part_href`. `as_of`: the time of the state that traces
    of witnesses look at, empty for now.
    """
    asked, effects = asked_of(query), found.effects
    chosen = page_of_effects(chosen_effects(effects, asked.verdict), asked.page)
    shares = page_of_shares(found.breakdown(asked.side), asked.place)

    def turn(**changes: Any) -> dict[str, str]:
        more = asked.query(**changes)
        more = f"&{more}" if more else ""
        return {"page": f"{page_href}{more}", "part": part_href and f"{part_href}{more}"}

    return {
        "asked": asked,
        "effects": effects,
        # Of an organization that no run had read, nothing can be said.
        "headline": effects_sentence(found) or "",
        "newly_denied": effects.count(Verdict.NEWLY_DENIED),
        "newly_allowed": effects.count(Verdict.NEWLY_ALLOWED),
        "undecided": effects.count(Verdict.UNDECIDED),
        "in_condition": effects.changed_in_condition.bit_count(),
        "unknown": effects.unknown,
        "unknown_count": len(effects.unknown_accounts),
        "shown": [shown_effect(found, effect, slug, as_of=as_of) for effect in chosen],
        "effects_page": chosen,
        "shares": shares,
        "side_label": dict(SIDES)[asked.side],
        "turns": {
            "effects_before": turn(page=chosen.number - 1),
            "effects_next": turn(page=chosen.number + 1),
            "shares_before": turn(rows=shares.number - 1),
            "shares_next": turn(rows=shares.number + 1),
        },
        "verdicts": [
            (label, turn(verdict=value, page=1), value == asked.verdict)
            for value, label in VERDICTS
        ],
        "sides": [
            (label, turn(by=side.value, rows=1), side is asked.side) for side, label in SIDES
        ],
    }
