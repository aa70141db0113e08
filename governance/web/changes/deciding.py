"""What reviewers and security decide of a request: verdicts on its plan, and overrides."""

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import BadRequest

from governance.access import rights
from governance.access.step_up import is_stepped_up, require_step_up, stepped_up_at
from governance.changes.life.overriding import change_override
from governance.changes.life.reviewing import change_review
from governance.web.changes.acts import RequestAct
from governance.web.changes.frame import request_label


class ChangeReview(RequestAct):
    """A verdict on the plan that the page showed."""

    resumes_after_step_up = True
    required_right = rights.VIEW_CHANGES

    _SAID: Final[Mapping[str, str]] = {
        "approve": "You approved {}.",
        "request_changes": "You asked for changes to {}.",
        "reject": "You rejected {}.",
    }

    def act(self) -> str:
        """Give the verdict; the digest is the page's."""
        data = self.request.POST
        verdict = data.get("verdict", "")
        if verdict not in self._SAID:
            raise BadRequest(f"verdict is {verdict!r}; it can be {', '.join(self._SAID)}.")
        if verdict == "approve" and self.change_request.needs_step_up:
            require_step_up(self.request)
        change_review(
            by=self.by,
            change_request_id=self.change_request.pk,
            verdict=verdict,
            body=data.get("body", "").replace("\r\n", "\n"),
            plan_sha256=data.get("digest", ""),
            stepped_up_at=stepped_up_at(self.request) if is_stepped_up(self.request) else None,
            now=self.now,
        )
        return self._SAID[verdict].format(request_label(self.change_request.number))


class FindingOverride(RequestAct):
    """Security lets a soft finding pass, with a reason."""

    required_right = rights.VIEW_CHANGES
    post_right = rights.OVERRIDE_CHANGE

    def act(self) -> str:
        """Override it.

        :raises StepUpRequired: a fresh proof is needed.
        """
        require_step_up(self.request)
        change_override(
            by=self.by,
            change_request_id=self.change_request.pk,
            finding_key=self.kwargs["finding_key"],
            reason=self.request.POST.get("reason", "").strip(),
            now=self.now,
        )
        return "The finding is overridden; the reason is on record."

    def back(self) -> str:
        """Return to the findings."""
        return self.tab_href("change-request-evidence")
