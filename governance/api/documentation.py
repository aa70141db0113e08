"""The OpenAPI document, and the page that shows it, served from here alone."""

from functools import cache
from typing import Any, Final

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.rights import SIGNED_IN
from governance.api.parts.preconditions import tag_when_rendered
from governance.presentation.security_headers import HEADER, POLICY_OF_SWAGGER

_TITLE: Final = "REST API"


@cache
def openapi_document() -> Any:
    """Return the OpenAPI document, which nobody may alter.

    Made once a process, which takes seconds: it follows from the code alone, whoever asks.
    """
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


@cache
def _rendered(renderer: Any) -> bytes:
    made: bytes = renderer().render(openapi_document())
    return made


def _once(renderer: Any) -> type[BaseRenderer]:
    """Return a renderer that renders the document once a process, and what else comes each time."""

    class Once(renderer):  # type: ignore[misc]
        def render(
            self,
            data: Any,
            accepted_media_type: str | None = None,
            renderer_context: Any = None,
        ) -> Any:
            # Errors are rendered here too, and a media type may say how far to indent.
            if "openapi" in data and accepted_media_type == self.media_type:
                return _rendered(renderer)
            return super().render(data, accepted_media_type, renderer_context)

    return Once


class Schema(SpectacularAPIView):
    """The OpenAPI 3 document."""

    http_method_names = ["get", "head"]
    rights: Final = {"GET": SIGNED_IN}
    throttle_classes = ()
    renderer_classes = [
        _once(OpenApiYamlRenderer),
        _once(OpenApiYamlRenderer2),
        _once(OpenApiJsonRenderer),
        _once(OpenApiJsonRenderer2),
    ]

    def _get_schema_response(self, request: Request) -> Response:
        name = self._get_filename(request, "")  # type: ignore[no-untyped-call]
        return Response(
            openapi_document(), headers={"Content-Disposition": f'inline; filename="{name}"'}
        )

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
