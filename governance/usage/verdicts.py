"""What replayed usage says of a change, in a word."""

from django.db.models import TextChoices


class UsageDenied(TextChoices):
    """Whether a change would have denied calls that succeeded.

    PERHAPS: it depends on what was not recorded. NOT_KNOWN: the logs, or the policies that decide,
    are not known whole, and of what is known nothing would have been denied.
    """

    YES = "yes", "Denies calls that were made"
    PERHAPS = "perhaps", "May deny calls that were made"
    NO = "no", "Denies no call that was made"
    NOT_KNOWN = "not_known", "Not known"
