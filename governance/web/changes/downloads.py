"""What is saved of a request: the plan to apply elsewhere, and the bundle that verifies offline."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.changes.bundle.exporting import bundle_zip, change_bundle
from governance.changes.elsewhere.handing_out import handed_out_files, handed_out_zip
from governance.changes.life.shown import shown_plan
from governance.changes.life.transitions import CannotChangeRequest
from governance.web.changes.acting import may_bundle
from governance.web.changes.frame import ChangeRequestPage, request_label
from governance.web.parts.exports import file_exported
from governance.web.parts.markup import sentence
from governance.web.parts.rights_view import RightMissing


class DownloadPage(ChangeRequestPage):
    """Sends a zip of a request to somebody who sees all of its plan."""

    def begin(self) -> None:
        """Look at the plan.

        :raises RightMissing: a part of it lies outside of what this person may see.
        """
        super().begin()
        if shown_plan(self.viewer, self.change_request).hides:
            raise RightMissing(rights.VIEW_CHANGES)

    def send(self, content: bytes, *, title: str, suffix: str = "") -> HttpResponse:
        """Return a zip to save, named after the organization and the request, on record."""
        label = request_label(self.change_request.number)
        file_exported(self, title=f"{title} of {label}", kind="zip")
        answer = HttpResponse(content, content_type="application/zip")
        name = f"{self.connection.slug}-{label.lower()}{suffix}.zip"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class HandedOutZip(DownloadPage):
    """The approved plan as files, for those who apply it elsewhere."""

    required_right = rights.VIEW_CHANGES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the files, or lead back and say why there are none."""
        try:
            files = handed_out_files(self.change_request)
        except CannotChangeRequest as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.tab_href())
        return self.send(handed_out_zip(files), title="Files")


class ChangeBundleZip(DownloadPage):
    """Plan, evidence, reviews, journal and proofs of the audit entries, to be checked offline."""

    required_right = rights.VIEW_AUDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the bundle.

        :raises RightMissing: the audit log of the whole organization is not this person's to read.
        """
        if not may_bundle(self.person, self.viewer, self.connection):
            raise RightMissing(rights.VIEW_AUDIT)
        bundle = bundle_zip(change_bundle(self.change_request))
        return self.send(bundle, title="Bundle", suffix="-bundle")
