"""Tokens with which programs use the REST API."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """A token of one person. The token itself is never stored, only its SHA-256.

    A token is 256 random bits, so a plain digest is enough and lets it be found by index.
    `scopes`: names of rights; a token has those of them that its person still holds.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80, help_text="What uses it.")
    prefix = models.CharField(max_length=12, help_text="The token's first characters, to tell it.")
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
