"""The OpenAPI document, and the page that shows it, served from here alone."""

from typing import Any, Final

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.rights import SIGNED_IN
from governance.api.parts.preconditions import tag_when_rendered
from governance.presentation.security_headers import HEADER, POLICY_OF_SWAGGER

_TITLE: Final = "REST API"


class Schema(SpectacularAPIView):
    """The OpenAPI 3 document."""

    http_method_names = ["get", "head"]
    rights: Final = {"GET": SIGNED_IN}
    throttle_classes = ()

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Give the document its ETag."""
        done: Any = super().finalize_response(request, response, *args, **kwargs)
        tag_when_rendered(done, request)
        return done  # type: ignore[no-any-return]


class Documentation(SpectacularSwaggerSplitView):
    """Swagger UI in the frame of every page; it sets styles in its markup as Plotly does."""

    http_method_names = ["get", "head"]
    rights: Final = {"GET": SIGNED_IN}
    throttle_classes = ()
    template_name = "governance/api/documentation.html"
    url_name = "api:schema"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show the page, or with `?script=` what starts it."""
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        response.data |= {"page_title": _TITLE, "crumbs": [{"label": _TITLE}], "section": "api"}
        response.headers[HEADER] = POLICY_OF_SWAGGER
        return response
