"""What every installation has in common. Values that differ come from the environment."""

from pathlib import Path

from governance.config import environment, log_lines
from governance.config.settings.audit import *  # noqa: F403
from governance.config.settings.notifications import *  # noqa: F403
from governance.config.settings.sign_in import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[3]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "inventory",
    "governance.posture.who_can",
    "governance.posture.trust",
    "governance.posture.paths",
    "governance.contracts",
    "governance.baseline.structure",
    "governance.baseline.landing_zone",
    "governance.baseline.guardrails",
    "governance.baseline.exceptions",
    "governance.drift",
    "governance.detections",
    "governance.inbox",
    "governance.reports",
    "governance.simulations",
    "governance.approvals",
    "governance.changes",
    "governance.audit",
    "governance.access.owners",
    "governance.notifications",
    "governance.access",
    "governance.snapshots",
    "governance.web",
    "governance.api",
]

MIDDLEWARE = [
    "governance.access.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "governance.presentation.security_headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "governance.presentation.compression.CompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "governance.access.sessions.unattended.UnattendedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "governance.web.sign_in_required.SignInRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "governance.web.sign_in.step_up.StepUpMiddleware",
    "governance.web.preferences.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.presentation.request_text.RequestTextMiddleware",
]

# Addresses of the API end without a slash, so those of nested resources begin with one.
SILENCED_SYSTEM_CHECKS = ["urls.W002"]

ROOT_URLCONF = "governance.config.urls"
WSGI_APPLICATION = "governance.config.wsgi.application"
ASGI_APPLICATION = "governance.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.web.shell.shell",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": environment.text("ORGWARDEN_DATABASE_HOST", "127.0.0.1"),
        "PORT": environment.text("ORGWARDEN_DATABASE_PORT", "5432"),
        "NAME": environment.text("ORGWARDEN_DATABASE_NAME", "orgwarden"),
        "USER": environment.text("ORGWARDEN_DATABASE_USER", "orgwarden"),
        # The password is read by libpq itself from the file that PGPASSFILE names.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "application_name": "orgwarden"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

VALKEY_URL = environment.text("ORGWARDEN_VALKEY_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": VALKEY_URL,
        "KEY_PREFIX": "orgwarden",
        # To be raised when values of another form are stored: those before it are then not read.
        "VERSION": 2,
        "OPTIONS": {"serializer": "governance.config.cache_serializer.JsonSerializer"},
    }
}

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static" / "build"]

REST_FRAMEWORK = {
    # The first gives a 401 its challenge.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.access.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["governance.api.parts.permissions.HasRight"],
    "DEFAULT_THROTTLE_CLASSES": ["governance.api.parts.throttling.RequestThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["governance.api.parts.parsers.BodyParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "governance.api.parts.schema.EndpointSchema",
    "EXCEPTION_HANDLER": "governance.api.parts.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
}
# Requests that one token, or one signed-in person, may send to the REST API a minute.
API_READS_A_MINUTE = environment.integer("ORGWARDEN_API_READS_A_MINUTE", 600)
API_WRITES_A_MINUTE = environment.integer("ORGWARDEN_API_WRITES_A_MINUTE", 30)

SPECTACULAR_SETTINGS = {
    "TITLE": "Orgwarden",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["governance.api.parts.permissions.HasRight"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "displayRequestDuration": True},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "governance.api.parts.schema.describe",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Role": "governance.access.roles.Role",
        "CoreAccountPurpose": "governance.baseline.landing_zone.models.CoreAccount.Purpose",
        "CoreAccountStandingState": "governance.api.landing_zone_representations.CORE_STATES",
        "ControlTowerState": "governance.api.landing_zone_representations.TOWER_STATES",
        "TowerDrift": "governance.api.landing_zone_representations.TOWER_DRIFTS",
        "TowerGapKind": "governance.api.landing_zone_representations.GAP_KINDS",
        "Enforcer": "governance.api.landing_zone_representations.ENFORCERS",
        "LogService": "governance.api.landing_zone_representations.LOG_SERVICES",
        "LogHealth": "governance.api.landing_zone_representations.LOG_HEALTHS",
        "EnforcedTargetKind": "governance.api.landing_zone_representations.TARGET_KINDS",
        "RoleAssignmentOrigin": "governance.access.models.RoleAssignment.Source",
        "LogSourceKind": "inventory.models.LogSource.Kind",
        "InventoryRunState": "inventory.models.InventoryRun.State",
        "InventoryRunTrigger": "inventory.models.InventoryRun.Trigger",
        "RunAccountState": "inventory.models.CollectionTask.State",
        "SuspectedDeletionState": "inventory.models.SuspectedDeletion.State",
        "WebhookDeliveryState": "governance.notifications.models.WebhookDelivery.State",
        "CoverageState": "inventory.models.Coverage.State",
        "ValueState": "governance.api.parts.representations.ValueState",
        "CheckState": "inventory.collecting.connection_test.CheckState",
        "WitnessedVerdict": "governance.api.simulations.WitnessedVerdict",
        "ReplayedEffect": "governance.api.replays.REPLAYED_EFFECTS",
        "ReplayedLogState": "governance.usage.results.LOG_STATES",
        "UsageDenied": "governance.usage.verdicts.UsageDenied",
        "SimulationState": "governance.simulations.models.SimulationJob.State",
        "ActingKind": "governance.api.who_can_representations.KIND_CHOICES",
        "PolicyDecider": "governance.api.explanations.DECIDERS",
        "ExplainedDecision": "governance.api.explanations.DecisionName",
        "AssumedPolicy": "governance.api.explain.ASSUMED",
        "AssumedResourcePolicy": "governance.api.explain.ASSUMED_OF_RESOURCE",
        "EffectiveSource": "governance.api.effective_policy_representations.SOURCES",
        "ChangeRequestState": "governance.changes.states.ChangeState",
        "RoleEnvironment": "governance.api.role_environments.ENVIRONMENTS",
        "ExternalPartyKind": "governance.posture.trust.models.ExternalParty.Kind",
        "ObservedPartyKind": "governance.api.external_parties.PARTY_KINDS",
        "TrustContractState": "governance.contracts.models.TrustContract.State",
        "ContractSourceKind": "governance.contracts.terms.SourceKind",
        "ContractTargetKind": "governance.contracts.terms.TargetKind",
        "BaselineSource": "governance.baseline.structure.models.BaselineVersion.Source",
        "BaselineSubjectKind": "governance.api.baseline_representations.SUBJECT_KINDS",
        "BaselineChange": "governance.api.baseline_representations.DIFFERENCE_CHANGES",
        "DriftKind": "governance.drift.models.DriftItem.Kind",
        "DriftState": "governance.drift.models.DriftItem.State",
        "DriftEffect": "governance.drift.models.DriftItem.DriftEffect",
        "DriftResolution": "governance.api.drift_representations.RESOLUTIONS",
        "ReviewVerdict": "governance.approvals.models.ReviewVerdict",
        "EffectVerdict": "governance.api.simulations.EFFECT_VERDICTS",
        "ApprovalSource": "governance.api.approval_setting_representations.APPROVAL_SOURCES",
        "ControlPolicyType": "governance.api.ceiling_representations.POLICY_TYPES",
        "OwnerSource": "governance.api.owner_representations.OWNER_SOURCES",
        "LabelSource": "governance.api.owner_representations.LABEL_SOURCES",
        "LabelKind": "governance.access.owners.models.labels.LabelKind",
        "EffectiveState": "governance.api.effective_policy_representations.STATES",
        "StructureFindingKind": "governance.api.structure_findings.KIND_CHOICES",
        "StructureFindingSeverity": "governance.api.structure_findings.SEVERITY_CHOICES",
        "StructurePlaceKind": "governance.api.structure_findings.PLACE_KINDS",
        "PrincipalKind": "inventory.models.Principal.Kind",
        "GuardrailOutcome": "governance.baseline.guardrails.models.GuardrailResult.ResultOutcome",
        "GuardrailTopic": "governance.api.guardrail_representations.GUARDRAIL_TOPICS",
        "FindingSeverity": "governance.inbox.models.InboxItem.InboxSeverity",
        "FindingSource": "governance.inbox.models.InboxItem.Source",
        "FindingState": "governance.inbox.models.InboxItem.State",
        "StatementEffect": "governance.api.policy_effect_representations.STATEMENT_EFFECTS",
        "ExceptionKind": "governance.baseline.exceptions.models.GuardrailException.Kind",
        "CeilingOutcome": "governance.api.ceiling_representations.OUTCOMES",
        "AuditOutcome": "governance.audit.models.AuditEntry.Outcome",
        "AuditActorKind": "governance.audit.models.AuditEntry.ActorKind",
        "IdentityProviderKind": "inventory.models.IdentityProvider.Kind",
        "PathNodeKind": "governance.api.path_representations.NODE_KINDS",
        "PathStepKind": "governance.api.path_representations.STEP_KINDS",
        "TrustEdgeSource": "governance.posture.trust.models.TrustEdge.Source",
        "TrustEdgeState": "governance.posture.trust.models.TrustEdge.EdgeState",
        "TrustGuardKind": "governance.api.trust.GUARD_KINDS",
        "TrustPrincipalKind": "governance.api.trust.PRINCIPAL_KINDS",
    },
}

LOGGING = log_lines.to_standard_error(as_json=False)

# Celery: names of settings are Celery's own, read with the prefix CELERY_.
CELERY_BROKER_URL = VALKEY_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ROUTES = {
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

# Endpoints that may stand in AWS's place although they are not AWS's own addresses: the demo and
# tests name the simulator here. Every other endpoint must be a public https address.
AWS_ENDPOINTS_ALLOWED = environment.words("ORGWARDEN_AWS_ENDPOINTS_ALLOWED")

# One call to AWS.
AWS_CONNECT_TIMEOUT_SECONDS = environment.integer("ORGWARDEN_AWS_CONNECT_SECONDS", 5)
AWS_READ_TIMEOUT_SECONDS = environment.integer("ORGWARDEN_AWS_READ_SECONDS", 20)
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
INVENTORY_BACK_OFF_SECONDS = 30
# How many tasks of one run are with the workers or the broker at once, and how long a message to
# a worker holds: what was not begun by then is sent again.
INVENTORY_TASKS_AT_ONCE = environment.integer("ORGWARDEN_TASKS_AT_ONCE", 16)
INVENTORY_MESSAGE_SECONDS = 60
# So many messages in the queue of the workers are too many.
INVENTORY_QUEUE_FULL = environment.integer("ORGWARDEN_QUEUE_FULL", 500)

# Who sends it may read /metrics, and nothing else; empty: there is no such address.
METRICS_TOKEN = environment.token_in_file("ORGWARDEN_METRICS_TOKEN_FILE")

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
# How long a task waits for messages of a queue, before the next one does.
INVENTORY_LOG_QUEUE_SECONDS = 50
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

# A simulation asked for over the API is answered at once if it bears on at most so many accounts,
# else it becomes a job that may take its seconds, and whose result is kept for its hours.
SIMULATION_AT_ONCE_ACCOUNTS = environment.integer("ORGWARDEN_SIMULATION_AT_ONCE_ACCOUNTS", 2000)
SIMULATION_SECONDS = 120
SIMULATION_RESULT_HOURS = 24

# Over how many days recorded usage is replayed through a change. A replay asked for over the API is
# answered at once if so many different uses were recorded at most, else it becomes a job.
USAGE_REPLAY_DAYS = environment.integer("ORGWARDEN_USAGE_REPLAY_DAYS", 90)
USAGE_REPLAY_AT_ONCE = environment.integer("ORGWARDEN_USAGE_REPLAY_AT_ONCE", 200000)

# How often a web process looks whether a run has written a new state, to work out ahead what it
# comes to; 0: never.
WARMING_SECONDS = environment.integer("ORGWARDEN_WARMING_SECONDS", 5)
# How long the frame of pages keeps what it counts for a person; 0: it counts for every page.
FRAME_SECONDS = environment.integer("ORGWARDEN_FRAME_SECONDS", 5)

# Up to so many accounts structure findings are worked out while somebody waits; of more, a worker
# does it and the page says so until then.
STRUCTURE_AT_ONCE_ACCOUNTS = 1000

# A who-can question asked over the API as a job may take its seconds; its answer is kept for hours.
WHO_CAN_SECONDS = 300
WHO_CAN_RESULT_HOURS = 24

# A question about paths asked over the API as a job, the same.
PATHS_SECONDS = 900
PATHS_RESULT_HOURS = 24
# A request starts the graph of paths in a thread and says how far it is; a test has it at once.
PATHS_BUILT_IN_THREADS = True
# What one process has put together is in the cache for all others.
PATHS_SHARED = True

# Owners and roles are looked at again after so many days; what needs a second person waits for one
# so many days.
OWNERS_RECERTIFY_DAYS = environment.integer("ORGWARDEN_RECERTIFY_DAYS", 180)
GRANT_PROPOSAL_DAYS = environment.integer("ORGWARDEN_GRANT_DAYS", 14)

# A change request waits for its review so many days, and once approved so many to be applied.
CHANGES_REVIEW_DAYS = environment.integer("ORGWARDEN_CHANGE_REVIEW_DAYS", 14)
CHANGES_APPROVED_DAYS = environment.integer("ORGWARDEN_CHANGE_APPROVED_DAYS", 30)
# Evidence older than this is made anew before a change is applied.
CHANGES_EVIDENCE_HOURS = environment.integer("ORGWARDEN_CHANGE_EVIDENCE_HOURS", 24)
CHANGES_CHECK_SECONDS = 300
# The AWS profile of the apply worker; empty: the credentials of its environment.
APPLY_PROFILE = environment.text("ORGWARDEN_APPLY_PROFILE", "")
# AWS shows an attachment before it is enforced: so long a rollout waits after a step that the next
# one rests on.
CHANGES_PROPAGATION_SECONDS = environment.integer("ORGWARDEN_PROPAGATION_SECONDS", 300)
# A worker holds a rollout for so long without a sign of life; one call takes less.
CHANGES_LEASE_SECONDS = environment.integer("ORGWARDEN_ROLLOUT_LEASE_SECONDS", 180)
