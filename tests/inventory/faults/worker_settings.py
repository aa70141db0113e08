"""Settings of workers that a test kills: AWS lets them call as they like, a lease is short."""

from governance.config.settings.test import *  # noqa: F403

AWS_ORGANIZATIONS_RATE = (400.0, 400)
AWS_ORGANIZATIONS_RATES = {}
INVENTORY_HEARTBEAT_SECONDS = 0.5
INVENTORY_LEASE_SECONDS = 4
INVENTORY_BACK_OFF_SECONDS = 0
INVENTORY_MESSAGE_SECONDS = 10
# A busy machine may let more leases end than those of killed workers.
INVENTORY_ATTEMPTS = 50
