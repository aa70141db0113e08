"""Which claims of the identity provider give which roles."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.claims import (
    CannotMakeClaimRule,
    claim_rule_create,
    claim_rule_delete,
    claim_rules,
)
from governance.access.models import ClaimRule
from governance.access.role_selectors import place_names
from governance.access.sign_in.providers import provider_name, provider_names
from governance.access.viewers import viewer_with
from governance.presentation.rights_wording import place_words
from governance.web.parts.pages import Page
from governance.web.parts.rights_view import RightsView
from governance.web.people.forms import ClaimRuleForm
from inventory.models import Connection
from inventory.selectors.connections import connections


class ClaimRulesPage(Page):
    """The rules, and the form for another."""

    required_right = rights.MANAGE_PEOPLE
    needs_step_up = True
    section = "claim-rules"
    page_title = "Identity provider"
    template_name = "governance/people/claim_rules.html"

    @cached_property
    def connections(self) -> "QuerySet[Connection]":
        """The organizations in which a rule may give a role."""
        return connections(viewer_with(self.request.user, rights.MANAGE_PEOPLE))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show both."""
        return self.show(ClaimRuleForm(connections=self.connections))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Create a rule, or say what is wrong.

        :raises Http404: no such provider.
        """
        provider_id = request.POST.get("provider_id", "")
        if provider_id not in provider_names():
            raise Http404("There is no such identity provider.")
        form = ClaimRuleForm(request.POST, connections=self.connections)
        if not form.is_valid():
            return self.show(form)
        try:
            made = claim_rule_create(
                actor=actor_of(request),
                provider_id=provider_id,
                value=form.cleaned_data["value"],
                role=form.cleaned_data["role"],
                place=form.place(),
                now=timezone.now(),
            )
        except CannotMakeClaimRule as error:
            form.add_error(None, f"{error}.")
            return self.show(form)
        if made.waits:
            messages.info(request, "A second person has to confirm the rule under Grants first.")
        else:
            messages.success(request, "The rule holds from each person's next sign-in.")
        return HttpResponseRedirect(reverse("claim-rules"))

    def show(self, form: ClaimRuleForm) -> HttpResponseBase:
        """Show the rules and the form as it is."""
        rules = list(claim_rules())
        names = place_names((rule.connection_id, rule.target_id) for rule in rules)
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                form=form,
                providers=list(provider_names().items()),
                rules=[
                    (
                        rule,
                        provider_name(rule.provider_id),
                        place_words(
                            rule.connection.name if rule.connection else None,
                            rule.target_id,
                            names.get((rule.connection_id, rule.target_id), ""),
                        ),
                    )
                    for rule in rules
                ],
            )
        )
        return answer


class ClaimRuleDelete(RightsView):
    """Removes a rule."""

    required_right = rights.MANAGE_PEOPLE
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Remove it now.

        :raises Http404: there is no such rule.
        """
        try:
            claim_rule_delete(
                actor=actor_of(request), rule_id=self.kwargs["rule_id"], now=timezone.now()
            )
        except ClaimRule.DoesNotExist:
            raise Http404("There is no such rule.") from None
        messages.success(request, "The rule is removed. Its roles go at the next sign-in.")
        return HttpResponseRedirect(reverse("claim-rules"))
