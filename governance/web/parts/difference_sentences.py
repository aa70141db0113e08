"""What a difference is about, as simulator, comparison and change requests write it."""

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.effects.results import UNLISTED_ACTIONS
from governance.web.parts.markup import coded

_ACTIONS_SHOWN: Final = 3


def difference_sentence(
    actions: Sequence[str], total: int | None, when: str, first: str = ""
) -> SafeString:
    """Write a difference's actions, and in which requests.

    `actions`: as `effect_actions` returns them. `total`: how many of the catalogue they are.
    `first`: the one to name where they are many.
    """
    words = [word for word in actions if word != UNLISTED_ACTIONS]
    if not words:
        said = format_html("{}", "Unknown actions")
    elif words == ["*"]:
        said = format_html("{}", "Every action")
    elif len(words) > _ACTIONS_SHOWN:
        more = (total or len(words)) - 1
        said = format_html("<code>{}</code> and {} more", first or words[0], f"{more:,}")
    else:
        said = format_html_join(" ", "<code>{}</code>", ((word,) for word in words))
    if not when or when == "always":
        return format_html("{}, always", said)
    joined = "" if when.startswith(("in requests", "always")) else "when "
    return format_html("{}, {}{}", said, joined, coded(when))


def unlisted_note(actions: Sequence[str]) -> str:
    """Return that a difference holds for actions of no catalogue too; empty if it does not."""
    if UNLISTED_ACTIONS not in actions or len(actions) == 1:
        return ""
    return "Holds for actions that the catalogue doesn't have, too."
