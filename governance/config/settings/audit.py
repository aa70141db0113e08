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
# Entries as OCSF events, a line each, for a SIEM; rotated at so many bytes, so many old files kept.
AUDIT_OCSF_FILE = environment.text("ORGWARDEN_AUDIT_OCSF_FILE", "")
AUDIT_OCSF_FILE_BYTES = environment.integer("ORGWARDEN_AUDIT_OCSF_FILE_BYTES", 100_000_000)
AUDIT_OCSF_FILES = 10
