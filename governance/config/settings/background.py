"""Celery: the broker, which queue a task goes to, what beat sends and when. Taken up by `base`.

Names are Celery's own, read with the prefix CELERY_.
"""

import sys

from governance.config import environment

VALKEY_URL = environment.text("ORGWARDEN_VALKEY_URL", "redis://127.0.0.1:6379/0")

CELERY_BROKER_URL = VALKEY_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # A broker whose host is gone would not be missed for a quarter of an hour.
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    "socket_keepalive": True,
}
# Celery would open a database connection for each task. Here CONN_MAX_AGE says how long one lasts,
# and `governance.config.celery` sees that a task begins with one that works.
CELERY_DB_REUSE_MAX = sys.maxsize
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ROUTES = {
    # Workers of both queues take these, so that runs go on however long others are busy.
    "inventory.start_due_runs": {"queue": "upkeep"},
    "inventory.resume_runs": {"queue": "upkeep"},
    "inventory.start_run": {"queue": "inventory"},
    "inventory.collect_group": {"queue": "inventory"},
    "inventory.list_logs": {"queue": "inventory"},
    "inventory.read_logs": {"queue": "inventory"},
    "inventory.receive_logs": {"queue": "inventory"},
    "inventory.ask_athena": {"queue": "inventory"},
    "inventory.verify_logs": {"queue": "inventory"},
    "changes.carry_on_rollout": {"queue": "apply"},
    "changes.carry_on_rollouts": {"queue": "apply"},
    "audit.seal": {"queue": "audit"},
    "audit.checkpoint": {"queue": "audit"},
    "audit.verify": {"queue": "audit"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "start-due-inventory-runs": {"task": "inventory.start_due_runs", "schedule": 60.0},
    "resume-inventory-runs": {"task": "inventory.resume_runs", "schedule": 20.0},
    "age-out-inventory-coverage": {"task": "inventory.age_out_coverage", "schedule": 600.0},
    "send-due-logs": {"task": "inventory.send_due_logs", "schedule": 60.0},
    "send-log-checks": {"task": "inventory.send_log_checks", "schedule": 600.0},
    "age-out-logs": {"task": "inventory.age_out_logs", "schedule": 3600.0},
    "carry-on-rollouts": {"task": "changes.carry_on_rollouts", "schedule": 10.0},
    "prepare-posture": {"task": "posture.prepare", "schedule": 60.0},
    "refresh-trust": {"task": "posture.refresh_trust", "schedule": 300.0},
    "refresh-drift": {"task": "drift.refresh", "schedule": 300.0},
    "detect-in-days": {"task": "detections.detect_days", "schedule": 300.0},
    "refresh-inbox": {"task": "inbox.refresh", "schedule": 120.0},
    "refresh-guardrails": {"task": "guardrails.refresh", "schedule": 600.0},
    "expire-mutation-tests": {"task": "guardrails.expire", "schedule": 3600.0},
    "expire-reports": {"task": "reports.expire", "schedule": 3600.0},
    "spread-events": {"task": "notifications.spread", "schedule": 10.0},
    "send-messages": {"task": "notifications.send_messages", "schedule": 10.0},
    "send-webhooks": {"task": "notifications.send_webhooks", "schedule": 10.0},
    "look-ahead": {"task": "notifications.look_ahead", "schedule": 3600.0},
    "age-out-notifications": {"task": "notifications.age_out", "schedule": 600.0},
    "resume-change-checks": {"task": "changes.resume_checks", "schedule": 120.0},
    "recheck-change-requests": {"task": "changes.recheck_due", "schedule": 600.0},
    "check-change-approvals": {"task": "changes.check_entitlements", "schedule": 300.0},
    "start-due-changes": {"task": "changes.start_due", "schedule": 30.0},
    "expire-change-requests": {"task": "changes.expire", "schedule": 300.0},
    "escalate-change-requests": {"task": "changes.escalate", "schedule": 600.0},
    "revert-unratified-changes": {"task": "changes.revert_unratified", "schedule": 60.0},
    "begin-reverts-of-changes": {"task": "changes.begin_reverts", "schedule": 60.0},
    "tell-of-expiring-changes": {"task": "changes.publish_expiring", "schedule": 3600.0},
    "compare-denials-of-changes": {"task": "changes.compare_denials", "schedule": 300.0},
    "observe-handed-out-changes": {"task": "changes.observe_handed_out", "schedule": 300.0},
    "end-due-contracts": {"task": "contracts.end_due", "schedule": 3600.0},
    "end-due-exceptions": {"task": "exceptions.end_due", "schedule": 3600.0},
    "expire-simulations": {"task": "simulations.expire", "schedule": 3600.0},
    "seal-audit-log": {"task": "audit.seal", "schedule": 20.0},
    "sign-audit-log": {"task": "audit.checkpoint", "schedule": 300.0},
    "verify-audit-log": {"task": "audit.verify", "schedule": 24 * 3600.0},
    "expire-grants": {"task": "owners.expire_grants", "schedule": 600.0},
    "expire-who-can-questions": {"task": "who_can.expire", "schedule": 3600.0},
    "expire-path-questions": {"task": "paths.expire", "schedule": 3600.0},
}
