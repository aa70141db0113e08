"""Settings that a second person confirms: what holds, what is proposed, the versions before."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.approvals.comparing import setting_changes
from governance.approvals.forms import SettingContent, SettingForm, SettingInvalid, form_of, forms
from governance.approvals.models import SettingVersion
from governance.approvals.settings import (
    ActiveSetting,
    CannotChangeSetting,
    MayNotChangeSetting,
    NoSuchSettingVersion,
    active,
    lone_person_words,
    proposed_version,
    setting_confirm,
    setting_propose,
    setting_refuse,
    setting_version,
    setting_versions,
    setting_withdraw,
)
from governance.web.approval_settings.forms import ContentForm
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.parts.rights_view import RightMissing

_HISTORY = 50
_DECISIONS: dict[str, tuple[Callable[..., SettingVersion], str]] = {
    "confirm": (setting_confirm, "Version {} is active from now on."),
    "refuse": (setting_refuse, "Version {} is refused."),
    "withdraw": (setting_withdraw, "Version {} is withdrawn."),
}


def address_name(kind: str) -> str:
    """Return the name of a setting's page, which is also the path of its API."""
    return kind.replace("_", "-")


class SettingPart(ConnectionPage):
    """What the pages of a setting share. Contents name OUs of all parts, so they need all of it."""

    required_right = rights.VIEW_APPROVAL_SETTINGS
    section = "approval-rules"
    kind: ClassVar[str] = ""

    def begin(self) -> None:
        """Find the organization.

        :raises RightMissing: the right is held for a part of it only.
        """
        super().begin()
        if not self.may(rights.VIEW_APPROVAL_SETTINGS):
            raise RightMissing(rights.VIEW_APPROVAL_SETTINGS)

    @property
    def setting(self) -> SettingForm:
        """The form of this kind."""
        return form_of(self.kind)

    def setting_href(self, part: str = "", **given: Any) -> str:
        """Return an address of this setting."""
        return reverse(
            f"{address_name(self.kind)}{part}", kwargs={"slug": self.connection.slug, **given}
        )

    def get_title(self) -> str:
        """Return the setting's name."""
        return self.setting.title

    def get_tabs(self) -> Sequence[Tab]:
        """Return the settings."""
        return [
            Tab(
                one.title,
                reverse(address_name(one.kind), kwargs={"slug": self.connection.slug}),
                current=one.kind == self.kind,
            )
            for one in forms()
        ]

    def may_change(self) -> bool:
        """Whether this person may propose and decide."""
        return self.may(rights.MANAGE_APPROVAL_SETTINGS)


class SettingPage(SettingPart):
    """What holds, what waits for a second person, and the versions; `?version=` shows one."""

    template_name = "governance/approval_settings/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the active content, the proposal with its difference, and the history."""
        holds = active(self.connection, self.kind)
        shown, looked_at = holds.content, self.looked_at()
        if looked_at is not None:
            shown = looked_at.content
        waiting = proposed_version(self.connection, self.kind)
        rows = list(setting_versions(self.connection, self.kind)[: _HISTORY + 1])
        return super().get_context_data(
            setting=self.setting,
            holds=holds,
            looked_at=looked_at,
            looked_at_changes=[]
            if looked_at is None
            else setting_changes(self.setting, holds.content, looked_at.content),
            values=[(one.label, one.words(shown.get(one.name))) for one in self.setting.values],
            tables=self.shown_tables(shown),
            may_change=self.may_change(),
            propose_href=self.setting_href("-propose"),
            page_href=self.setting_href(),
            history=rows[:_HISTORY],
            history_more=len(rows) > _HISTORY,
            **self.waiting_context(waiting, holds),
            **kwargs,
        )

    def looked_at(self) -> SettingVersion | None:
        """Return the version that the address asks for; None: what holds.

        :raises Http404: there is no such version.
        """
        asked = self.request.GET.get("version", "")
        if not asked:
            return None
        try:
            if not asked.isdecimal() or len(asked) > 9:
                raise NoSuchSettingVersion
            return setting_version(self.connection, self.kind, int(asked))
        except NoSuchSettingVersion:
            raise Http404("There is no such version.") from None

    def shown_tables(self, content: SettingContent) -> list[dict[str, Any]]:
        """Return each table with its rows as a reader sees them."""
        return [
            {
                "table": table,
                "rows": [
                    [(column.label, column.words(row.get(column.name))) for column in table.columns]
                    for row in content.get(table.name, [])
                ],
            }
            for table in self.setting.tables
        ]

    def waiting_context(
        self, waiting: SettingVersion | None, holds: ActiveSetting
    ) -> dict[str, Any]:
        """Return the proposal, what it changes, and what this person may do with it."""
        if waiting is None:
            alone = lone_person_words(self.connection, self.person.pk) if self.may_change() else ""
            return {"waiting": None, "alone": alone}
        own = waiting.proposed_by_id == self.person.pk
        return {
            "waiting": waiting,
            "own": own,
            "changes": setting_changes(self.setting, holds.content, waiting.content),
            "alone": lone_person_words(self.connection, waiting.proposed_by_id),
            "decide": {
                decision: self.setting_href("-decide", version=waiting.version, decision=decision)
                for decision in _DECISIONS
            },
        }


class SettingPropose(SettingPart):
    """Proposes another content."""

    resumes_after_step_up = True
    required_right = rights.MANAGE_APPROVAL_SETTINGS
    needs_step_up = True
    template_name = "governance/approval_settings/propose.html"

    def begin(self) -> None:
        """Find the organization.

        :raises RightMissing: the right is held for a part of it only.
        """
        super().begin()
        if not self.may_change():
            raise RightMissing(rights.MANAGE_APPROVAL_SETTINGS)

    def get_title(self) -> str:
        """Return what is proposed."""
        return f"Propose {self.setting.title.lower()}"

    def get_tabs(self) -> Sequence[Tab]:
        """Return none: it is a form."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the setting and this page."""
        return [Crumb(self.setting.title, self.setting_href()), Crumb("Propose a change")]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form with what holds, or with what the inventory suggests (`?suggested=1`)."""
        holds = active(self.connection, self.kind)
        content = holds.content
        if request.GET.get("suggested") and self.setting.suggest is not None:
            content = {**content, **self.setting.suggest(self.connection)}
        return self.show(ContentForm.of_content(self.setting, content), holds.version)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Add or remove a row, or propose what the form holds.

        :raises BadRequest: the form does not say which version it was made of.
        """
        base = request.POST.get("base_version", "")
        if not base.isdecimal() or len(base) > 9:
            raise BadRequest("base_version is not a number.")
        form = ContentForm.of_request(self.setting, request.POST)
        if "add" in request.POST or "remove" in request.POST:
            return self.show(form.changed_rows(request.POST), int(base))
        try:
            row = setting_propose(
                actor=actor_of(request),
                user=self.person,
                connection=self.connection,
                kind=self.kind,
                content=form.content(),
                base_version=int(base),
                reason=request.POST.get("reason", "")[:2000],
                now=self.now,
            )
        except SettingInvalid as error:
            form.show_errors(error.errors)
            return self.show(form, int(base))
        except CannotChangeSetting as error:
            words = str(error)
            form.add_error(None, f"{words[:1].upper()}{words[1:]}.")
            return self.show(form, int(base))
        messages.success(
            request,
            f"Version {row.version} is proposed. It holds once a second person confirms it.",
        )
        return HttpResponseRedirect(self.setting_href())

    def show(self, form: ContentForm, base_version: int) -> HttpResponseBase:
        """Show the form as it is."""
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                form=form,
                setting=self.setting,
                base_version=base_version,
                back=self.setting_href(),
                alone=lone_person_words(self.connection, self.person.pk),
                suggested_href="?suggested=1" if self.setting.suggest is not None else "",
            )
        )
        return answer


class SettingDecide(SettingPart):
    """Confirms, refuses or withdraws a proposed version."""

    resumes_after_step_up = True
    required_right = rights.MANAGE_APPROVAL_SETTINGS
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Decide and return to the setting.

        :raises Http404: there is no such version or decision.
        :raises RightMissing: it is not this person's to decide.
        """
        if not self.may_change():
            raise RightMissing(rights.MANAGE_APPROVAL_SETTINGS)
        if self.kwargs["decision"] not in _DECISIONS:
            raise Http404("There is no such decision.")
        decide, said = _DECISIONS[self.kwargs["decision"]]
        try:
            row = decide(
                actor=actor_of(request),
                user=self.person,
                connection=self.connection,
                kind=self.kind,
                version=self.kwargs["version"],
                now=self.now,
            )
        except NoSuchSettingVersion:
            raise Http404("There is no such version.") from None
        except (MayNotChangeSetting, CannotChangeSetting, SettingInvalid) as error:
            messages.error(request, f"Not done: {error}.")
        else:
            messages.success(request, said.format(row.version))
        return HttpResponseRedirect(self.setting_href())
