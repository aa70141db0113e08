"""The baseline: what was agreed, version by version; adopt, import, export, compare."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.baseline.structure.adopting import CannotAdoptBaseline, baseline_adopt
from governance.baseline.structure.document import SubjectKind
from governance.baseline.structure.files import BaselineFileInvalid
from governance.baseline.structure.importing import (
    baseline_export,
    baseline_import,
    baseline_import_preview,
)
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.selectors import baseline_find, baseline_versions
from governance.baseline.structure.versions import (
    BaselineDifference,
    structure_of,
    version_differences,
)
from governance.drift.models import DriftItem
from governance.drift.selectors import drift_counts, drift_reading
from governance.presentation.text_diff import pretty_json
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts.exports import file_exported
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab
from governance.web.parts.rights_view import RightMissing
from inventory.selectors.freshness import FINDING_TABLES
from inventory.viewing import sees_whole

_VERSIONS_SHOWN: Final = 100
_DIFFERENCES_SHOWN: Final = 200
_LARGEST_FILE: Final = 5_000_000


class BaselineScreen(GuardrailScreen):
    """A screen of the baseline, as of now."""

    required_right = rights.VIEW_BASELINE
    tab = "baseline"

    def begin(self) -> None:
        """Find the organization; the baseline is shown as of now."""
        super().begin()
        self.as_of = None


class BaselinePage(BaselineScreen):
    """The version in force, its drift, and all versions; takes what moves it."""

    required_right = rights.VIEW_BASELINE
    shows_tables = FINDING_TABLES
    template_name = "governance/baseline/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add versions, and drift by severity."""
        versions = list(
            baseline_versions(self.viewer, connection=self.connection)[:_VERSIONS_SHOWN]
        )
        counts = drift_counts(self.viewer, connection=self.connection)
        reading = drift_reading(self.connection)
        return super().get_context_data(
            versions=versions,
            in_force=versions[0] if versions else None,
            sees_all=sees_whole(self.viewer, self.connection),
            drift=[
                (name, counts[name]) for name in DriftItem.DriftSeverity.values if counts.get(name)
            ],
            drift_read_at=reading.read_at if reading else None,
            drift_href=f"{self.href('findings')}?source=drift",
            may_adopt=self.may(rights.ADOPT_BASELINE, None),
            may_import=self.may(rights.ADOPT_BASELINE),
            **kwargs,
        )


class BaselineAdoption(BaselineScreen):
    """Has the baseline say what was collected, of all or below an OU."""

    required_right = rights.VIEW_BASELINE
    post_right = rights.ADOPT_BASELINE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Adopt, or say why not."""
        try:
            made = baseline_adopt(
                by=self.by,
                connection=self.connection,
                target_id=request.POST.get("target_id", "").strip(),
                reason=request.POST.get("reason", ""),
                now=self.now,
            )
        except (CannotAdoptBaseline, MayNot) as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, f"Version {made.number} is in force.")
        return HttpResponseRedirect(self.href("baseline"))


class BaselineImportPage(BaselineScreen):
    """A file of the baseline: what it would change first, then the import."""

    required_right = rights.VIEW_BASELINE
    post_right = rights.ADOPT_BASELINE
    template_name = "governance/baseline/import.html"
    page_title = "Import a baseline"
    shown: dict[str, Any]

    def get_tabs(self) -> Sequence[Tab]:
        """Show none."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the baseline and this form."""
        return self.below_tab("Import")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was given, and what it would change."""
        return super().get_context_data(**getattr(self, "shown", {}), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what a file changes; with `apply`, have it be what is agreed.

        :raises RightMissing: the right is held in a part of the organization only: a file and what
            it changes speak of all of it.
        """
        if not self.may(rights.ADOPT_BASELINE):
            raise RightMissing(rights.ADOPT_BASELINE)
        content = self.content()
        reason = request.POST.get("reason", "")
        shown: dict[str, Any] = {"content": content.decode("utf-8", "replace"), "reason": reason}
        try:
            if request.POST.get("apply"):
                made = baseline_import(
                    by=self.by,
                    connection=self.connection,
                    content=content,
                    reason=reason,
                    now=self.now,
                )
                messages.success(request, f"Version {made.number} is in force.")
                return HttpResponseRedirect(self.href("baseline"))
            found = baseline_import_preview(self.connection, content)
            shown |= {
                "differences": difference_rows(found.differences[:_DIFFERENCES_SHOWN]),
                "more": max(0, len(found.differences) - _DIFFERENCES_SHOWN),
                "is_previewed": True,
            }
        except BaselineFileInvalid as error:
            shown["problem"] = str(error)
        except (CannotAdoptBaseline, MayNot) as error:
            shown["problem"] = sentence(error)
        self.shown = shown
        answer: HttpResponseBase = self.render_to_response(self.get_context_data())
        return answer

    def content(self) -> bytes:
        """Return the file that was uploaded, or else the text of the field."""
        given = self.request.FILES.get("file")
        if given is not None:
            return bytes(given.read(_LARGEST_FILE))
        return self.request.POST.get("content", "").replace("\r\n", "\n").encode()[:_LARGEST_FILE]


class OneBaselineVersion(BaselineScreen):
    """A screen about one version. Sets `version`."""

    required_right = rights.VIEW_BASELINE
    version: BaselineVersion

    def begin(self) -> None:
        """Find the version.

        :raises Http404: there is none of this number that this person may see.
        """
        super().begin()
        number = self.kwargs["baseline_number"]
        found = baseline_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise Http404(f"There is no baseline version {number} here.")
        self.version = found

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one version."""
        return []


class BaselineVersionPage(OneBaselineVersion):
    """What one version says otherwise than the one before, or than another."""

    required_right = rights.VIEW_BASELINE
    template_name = "governance/baseline/version.html"

    def get_title(self) -> str:
        """Return what it is called."""
        return f"Baseline version {self.version.number}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the baseline and this version."""
        return self.below_tab(f"Version {self.version.number}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the differences."""
        wanted = self.request.GET.get("against", "")
        number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else self.version.number - 1
        before = (
            baseline_find(self.viewer, connection=self.connection, number=number)
            if number > 0
            else None
        )
        found: Sequence[BaselineDifference] = ()
        if before is not None:
            found = version_differences(structure_of(before), structure_of(self.version))
        return super().get_context_data(
            version=self.version,
            before=before,
            differences=difference_rows(found[:_DIFFERENCES_SHOWN]),
            more=max(0, len(found) - _DIFFERENCES_SHOWN),
            count=len(found),
            **kwargs,
        )


class BaselineFile(OneBaselineVersion):
    """A version as a file: the one that was imported, byte for byte, or written again."""

    required_right = rights.VIEW_BASELINE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the file."""
        file_exported(self, title=f"Baseline version {self.version.number}", kind="yaml")
        answer = HttpResponse(baseline_export(self.version), content_type="application/yaml")
        name = f"{self.connection.slug}-baseline-{self.version.number}.yaml"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def difference_rows(found: Sequence[BaselineDifference]) -> list[dict[str, Any]]:
    """Return differences as rows, both sides laid out."""
    return [
        {
            "label": one.label,
            "kind": "OU" if one.kind is SubjectKind.UNIT else one.kind.value.replace("_", " "),
            "change": one.change,
            "before": _text(one.kind, one.before),
            "after": _text(one.kind, one.after),
        }
        for one in found
    ]


def _text(kind: SubjectKind, side: dict[str, Any] | None) -> str:
    """Lay one side out; empty where it is not there."""
    if side is None:
        return ""
    match kind:
        case SubjectKind.UNIT | SubjectKind.ACCOUNT:
            return f"{side['name']} in {side['parent_id'] or 'the organization'}"
        case SubjectKind.POLICY:
            return f"{side['name']} ({side['type']})\n{pretty_json(side['text'])}"
        case SubjectKind.POLICY_TAGS:
            return "\n".join(f"{key} = {text}" for key, text in sorted(side["tags"].items()))
        case SubjectKind.DELEGATION_POLICY:
            return pretty_json(side["text"])
        case _:
            return "there"
