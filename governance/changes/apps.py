"""Changes as a Django application."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Change requests from the draft to the rollout."""

    name = "governance.changes"
    label = "changes"
    verbose_name = "Changes"

    def ready(self) -> None:
        """Make settings known, what follows a request's states, and who may see requests."""
        from governance.approvals.forms import register_form
        from governance.changes import notices
        from governance.changes.drift import explaining as drift_explaining
        from governance.changes.drift import following, logged_writes
        from governance.changes.elsewhere import dispatch, handing_out
        from governance.changes.emergency import services as emergency
        from governance.changes.evidence.setting_forms import CHECK_LEVELS, PROTECTED_ROLES
        from governance.changes.life import dispatch as life_dispatch
        from governance.changes.life import visibility
        from governance.changes.reverting import services as reverting
        from governance.changes.rollout import explaining, new_drift, new_findings, seen_denials
        from governance.changes.windows.form import CHANGE_WINDOWS

        for form in (PROTECTED_ROLES, CHECK_LEVELS, CHANGE_WINDOWS):
            register_form(form)
        visibility.register()
        life_dispatch.register()
        dispatch.register()
        explaining.register()
        new_findings.register()
        new_drift.register()
        seen_denials.register()
        handing_out.register()
        notices.register()
        emergency.register()
        reverting.register()
        following.register()
        drift_explaining.register()
        logged_writes.register()
