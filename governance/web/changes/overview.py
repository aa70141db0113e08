"""The first tab of a change request: what it does, who must agree, what was found."""

from governance.web.changes.frame import ChangeRequestPage


class ChangeOverview(ChangeRequestPage):
    """What somebody needs to know to decide, the sentence first."""

    template_name = "governance/changes/overview.html"
    tab = "overview"
