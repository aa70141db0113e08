"""What Prometheus reads of this server, for who holds the token that the installation names."""

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from redis.exceptions import RedisError

from governance.collection.metrics import CONTENT_TYPE, metrics_text
from governance.web.parts.rights_view import Opening, RightsView

logger = logging.getLogger(__name__)


class Metrics(RightsView):
    """Return how collecting goes on in numbers, to who sends the metrics token.

    Nobody signs in here, so the view is public and checks the token itself: it opens nothing
    else, and no person's token opens this. Without a token set there is nothing here.
    """

    required_right = Opening.PUBLIC

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 200 with the numbers; 401 without the token; 503 if they cannot be read.

        :raises Http404: no token is set.
        """
        if not settings.METRICS_TOKEN:
            raise Http404("Metrics are not available here.")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not constant_time_compare(
            token.strip(), settings.METRICS_TOKEN
        ):
            response = HttpResponse(status=HTTPStatus.UNAUTHORIZED, content_type="text/plain")
            response.headers["WWW-Authenticate"] = "Bearer"
        else:
            response = self._measured()
        response.headers["Cache-Control"] = "no-store"
        return response

    def _measured(self) -> HttpResponse:
        try:
            return HttpResponse(metrics_text(now=timezone.now()), content_type=CONTENT_TYPE)
        except (DatabaseError, RedisError, OSError):
            logger.exception("metrics: the state of collecting cannot be read")
            return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/plain")
