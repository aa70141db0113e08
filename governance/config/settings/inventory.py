"""Calls to AWS, inventory runs, and logs. Taken up by `base`."""

from governance.config import environment

# Endpoints that may stand in AWS's place although they are not AWS's own addresses: the demo and
# tests name the simulator here. Every other endpoint must be a public https address.
AWS_ENDPOINTS_ALLOWED = environment.words("ORGWARDEN_AWS_ENDPOINTS_ALLOWED")

# One call to AWS.
AWS_CONNECT_TIMEOUT_SECONDS = environment.integer("ORGWARDEN_AWS_CONNECT_SECONDS", 5)
AWS_READ_TIMEOUT_SECONDS = environment.integer("ORGWARDEN_AWS_READ_SECONDS", 20)
# In which regions a worker has clients of every service before it forks; others are made by each of
# its processes when it first calls there.
AWS_WARM_REGIONS = environment.words("ORGWARDEN_AWS_WARM_REGIONS") or ["us-east-1"]
# Organizations limits calls by operation and mostly does not publish how: calls a second and at
# once to start from. Throttling halves the rate, success raises it up to twice this.
_RATE_FACTOR = environment.integer("ORGWARDEN_AWS_RATE_FACTOR", 1)
AWS_ORGANIZATIONS_RATE = (8.0 * _RATE_FACTOR, 15 * _RATE_FACTOR)
AWS_ORGANIZATIONS_RATES = {
    "organizations:ListRoots": (1.0 * _RATE_FACTOR, 2 * _RATE_FACTOR),
    # Identity Center takes about 20 calls a second in all.
    "sso-admin:ListAccountAssignments": (15.0 * _RATE_FACTOR, 20 * _RATE_FACTOR),
}

# A reading ends by itself after its seconds; Celery stops a task that does not, a little later.
INVENTORY_ORGANIZATION_SECONDS = environment.integer("ORGWARDEN_ORGANIZATION_SECONDS", 2400)
INVENTORY_ACCOUNT_SECONDS = environment.integer("ORGWARDEN_ACCOUNT_SECONDS", 240)
INVENTORY_TASK_MARGIN_SECONDS = 60
# Regions of one account that are read at the same time.
INVENTORY_REGIONS_AT_ONCE = environment.integer("ORGWARDEN_REGIONS_AT_ONCE", 6)
# How long the sessions of assumed roles last: longer than the reading may, 900 to 3600 by AWS.
AWS_ORGANIZATION_SESSION_SECONDS = min(3600, max(900, INVENTORY_ORGANIZATION_SECONDS + 600))
AWS_ACCOUNT_SESSION_SECONDS = min(3600, max(900, INVENTORY_ACCOUNT_SECONDS + 600))
# How long a reading may wait between retries in all, when AWS throttles or fails.
INVENTORY_ORGANIZATION_WAITING_SECONDS = environment.integer(
    "ORGWARDEN_ORGANIZATION_WAITING_SECONDS", 600
)
INVENTORY_ACCOUNT_WAITING_SECONDS = environment.integer("ORGWARDEN_ACCOUNT_WAITING_SECONDS", 60)
# How long after the first pass what failed for a passing reason is read a second time in a run.
INVENTORY_SECOND_PASS_SECONDS: float = environment.integer("ORGWARDEN_SECOND_PASS_SECONDS", 15)
# Effective policies: calls and seconds of one run for all types together, a share for each type,
# and after how many hours an answer is asked for again. What does not fit is next run's.
INVENTORY_EFFECTIVE_POLICY_CALLS = environment.integer("ORGWARDEN_EFFECTIVE_POLICY_CALLS", 900)
INVENTORY_EFFECTIVE_POLICY_SECONDS = 180
INVENTORY_EFFECTIVE_POLICY_HOURS = 24
# A worker holds a task for so long, and says that it lives at every heartbeat; a task that nobody
# holds any more is begun again, at most so often, after a wait that doubles.
INVENTORY_LEASE_SECONDS = environment.integer("ORGWARDEN_LEASE_SECONDS", 45)
INVENTORY_HEARTBEAT_SECONDS: float = 10
INVENTORY_ATTEMPTS = 3
# A process that stores what it read, and asks nothing of the database for so long, is taken for
# frozen: PostgreSQL undoes what it has begun to store.
INVENTORY_SILENT_SECONDS: float = 60
INVENTORY_BACK_OFF_SECONDS = 30
# How many tasks of one run are with the workers or the broker at once, and how long a message to
# a worker holds: what was not begun by then is sent again.
INVENTORY_TASKS_AT_ONCE = environment.integer("ORGWARDEN_TASKS_AT_ONCE", 16)
INVENTORY_MESSAGE_SECONDS = 60
# So many messages in the queue of the workers are too many.
INVENTORY_QUEUE_FULL = environment.integer("ORGWARDEN_QUEUE_FULL", 500)

# Deletions that a run finds are held back as suspected where they are at least so many rows and
# more than that share of a kind, in one reading or in the run.
INVENTORY_SUSPECT_PERCENT = environment.integer("ORGWARDEN_SUSPECT_PERCENT", 5)
INVENTORY_SUSPECT_ROWS = environment.integer("ORGWARDEN_SUSPECT_ROWS", 20)

# How long the coverage of a run's accounts is kept collector by collector, in days.
INVENTORY_COVERAGE_DAYS = environment.integer("ORGWARDEN_COVERAGE_DAYS", 14)

# Logs: so old may the newest file be that was read before usage counts as incomplete. CloudTrail
# delivers most files within five minutes, and some an hour later.
INVENTORY_LOG_LATE_SECONDS = environment.integer("ORGWARDEN_LOG_LATE_SECONDS", 10800)
# What Athena costs for each terabyte that it scans, in US dollars: AWS's price of most regions.
INVENTORY_ATHENA_USD_PER_TERABYTE = environment.integer("ORGWARDEN_ATHENA_USD_PER_TERABYTE", 5)
# How often sources are listed, how many lists are asked for at once, and how many days back each
# begins: files of a day come late.
INVENTORY_LOG_LIST_SECONDS = environment.integer("ORGWARDEN_LOG_LIST_SECONDS", 300)
INVENTORY_LOG_LISTS_AT_ONCE = environment.integer("ORGWARDEN_LOG_LISTS_AT_ONCE", 8)
INVENTORY_LOG_LATE_DAYS = environment.integer("ORGWARDEN_LOG_LATE_DAYS", 2)
# Readers of one source at once, how long one reads before it makes room, and how long it has files.
INVENTORY_LOG_READERS = environment.integer("ORGWARDEN_LOG_READERS", 2)
INVENTORY_LOG_SECONDS = 600
INVENTORY_LOG_CLAIM_SECONDS = 300
# How long a task waits for messages of a queue: until beat, each minute, has sent the next one.
INVENTORY_LOG_QUEUE_SECONDS = 60
AWS_LOG_SESSION_SECONDS = 1800
# Files that are read together: so many, of so many bytes in all. Longer ones are not read.
INVENTORY_LOG_FILES_AT_ONCE = 200
INVENTORY_LOG_BYTES_AT_ONCE = 16_000_000
INVENTORY_LOG_OBJECT_BYTES = 128_000_000
INVENTORY_LOG_TEXT_BYTES = 600_000_000
# Days for which usage, events that are stored whole, rows of files and ids of events are kept.
INVENTORY_USAGE_DAYS = environment.integer("ORGWARDEN_USAGE_DAYS", 180)
INVENTORY_LOGGED_EVENT_DAYS = environment.integer("ORGWARDEN_LOGGED_EVENT_DAYS", 90)
INVENTORY_LOG_FILE_DAYS = environment.integer("ORGWARDEN_LOG_FILE_DAYS", 30)
INVENTORY_EVENT_ID_DAYS = environment.integer("ORGWARDEN_EVENT_ID_DAYS", 14)
# On enabling a source, its files are read from so many days ago.
INVENTORY_LOG_BACKFILL_DAYS = environment.integer("ORGWARDEN_LOG_BACKFILL_DAYS", 90)
