"""The pages as a Django application."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, template tags and forms."""

    name = "governance.web"
    label = "web"
