"""The tab Evidence: every check, the states between the steps, the lock-out proof, conflicts."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from governance.changes.models import ChangeRequest
from governance.web.changes.frame import request_label
from governance.web.changes.naming import TargetNames, target_names
from governance.web.changes.overview import DecidingPage
from governance.web.changes.shown_evidence import ShownEvidence
from governance.web.parts.replayed_usage import ReplayedUsageShown, shown_usage

_TARGETS_SHOWN: Final = 6


class ChangeEvidence(DecidingPage):
    """What was proven and how, with what security may override."""

    template_name = "governance/changes/evidence.html"
    tab = "evidence"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the findings, the transients, the roles and the conflicts."""
        found = self.evidence
        names = self.names(found) if found else None
        conflicts = tuple(found.content.get("conflicts") or ()) if found else ()
        return super().get_context_data(
            names=names,
            usage=self.usage(found, names) if found and names else None,
            conflicts=[self.conflict(one) for one in conflicts],
            roles_held=sum(not role.found for role in found.roles) if found else 0,
            undecided=[one for one in found.differences if one.state == "undecided"]
            if found
            else [],
            earlier=self.change_request.evidence if found is None else None,
            sees_all=self.seen_targets is None,
            **kwargs,
        )

    def names(self, found: ShownEvidence) -> TargetNames:
        """Return the names of the targets that findings and transients speak of."""
        return target_names(
            self.viewer,
            self.connection,
            {
                target_id
                for ids in _ids(found)
                for target_id in list(ids)[:_TARGETS_SHOWN]
                if self.sees(target_id)
            },
        )

    def usage(self, found: ShownEvidence, names: TargetNames) -> ReplayedUsageShown | None:
        """Return what the logs say of its use; None where the evidence is older than that."""
        result = found.content.get("usage")
        if result is None:
            return None

        def account_of(account_id: str) -> tuple[str, str]:
            account = names.of(account_id)
            return account.name, account.href

        return shown_usage(result, account_of, self.sees)

    def conflict(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Return a conflict with the request that it is with."""
        number = int(one.get("number") or 0)
        other = (
            ChangeRequest.objects.filter(connection=self.connection, number=number)
            .only("number", "title", "state")
            .first()
        )
        return {**one, "other": other, "label": request_label(number)}


def _ids(found: ShownEvidence) -> Iterable[Iterable[str]]:
    for finding in found.findings:
        yield finding.target_ids
    for transient in found.transients:
        yield transient.account_ids
    for group in (found.content.get("usage") or {}).get("groups", ()):
        yield (group["account_id"],)
