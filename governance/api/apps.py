"""The REST API as a Django application."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Endpoints and serializers."""

    name = "governance.api"
    label = "api"
