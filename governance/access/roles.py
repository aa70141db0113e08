"""The roles that people hold."""

from django.db import models


class Role(models.TextChoices):
    """What somebody is to an organization or a part of it."""

    VIEWER = "viewer", "Viewer"
    AUTHOR = "author", "Author"
    APPROVER = "approver", "Approver"
    SECURITY = "security", "Security"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"
