"""How events are told: mail, sealed secrets, webhooks. Taken up by `base`."""

from pathlib import Path

from governance.config import environment

# Where people find this instance, such as https://orgwarden.example.com; addresses in mails and
# webhooks begin with it.
SITE_URL = environment.text("ORGWARDEN_SITE_URL", "")

# Without a server or a folder no mail is sent, and nobody can choose to get any.
_MAIL_HOST = environment.text("ORGWARDEN_MAIL_HOST", "")
_MAIL_FOLDER = environment.text("ORGWARDEN_MAIL_FOLDER", "")
MAIL_IS_SENT = bool(_MAIL_HOST or _MAIL_FOLDER)
DEFAULT_FROM_EMAIL = environment.text("ORGWARDEN_MAIL_FROM", "Orgwarden <orgwarden@localhost>")
MAIL_ID_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
if _MAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
elif _MAIL_FOLDER:
    EMAIL_BACKEND = "governance.config.mail_folder.FolderBackend"
    EMAIL_FILE_PATH = Path(_MAIL_FOLDER)
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_HOST = _MAIL_HOST
EMAIL_PORT = environment.integer("ORGWARDEN_MAIL_PORT", 587)
EMAIL_HOST_USER = environment.text("ORGWARDEN_MAIL_USER", "")
EMAIL_HOST_PASSWORD = environment.optional_secret("ORGWARDEN_MAIL_PASSWORD_FILE")
# `starttls`, `tls` from the first byte on, or `none` for a server on this machine.
_MAIL_SECURITY = environment.one_of(
    "ORGWARDEN_MAIL_SECURITY", ("starttls", "tls", "none"), default="starttls"
)
EMAIL_USE_TLS = _MAIL_SECURITY == "starttls"
EMAIL_USE_SSL = _MAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 15

# Seal secrets that must be sent again; the first key seals, all of them open.
SEALING_KEYS = environment.keys_in_file("ORGWARDEN_SEALING_KEY_FILE")

# Scheme, host and port of receivers that webhooks may call although they are internal or http.
OUTBOUND_ALLOWED = environment.words("ORGWARDEN_OUTBOUND_ALLOWED")

# A webhook that took nothing for so many days is switched off.
WEBHOOK_GIVE_UP_DAYS = environment.integer("ORGWARDEN_WEBHOOK_GIVE_UP_DAYS", 5)

# How long inboxes and the outbox are kept, and the log of deliveries to webhooks.
NOTIFICATION_DAYS = environment.integer("ORGWARDEN_NOTIFICATION_DAYS", 90)
DELIVERY_DAYS = environment.integer("ORGWARDEN_DELIVERY_DAYS", 30)
