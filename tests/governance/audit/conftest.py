"""What the tests of the audit log share."""

import pytest

from tests.factories.audit import signing_key_file


@pytest.fixture
def key(settings, tmp_path):
    """A process that may sign checkpoints."""
    settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)
