"""Pages for requests that cannot be answered, told in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: something in the address or the form cannot be read."""
    return render(request, "400.html", {"message": str(exception)}, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a right is missing; says which and who holds it."""
    return render(request, "403.html", {"message": str(exception)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: says what was looked for where the view knows."""
    message = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "404.html", {"message": message}, status=404)


def unavailable(what: str) -> HttpResponse:
    """503: what every page needs does not answer, such as the database; asks nothing of it."""
    response = HttpResponse(render_to_string("503.html", {"what": what}), status=503)
    response.headers["Retry-After"] = "10"
    return response
