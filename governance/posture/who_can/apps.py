"""Who can as a Django application: it keeps the answers that programs wait for."""

from django.apps import AppConfig


class WhoCanConfig(AppConfig):
    """Answers to long questions."""

    name = "governance.posture.who_can"
    label = "who_can"
    verbose_name = "Who can"
