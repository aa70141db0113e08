"""`python -m policies <command>`: see `policies.cli`."""

from __future__ import annotations

import sys

from policies.cli.dispatch import main

sys.exit(main())
