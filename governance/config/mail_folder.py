"""Puts mails into a folder, one file each, for an instance without a mail server."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class FolderBackend(BaseEmailBackend):
    """Writes each mail as `EMAIL_FILE_PATH/<time>-<random>.eml`, readable by its owner only."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails and return how many that were.

        :raises OSError: the folder cannot be written.
        """
        folder: Any = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.eml"
            written = folder / f".{name}"
            written.touch(mode=0o600)
            written.write_bytes(message.message().as_bytes())
            written.rename(folder / name)
        return len(email_messages)
