"""One act on many rows of a list: buttons above it, and a page of what it reaches that does it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict

from governance.web.parts.markup import counted, sentence
from governance.web.parts.pages import Page, Tab

MOST_AT_ONCE: Final = 500
_KEY: Final = re.compile(r"[0-9]{1,18}|[0-9a-f]{32,64}")


@dataclass(frozen=True, slots=True)
class BulkButton:
    """A button above a list. `href`: of its `BulkActPage`. `key`: what `act` is there, if any."""

    label: str
    icon: str
    href: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A row that was chosen. `stays`: why the act leaves it as it is; empty: it reaches it."""

    key: str
    name: str
    note: str = ""
    href: str = ""
    stays: str = ""


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What was done, in a sentence, and where to go on."""

    said: str
    href: str


def chosen_keys(given: QueryDict) -> list[str]:
    """Return the keys of the rows that were ticked, each once: numbers or digests.

    :raises BadRequest: more than are done at once.
    """
    keys = list(dict.fromkeys(one for one in given.getlist("item") if _KEY.fullmatch(one)))
    if len(keys) > MOST_AT_ONCE:
        raise BadRequest(f"item names {len(keys)} rows; at most {MOST_AT_ONCE} are done at once.")
    return keys


class BulkActPage(Page):
    """A page of what one act does to the rows in `item`; POST does it, wholly or not at all.

    Give `verb`, `noun` ("token,tokens"), `effect`, `form_class` where the act asks for something,
    `back_href`, `chosen` and `act`. `refusals`: the errors by which the act's service says no.
    """

    template_name = "governance/bulk.html"
    verb: ClassVar[str]
    noun: ClassVar[str]
    effect: ClassVar[str]
    form_class: ClassVar[type[forms.Form]] = forms.Form
    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def get_tabs(self) -> Sequence[Tab]:
        """Show none, whatever the list has."""
        return []

    def back_href(self) -> str:
        """Return the address of the list."""
        raise NotImplementedError(f"{type(self).__qualname__} must define back_href")

    def chosen(self, keys: Sequence[str]) -> Sequence[ChosenRow]:
        """Return the rows of these keys that this person may see."""
        raise NotImplementedError(f"{type(self).__qualname__} must define chosen")

    def act(self, keys: Sequence[str], given: dict[str, Any]) -> BulkDone:
        """Do it to the rows that it reaches, through their service."""
        raise NotImplementedError(f"{type(self).__qualname__} must define act")

    @cached_property
    def rows(self) -> Sequence[ChosenRow]:
        """The rows that are chosen."""
        source = self.request.POST if self.request.method == "POST" else self.request.GET
        keys = chosen_keys(source)
        return self.chosen(keys) if keys else []

    @property
    def reached(self) -> list[ChosenRow]:
        """The rows that the act reaches."""
        return [row for row in self.rows if not row.stays]

    def get_title(self) -> str:
        """Say what is to be done with how many."""
        return f"{self.verb} {counted(len(self.reached), self.noun)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows, those that stay last, and the form."""
        return super().get_context_data(
            **{"form": self.form_class(), **kwargs},
            rows=sorted(self.rows, key=lambda row: bool(row.stays)),
            reached=len(self.reached),
            effect=self.effect,
            noun=self.noun,
            back_href=self.back_href(),
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, or say what is missing."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            answer: HttpResponseBase = self.render_to_response(self.get_context_data(form=form))
            return answer
        keys = [row.key for row in self.reached]
        if not keys:
            messages.error(request, "Nothing was done: choose rows that this can be done to.")
            return HttpResponseRedirect(self.back_href())
        try:
            with transaction.atomic():
                done = self.act(keys, form.cleaned_data)
        except self.refusals as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.back_href())
        messages.success(request, done.said)
        return HttpResponseRedirect(done.href)


class ReasonForm(forms.Form):
    """Why it is done."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
