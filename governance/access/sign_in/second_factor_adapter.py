"""What django-allauth asks Orgwarden about second factors and passkeys."""

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps secrets of second factors encrypted, and names keys in the screen's words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is wrong or has been used. Try the next one.",
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored: it opens only with the instance's secret key."""
        return _ciphers()[0].encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret, also one of an earlier secret key that the settings still name.

        :raises ValidationError: none of the secret keys opens it; the sign-in page says so.
        """
        for cipher in _ciphers():
            try:
                return cipher.decrypt(encrypted_text.encode()).decode()
            except InvalidToken:
                continue
        raise ValidationError(
            "Your second factor was stored under a secret key that this instance no longer has. "
            "Sign in with a passkey, or ask an administrator to reset it."
        )

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Name a new key by its number."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"


def _ciphers() -> list[Fernet]:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        hashlib.sha256(b"orgwarden second factor:" + str(key).encode()).digest() for key in keys
    ]
    return [Fernet(base64.urlsafe_b64encode(digest)) for digest in digests]
