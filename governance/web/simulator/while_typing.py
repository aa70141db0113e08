"""What the editor and the pickers ask for while somebody types."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from governance.access import rights
from governance.access.viewers import viewer_of
from governance.edits.completions import Word, completions
from governance.edits.operations import LONGEST_TEXT
from governance.posture.state.organization import CONTROL_TYPES, load_organization
from governance.web.parts.pages import ConnectionPage, connection_or_404
from governance.web.parts.rights_view import RightsView
from governance.web.simulator.pickers import FIELDS, options, other_policies
from policies import PolicyType
from policies.lint import LintSettings, lint_policy

_LONGEST_WORD = 200
_MOST_SERVICES = 40
_PICKERS = ("policy", "target", "parent")


class Completions(RightsView):
    """Words for the editor: actions, condition keys, operators. The same for everybody."""

    required_right = rights.SIMULATE

    def begin(self) -> None:
        """Find the organization, so that nobody learns of one by asking.

        :raises Http404: no such connection, or not one this person may see.
        """
        connection_or_404(viewer_of(self.request.user), slug=self.kwargs["slug"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with `{"options": [{"label", "detail"}, …]}`.

        :raises BadRequest: `word` is none of those.
        """
        word = request.GET.get("word", Word.ACTION)
        if word not in set(Word):
            raise BadRequest(f"word is {word!r}; it can be {', '.join(Word)}.")
        services = request.GET.get("services", "").split(",")[:_MOST_SERVICES]
        found = completions(
            Word(word), request.GET.get("q", "")[:_LONGEST_WORD], services=filter(None, services)
        )
        listed = [{"label": one.word, "detail": one.about} for one in found]
        response = JsonResponse({"options": listed})
        response.headers["Cache-Control"] = "private, max-age=3600"
        return response


class Lint(ConnectionPage):
    """Findings for the editor."""

    required_right = rights.SIMULATE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with findings by line and column, and the size against today's limit.

        :raises BadRequest: a text that is too long, or a type that decides no requests.
        """
        text = request.POST.get("text", "").replace("\r\n", "\n")
        kind = request.POST.get("policy_type", "")
        if kind not in CONTROL_TYPES:
            raise BadRequest(f"policy_type is {kind!r}; it can be {' or '.join(CONTROL_TYPES)}.")
        if len(text) > LONGEST_TEXT:
            raise BadRequest(f"The text has more than {LONGEST_TEXT:,} characters.")
        report = lint_policy(
            text, PolicyType(kind), settings=LintSettings(limits_on=self.now.date())
        )
        return JsonResponse(
            {
                "findings": [
                    {
                        "line": one.line,
                        "column": one.column,
                        "severity": one.severity.value,
                        "message": one.message,
                    }
                    for one in report.findings
                ],
                "size": report.size,
                "size_limit": report.size_limit,
            }
        )


class Find(ConnectionPage):
    """Options for the pickers."""

    required_right = rights.SIMULATE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with option elements.

        :raises BadRequest: `field` is none of the pickers'.
        """
        field = request.GET.get("field", "policy")
        if field not in FIELDS:
            raise BadRequest(f"field is {field!r}; it can be {', '.join(FIELDS)}.")
        # A page with several pickers puts something before each name: `attach-policy`.
        typed = [name for name in request.GET if name.rpartition("-")[2] in _PICKERS]
        text = request.GET.get(typed[0], "") if typed else ""
        organization = load_organization(
            viewer_of(request.user), connection=self.connection, as_of=self.as_of
        )
        others: dict[str, str] = {}
        if request.GET.get("all") and field == "policy":
            viewer = viewer_of(request.user)
            others = {
                key: name for key, (name, _) in other_policies(viewer, self.connection).items()
            }
        found = options(organization, others, field, text[:_LONGEST_WORD])
        return render(request, "governance/simulator/options.html", {"options": found})
