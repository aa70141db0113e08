"""The regions in which the demo's organization is read."""

from typing import Final

HOME_REGION: Final = "us-east-1"
# Where the demo's accounts have what they have; each further region costs a call a service.
REGIONS_READ: Final = ("eu-central-1", HOME_REGION)
