"""Owners and labels from a file: what it would change first, then all of it or nothing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.files import LARGEST_BYTES, FileLine, UnreadableFile, file_lines
from governance.access.owners.importing import (
    CannotImport,
    ImportPreview,
    import_preview,
    owners_import,
)
from governance.web.owners.forms import OwnersFileForm
from governance.web.owners.frame import OwnersPart
from governance.web.parts.markup import sentence
from governance.web.parts.rights_view import RightMissing

_SHOWN = 200


class OwnersImportPage(OwnersPart):
    """The form of a file, its preview, and the button that applies it."""

    required_right = rights.MANAGE_OWNERS
    template_name = "governance/owners/import.html"
    tab = "owners-import"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(OwnersFileForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Preview an uploaded file, or apply the one that was previewed."""
        if "apply" in request.POST:
            return self.apply(request)
        form = OwnersFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        upload = form.cleaned_data["file"]
        # Reading no more than one byte past the limit tells that it is too large.
        content = upload.read(LARGEST_BYTES + 1)
        try:
            lines = file_lines(content, name=upload.name)
        except UnreadableFile as error:
            form.add_error("file", sentence(error))
            return self.show(form)
        preview = import_preview(self.connection, lines, by=self.by)
        return self.show(
            form, preview, content=content.decode("utf-8-sig"), name=upload.name, count=len(lines)
        )

    def apply(self, request: HttpRequest) -> HttpResponseBase:
        """Apply exactly what was shown.

        :raises BadRequest: the form does not hold what the preview sends.
        :raises RightMissing: a target is not this person's to manage.
        """
        content = request.POST.get("content", "")
        name = request.POST.get("name", "")[:200]
        try:
            lines = file_lines(content.encode(), name=name)
        except UnreadableFile as error:
            raise BadRequest(sentence(error)) from None
        try:
            done = owners_import(
                by=self.by,
                connection=self.connection,
                lines=lines,
                digest=request.POST.get("digest", ""),
                name=name,
                now=self.now,
            )
        except CannotImport as error:
            messages.error(request, f"Nothing was changed. {sentence(error)}")
            return self.again(lines, content, name)
        except MayNot:
            raise RightMissing(rights.MANAGE_OWNERS) from None
        waiting = sum(change.waits for change in done.owners)
        words = f"Owners of {len(done.owners):,} targets and {len(done.labels):,} labels are set."
        if waiting:
            words += f" {waiting:,} count once a second person has confirmed."
        messages.success(request, words)
        return HttpResponseRedirect(reverse("owners", kwargs={"slug": self.connection.slug}))

    def again(self, lines: list[FileLine], content: str, name: str) -> HttpResponseBase:
        """Show the preview again, as things are now."""
        preview = import_preview(self.connection, lines, by=self.by)
        return self.show(OwnersFileForm(), preview, content=content, name=name, count=len(lines))

    def show(
        self,
        form: OwnersFileForm,
        preview: ImportPreview | None = None,
        *,
        content: str = "",
        name: str = "",
        count: int = 0,
    ) -> HttpResponseBase:
        """Show the form, with a preview where there is one."""
        shown: dict[str, Any] = {}
        if preview is not None:
            shown = {
                "errors": preview.changes.errors[:_SHOWN],
                "more_errors": max(0, len(preview.changes.errors) - _SHOWN),
                "owner_changes": preview.owners[:_SHOWN],
                "label_changes": preview.labels[:_SHOWN],
                "more_changes": max(0, len(preview.owners) - _SHOWN)
                + max(0, len(preview.labels) - _SHOWN),
                "waiting": sum(change.waits for change in preview.owners),
                "digest": preview.changes.digest,
                "content": content,
            }
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(form=form, preview=preview, name=name, count=count, **shown)
        )
        return answer
