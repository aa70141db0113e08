"""What is wrong with a question about requests."""


class CannotAnswer(ValueError):
    """The question cannot be put to the engine. `field`: which part of it is wrong."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)
