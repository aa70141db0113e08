"""What people do to the lists they look at: save, share and remove views, choose columns."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import Resolver404, URLPattern, path, resolve
from django.utils import timezone

from governance.access.actors import actor_of
from governance.access.people import list_columns_change
from governance.access.saved_views import (
    CannotSaveView,
    saved_views,
    view_remove,
    view_save,
    view_share,
)
from governance.access.viewers import viewer_of
from governance.web.parts.exports import ExportingPage
from governance.web.parts.filters import address
from governance.web.parts.lists import RowListPage
from governance.web.parts.pages import connection_or_404
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening, RightMissing, RightsView, may_here, may_open
from governance.web.parts.saved_views import view_query
from inventory.models import Connection


class ListAct(RightsView):
    """Something done to the list whose address the form names in `list`.

    Whoever may open the list may do it: its right is checked as the list itself does.
    """

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]
    page: type[ExportingPage]
    path: str
    query: QueryDict
    list_name: str
    connection: Connection | None

    def begin(self) -> None:
        """Find the list.

        :raises BadRequest: the form names no list.
        :raises RightMissing: the person may not open it.
        :raises Http404: it is of an organization that the person does not see.
        """
        super().begin()
        if self.request.method != "POST":
            return
        named = urlsplit(self.request.POST.get("list", ""))
        self.path, self.query = named.path, QueryDict(named.query)
        try:
            match = resolve(self.path)
        except Resolver404:
            raise BadRequest("list is not an address of a list.") from None
        page = getattr(match.func, "view_class", None)
        if not (isinstance(page, type) and issubclass(page, ExportingPage)) or not match.url_name:
            raise BadRequest("list is not an address of a list.")
        self.page, self.list_name = page, match.url_name
        right = page.required_right
        if not may_open(self.request.user, right):
            raise RightMissing(right)
        slug = match.kwargs.get("slug")
        self.connection = None
        if slug is not None:
            self.connection = connection_or_404(viewer_of(self.request.user), slug=slug)
            if isinstance(right, str) and not may_here(
                self.request.user, right, self.connection, None
            ):
                raise RightMissing(right)

    def back(self, query: str) -> HttpResponseBase:
        """Lead back to the list."""
        return HttpResponseRedirect(f"{self.path}?{query}" if query else self.path)


class ViewSave(ListAct):
    """Saves filters, order and columns of a list under a name."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save them, or say why not."""
        query = view_query(self.query)
        try:
            view = view_save(
                actor=actor_of(request),
                person=person_of(request),
                connection=self.connection,
                list_name=self.list_name,
                name=request.POST.get("name", ""),
                query=query,
                now=timezone.now(),
            )
        except CannotSaveView as error:
            messages.error(request, f"Not saved: {error}.")
        else:
            messages.success(request, f"View “{view.name}” saved.")
        return self.back(query)


class ViewChange(ListAct):
    """Shares a view, ends its sharing, or removes it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, or say why not.

        :raises Http404: the person sees no such view of the list.
        :raises BadRequest: the form names no act.
        """
        person, actor, now = person_of(request), actor_of(request), timezone.now()
        act = request.POST.get("act", "")
        views = saved_views(person, connection=self.connection, list_name=self.list_name)
        view = next((one for one in views if one.pk == self.kwargs["view_id"]), None)
        if view is None:
            raise Http404("There is no such view of this list.")
        try:
            if act == "remove":
                view_remove(actor=actor, person=person, view=view, now=now)
                said = f"View “{view.name}” removed."
            elif act in ("share", "unshare"):
                shares = act == "share"
                view_share(actor=actor, person=person, view=view, is_shared=shares, now=now)
                whom = "everyone who can open this list" if shares else "nobody"
                said = f"View “{view.name}” is shared with {whom}."
            else:
                raise BadRequest("act can be share, unshare or remove.")
        except CannotSaveView as error:
            messages.error(request, f"Not done: {error}.")
        else:
            messages.success(request, said)
        return self.back(view_query(self.query))


class ColumnsChoose(ListAct):
    """Keeps which columns of a list somebody sees."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep them for every list of this kind.

        :raises BadRequest: the list has no such column.
        """
        if not issubclass(self.page, RowListPage):
            raise BadRequest("The columns of this list cannot be chosen.")
        known = [column.key for column in self.page.columns]
        keys = [] if "default" in request.POST else request.POST.getlist("column")
        if unknown := [key for key in keys if key not in known]:
            raise BadRequest(f"This list has no column {', '.join(map(repr, unknown))}.")
        list_columns_change(user=person_of(request), list_name=self.list_name, keys=keys)
        # What the address chose gives way to what was chosen now.
        return self.back(address(self.query, columns=None).removeprefix("?"))


list_view_patterns: list[URLPattern] = [
    path("list-views/", ViewSave.as_view(), name="list-view-save"),
    path("list-views/<int:view_id>/", ViewChange.as_view(), name="list-view"),
    path("list-columns/", ColumnsChoose.as_view(), name="list-columns"),
]
