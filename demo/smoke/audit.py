"""An entry of the audit log that can be proven, to visit."""

import tempfile
from pathlib import Path

from django.test.utils import override_settings
from django.utils import timezone

from governance.audit.models import AuditEntry
from governance.audit.sealing import checkpoint_make
from governance.audit.signing import new_key_pem


def signed_entry() -> AuditEntry:
    """Sign the log as it is, by a key for this once, and return its latest entry.

    :raises AuditEntry.DoesNotExist: nothing is on record.
    """
    entry = AuditEntry.objects.latest("pk")
    with tempfile.TemporaryDirectory(prefix="orgwarden-smoke-") as folder:
        key = Path(folder) / "key.pem"
        key.write_bytes(new_key_pem())
        with override_settings(AUDIT_SIGNING_KEY_FILE=str(key)):
            checkpoint_make(now=timezone.now())
    return entry
