"""The strategy of a target's SCPs as the pages show it."""

from django.utils.safestring import SafeString

from governance.posture.ceilings.strategies import STRATEGY_WORDS, Strategy
from governance.web.parts.markup import icon
from governance.web.parts.pages import fact_html


def strategy_html(strategy: Strategy) -> SafeString:
    """Return a strategy in words, as an error where nothing is allowed."""
    words = STRATEGY_WORDS[strategy]
    if strategy is Strategy.BROKEN:
        return fact_html('<span class="bad">{} {}</span>', icon("alert-circle", "Error"), words)
    if strategy is Strategy.UNKNOWN:
        return fact_html('<span class="warn">{} {}</span>', icon("question-mark"), words)
    return fact_html("{}", words)
