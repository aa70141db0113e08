"""Baseline of the structure as a Django application."""

from django.apps import AppConfig


class StructureBaselineConfig(AppConfig):
    """OUs, accounts' places, policies and attachments that were agreed, as versions."""

    name = "governance.baseline.structure"
    label = "structure"
    verbose_name = "Baseline of the structure"
