"""What all tests share: real servers, a Django that is set up, and no way out of this machine."""

import django

from tests import servers

# Here and not in a hook: conftest modules further down import models, which need the settings.
servers.provide()
django.setup()
