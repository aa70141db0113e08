"""How far an inventory run is, for any page that shows one."""

from django import template
from django.utils import timezone

from governance.web.runs.progress import ProgressShown
from governance.web.runs.progress import shown_progress as prepared
from inventory.models import InventoryRun
from inventory.selectors.runs import RunProgress

register = template.Library()


@register.simple_tag
def shown_progress(run: InventoryRun, progress: RunProgress) -> ProgressShown:
    """Prepare a run's progress for drawing."""
    return prepared(run, progress, now=timezone.now())
