"""The audit log: who signs it, and where it goes. Taken up by `base`."""

from governance.config import environment

# The name under which checkpoints are signed: no spaces and no plus sign.
AUDIT_ORIGIN = environment.text("ORGWARDEN_AUDIT_ORIGIN", "orgwarden")
# An Ed25519 key in PEM. Only the worker of the queue `audit` has it, never a web process.
AUDIT_SIGNING_KEY_FILE = environment.text("ORGWARDEN_AUDIT_SIGNING_KEY_FILE", "")
# Public keys to hold checkpoints against; none: those that checkpoints name themselves.
AUDIT_PUBLIC_KEYS = environment.words("ORGWARDEN_AUDIT_PUBLIC_KEYS")
# Places outside that each checkpoint is brought to.
AUDIT_CHECKPOINT_DIRECTORY = environment.text("ORGWARDEN_AUDIT_CHECKPOINT_DIRECTORY", "")
AUDIT_CHECKPOINT_WEBHOOK = environment.text("ORGWARDEN_AUDIT_CHECKPOINT_WEBHOOK", "")
# A bucket with object lock; each checkpoint cannot be changed or deleted for so many days.
AUDIT_CHECKPOINT_BUCKET = environment.text("ORGWARDEN_AUDIT_CHECKPOINT_BUCKET", "")
AUDIT_CHECKPOINT_BUCKET_PREFIX = environment.text("ORGWARDEN_AUDIT_CHECKPOINT_BUCKET_PREFIX", "")
AUDIT_CHECKPOINT_BUCKET_REGION = environment.text(
    "ORGWARDEN_AUDIT_CHECKPOINT_BUCKET_REGION", "us-east-1"
)
AUDIT_CHECKPOINT_LOCK_DAYS = environment.integer("ORGWARDEN_AUDIT_CHECKPOINT_LOCK_DAYS", 365)
# Entries as OCSF events, a line each, for a SIEM; rotated at so many bytes, so many old files kept.
AUDIT_OCSF_FILE = environment.text("ORGWARDEN_AUDIT_OCSF_FILE", "")
AUDIT_OCSF_FILE_BYTES = environment.integer("ORGWARDEN_AUDIT_OCSF_FILE_BYTES", 100_000_000)
AUDIT_OCSF_FILES = 10
# The same events as JSON arrays to an https address, with a token that a file holds.
AUDIT_OCSF_WEBHOOK = environment.text("ORGWARDEN_AUDIT_OCSF_WEBHOOK", "")
AUDIT_OCSF_WEBHOOK_TOKEN_FILE = environment.text("ORGWARDEN_AUDIT_OCSF_WEBHOOK_TOKEN_FILE", "")
