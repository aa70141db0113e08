"""Ignore rules: which drift is held to do no harm, where, why and until when."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.targets import OwnedTarget, target_tree
from governance.drift.ignoring import IgnoreRuleEnded, ignore_rule_end
from governance.drift.models import IgnoreRule
from governance.drift.selectors import ignore_rules
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from governance.web.findings.frame import FindingScreen
from governance.web.parts.filters import choice_chip
from governance.web.parts.lists import page_address
from governance.web.parts.markup import sentence
from governance.web.parts.targets import page_href
from inventory.viewing import sees_whole

_PAGE_SIZE: Final = 50
_STATES: Final = (("in_force", "In force"), ("ended", "Ended"), ("expired", "Expired"))


class IgnoreRulesPage(FindingScreen):
    """The rules that this person may see, the latest first."""

    required_right = rights.VIEW_IGNORE_RULES
    template_name = "governance/findings/ignore_rules.html"
    tab = "ignore_rules"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of rules."""
        query, today = self.request.GET, self.now.date()
        wanted = set(query.getlist("state")) - {""}
        rules = [
            rule
            for rule in ignore_rules(self.viewer, connection=self.connection)
            if not wanted or rule_state(rule, today) in wanted
        ]
        page: Any = Paginator(rules, _PAGE_SIZE).get_page(query.get("page"))
        by_id = target_tree(self.connection).by_id
        page.object_list = [self.row(rule, by_id, today) for rule in page.object_list]
        return super().get_context_data(
            rows=page,
            row_noun="rule,rules",
            previous_href=page_address(query, page.number - 1) if page.has_previous() else "",
            next_href=page_address(query, page.number + 1) if page.has_next() else "",
            chips=[choice_chip(query, "state", "State", _STATES)],
            is_filtered=bool(wanted),
            sees_all=sees_whole(self.viewer, self.connection),
            drift_href=f"{self.href('findings')}?source=drift",
            **kwargs,
        )

    def row(
        self, rule: IgnoreRule, by_id: Mapping[str, OwnedTarget], today: date
    ) -> dict[str, Any]:
        """Return a rule as the table shows it."""
        place = by_id.get(rule.target_id)
        slug, state = self.connection.slug, rule_state(rule, today)
        return {
            "rule": rule,
            "look": state,
            "place": place.name if place else rule.target_id,
            "place_href": page_href(slug, rule.target_id) if place else "",
            "days_left": (rule.until - today).days,
            "may_end": state == "in_force" and self.may(rights.MANAGE_IGNORE_RULES, rule.target_id),
        }


class IgnoreRuleEnding(FindingScreen):
    """Ends a rule: what it ignored is open again."""

    required_right = rights.VIEW_IGNORE_RULES
    post_right = rights.MANAGE_IGNORE_RULES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """End it, or say why not.

        :raises Http404: there is none of this number that this person may see.
        """
        given = request.POST.get("number", "")
        number = int(given) if given.isdecimal() and len(given) < 10 else 0
        rules = ignore_rules(self.viewer, connection=self.connection)
        if not rules.filter(number=number).exists():
            raise Http404("There is no such ignore rule here.")
        try:
            rule = ignore_rule_end(
                by=self.by, connection=self.connection, number=number, now=self.now
            )
        except (IgnoreRuleEnded, MayNot) as error:
            messages.error(request, sentence(error))
        else:
            refresh_inbox(self.connection, now=self.now, sources={InboxItem.Source.DRIFT.value})
            messages.success(
                request, f"{rule} has ended. Drift that no other rule ignores is open again."
            )
        return HttpResponseRedirect(self.href("ignore-rules"))


def rule_state(rule: IgnoreRule, today: date) -> str:
    """Return `ended` by somebody, `expired` where its last day is past, or `in_force`."""
    if rule.ended_at is not None:
        return "ended"
    return "in_force" if rule.until >= today else "expired"
