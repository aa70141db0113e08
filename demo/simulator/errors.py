"""The error that AWS would answer with."""


class AwsError(Exception):
    """An error answer. `code`: AWS's error code. `members`: further members such as Reason."""

    def __init__(self, code: str, message: str, *, status: int = 400, **members: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def constraint(reason: str, message: str) -> AwsError:
    """organizations: ConstraintViolationException with one of its Reasons."""
    return AwsError("ConstraintViolationException", message, Reason=reason)


def invalid_input(reason: str, message: str = "You specified an invalid value.") -> AwsError:
    """organizations: InvalidInputException with one of its Reasons."""
    return AwsError("InvalidInputException", message, Reason=reason)
