"""Tokens with which programs use the REST API."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """A token of a person or service account. Itself it is never stored, only its SHA-256.

    A token is 256 random bits, so a plain digest is enough and lets it be found by index.
    `scopes`: names of rights; a token has those of them that its owner still holds. `places`:
    pairs of a connection's key and an OU or account in it, empty for all of it; null: wherever its
    owner holds the right. `address_ranges`: where it may be used from, in CIDR; none: anywhere.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80, help_text="What uses it.")
    prefix = models.CharField(max_length=12, help_text="The token's first characters, to tell it.")
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    places = models.JSONField(null=True, blank=True)
    address_ranges = models.JSONField(default=list, blank=True)
    rotated_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="rotated_to"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_address = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
