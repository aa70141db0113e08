"""Rules that read owners and labels from tags, with what each finds."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.labelling import CannotLabel, label_rule_end, label_rule_set
from governance.access.owners.models import LabelRule, OwnerRule
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.parties import party_key
from governance.access.owners.rules import (
    CannotRule,
    RulePreview,
    owner_rule_end,
    owner_rule_set,
    rule_preview,
)
from governance.web.owners.forms import LabelRuleForm, OwnerRuleForm
from governance.web.owners.frame import MOST_SUGGESTED, OwnersPart
from governance.web.parts.markup import sentence
from governance.web.parts.rights_view import RightMissing
from governance.web.parts.targets import page_href
from inventory.selectors.coverage import collectors_ever_complete

_PREVIEWED = 100
TAGS_COLLECTOR = "organizations.tags"

# Both forms stand on one page and ask for a tag.
_LABEL_IDS: Final = "id_label_%s"


class OwnerRules(OwnersPart):
    """The rules, one that is tried, and the forms of new ones."""

    template_name = "governance/owners/rules.html"
    tab = "owner-rules"
    post_right = rights.MANAGE_OWNERS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the rules; `?edit=` fills the form with one."""
        initial: dict[str, str] = {}
        if request.GET.get("edit"):
            rule = self.open_rules().filter(tag_key=request.GET["edit"]).first()
            if rule is None:
                raise Http404("There is no such rule.")
            lines = [
                f"{row.value} = {row.user.get_username() if row.user else f'group:{row.group}'}"
                for row in rule.values.select_related("user", "group").order_by("value")
            ]
            initial = {"tag_key": rule.tag_key, "values": "\n".join(lines)}
        return self.show(OwnerRuleForm(initial=initial, parties=self.everybody()))

    def open_rules(self) -> Any:
        """Return the rules that hold."""
        return OwnerRule.objects.as_of(None).filter(connection=self.connection)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Try a rule (`preview`), or keep it.

        :raises RightMissing: the whole organization is not this person's to manage.
        """
        if not self.manages_all:
            raise RightMissing(rights.MANAGE_OWNERS)
        if "kind" in request.POST:
            return self.post_label_rule(request)
        form = OwnerRuleForm(request.POST, parties=self.everybody())
        if not form.is_valid():
            return self.show(form)
        key, values = form.cleaned_data["tag_key"], form.cleaned_data["values"]
        if "preview" in request.POST:
            return self.show(form, rule_preview(self.connection, tag_key=key, values=values))
        try:
            owner_rule_set(
                by=self.by, connection=self.connection, tag_key=key, values=values, now=self.now
            )
        except CannotRule as error:
            form.add_error(None, sentence(error))
            return self.show(form)
        messages.success(request, f"The tag {key} names owners from now on.")
        return self.back()

    def post_label_rule(self, request: HttpRequest) -> HttpResponseBase:
        """Keep a rule over labels.

        :raises RightMissing: it takes something out of production, which security may alone.
        """
        form = LabelRuleForm(request.POST, auto_id=_LABEL_IDS)
        if form.is_valid():
            try:
                label_rule_set(
                    by=self.by,
                    connection=self.connection,
                    kind=LabelKind(form.cleaned_data["kind"]),
                    tag_key=form.cleaned_data["tag_key"],
                    values=form.cleaned_data["values"],
                    now=self.now,
                )
            except CannotLabel as error:
                form.add_error("values", sentence(error))
            except MayNot:
                raise RightMissing(rights.CONFIRM_OWNERS) from None
            else:
                words = f"The tag {form.cleaned_data['tag_key']} says the "
                messages.success(request, f"{words}{form.cleaned_data['kind']} from now on.")
                return self.back()
        return self.show(OwnerRuleForm(parties=self.everybody()), label_form=form)

    def back(self) -> HttpResponseRedirect:
        """Lead to the rules."""
        return HttpResponseRedirect(reverse("owner-rules", kwargs={"slug": self.connection.slug}))

    def show(
        self,
        form: OwnerRuleForm,
        preview: RulePreview | None = None,
        label_form: LabelRuleForm | None = None,
    ) -> HttpResponseBase:
        """Show rules, preview and forms."""
        tags_read = TAGS_COLLECTOR in collectors_ever_complete(
            self.viewer, connection=self.connection, account_id="", as_of=None
        )
        people = [one for one in self.everybody().all() if not one.has_left]
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                form=form,
                label_form=label_form or LabelRuleForm(auto_id=_LABEL_IDS),
                rules=self.shown_rules(),
                label_rules=list(
                    LabelRule.objects.as_of(None)
                    .filter(connection=self.connection)
                    .order_by("kind", "pk")
                ),
                preview=preview,
                preview_rows=self.preview_rows(preview) if preview else [],
                preview_more=max(0, len(preview.matches) - _PREVIEWED) if preview else 0,
                tags_read=tags_read,
                people=people[:MOST_SUGGESTED],
            )
        )
        return answer

    def shown_rules(self) -> list[dict[str, Any]]:
        """Return each rule with how much of what may be seen it finds."""
        found = []
        for matches in self.state.rules:
            own = [
                one
                for one in self.state.tag_owners.values()
                if one.rule_id == matches.rule.pk and self.sees(one.target.target_id)
            ]
            unnamed: dict[str, int] = {}
            for one in own:
                if one.key is None:
                    unnamed[one.tag_value] = unnamed.get(one.tag_value, 0) + 1
            found.append(
                {
                    "rule": matches.rule,
                    "values": [
                        (row.value, self.state.parties.get(party_key(row)).label)
                        for row in matches.rule.values.all()
                    ],
                    "targets": len(own),
                    "named": sum(one.key is not None for one in own),
                    "unnamed": sorted(unnamed.items()),
                    "is_idle": not matches.first_for,
                }
            )
        return found

    def preview_rows(self, preview: RulePreview) -> list[dict[str, Any]]:
        """Return the first targets that a rule would find."""
        known = self.everybody()
        return [
            {
                "match": one,
                "place": self.place_words(one.target.target_id),
                "href": page_href(self.connection.slug, one.target.target_id),
                "party": known.get(one.key) if one.key else None,
                "taken": one.target.target_id in preview.taken,
            }
            for one in sorted(preview.matches, key=lambda one: (one.key is not None, one.tag_value))
        ][:_PREVIEWED]


class OwnerRuleEnd(OwnersPart):
    """Ends a rule."""

    required_right = rights.MANAGE_OWNERS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Have the tag name nobody any more.

        :raises Http404: there is no such rule.
        :raises RightMissing: it is not this person's to end.
        """
        try:
            if self.kwargs["of"] == "owner":
                owner_rule_end(
                    by=self.by,
                    connection=self.connection,
                    rule_id=self.kwargs["rule_id"],
                    now=self.now,
                )
            else:
                label_rule_end(
                    by=self.by,
                    connection=self.connection,
                    rule_id=self.kwargs["rule_id"],
                    now=self.now,
                )
        except (OwnerRule.DoesNotExist, LabelRule.DoesNotExist):
            raise Http404("There is no such rule.") from None
        except MayNot:
            raise RightMissing(rights.MANAGE_OWNERS) from None
        messages.success(request, "The rule is ended.")
        return HttpResponseRedirect(reverse("owner-rules", kwargs={"slug": self.connection.slug}))
