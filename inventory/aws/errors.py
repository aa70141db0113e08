"""What can go wrong when AWS is read: each error says what failed and what to do."""

from collections.abc import Mapping
from typing import ClassVar, Final, TypeVar

# How many things an error that stands for several names.
_NAMED: Final = 10
# The code of an AwsTimedOut after which no other call can begin.
TIME_USED_UP: Final = "TimeUsedUp"


class AwsError(Exception):
    """A read of AWS that did not succeed.

    `operation`: in the form of an IAM action, `iam:GetAccountSummary`. `code`: AWS's error code,
    or the name of the network error. `remedy`: what to do about it, in words.
    `outcome`: the coverage state that a collector ends in by this error.
    `transient`: the same call may succeed a little later.
    """

    outcome: ClassVar[str] = "failed"
    # Whether all that is there was listed before it, so that what was not listed is gone.
    listed_all: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        code: str = "",
        remedy: str = "",
        transient: bool = False,
    ) -> None:
        """Keep the sentence and what it is about."""
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.code = code
        self.remedy = remedy
        self.transient = transient


class AwsReadDenied(AwsError):
    """AWS refused the call: a permission is missing or denied. Never taken for an empty answer."""

    outcome = "denied"


class AwsPartlyDenied(AwsReadDenied):
    """Everything was listed, but something of some things could not be read.

    What is not listed is gone all the same: the list was whole.
    """

    listed_all = True


class AwsRoleNotAssumed(AwsReadDenied):
    """STS did not give credentials of the role: it is missing, or does not trust the caller."""


class AwsCredentialsRefused(AwsReadDenied):
    """The worker's own credentials are missing, expired or unknown to AWS."""


class AwsSessionEnded(AwsCredentialsRefused):
    """The session of the role has ended; a new one of the same role may go on."""


class AwsThrottled(AwsError):
    """AWS asked to slow down until patience was at its end."""

    outcome = "throttled"


class AwsTimedOut(AwsError):
    """AWS did not answer in time, or the time that the reading may take was used up."""

    outcome = "timed_out"


class AwsCallsUsedUp(AwsTimedOut):
    """The calls that one run may make for this were used up; the next run goes on."""


class AwsUnsupported(AwsError):
    """AWS does not offer this here: a policy type it does not know, an account that is closed."""

    outcome = "unsupported"


class AwsNotFound(AwsError):
    """The thing that was asked for is not there (any more), or was never set."""


class AwsInconsistent(AwsError):
    """AWS contradicts itself: it lists something and answers that it is not there."""

    outcome = "inconsistent"


class AwsMalformed(AwsError):
    """The answer lacks a field that AWS always gives, or has one that cannot be understood."""


class AwsReadFailed(AwsError):
    """Any other failure: the network, AWS's own fault, an error code that is not expected."""


class EndpointRefused(AwsError):
    """The address given in AWS's place is not one that may be called."""


E = TypeVar("E", bound=AwsError)


def of_many(errors: Mapping[str, AwsError], *, kind: type[E]) -> E:
    """Return one error for those of several things, by name: the first one's, and whose they are.

    `kind`: the class of the error that is returned.
    """
    first = next(iter(errors.values()))
    message = first.message
    if len(errors) > 1:
        names = sorted(errors)
        some = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        message += f" (the first of {len(names)}: {some})"
    return kind(
        message,
        operation=first.operation,
        code=first.code,
        remedy=first.remedy,
        transient=first.transient,
    )
