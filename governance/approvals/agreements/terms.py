"""What the terms of an agreement are refused for."""

from collections.abc import Mapping


class AgreementInvalid(ValueError):
    """Terms are not as they should be. `errors`: by member, such as `from.value` → what to do."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{path}: {said}" for path, said in self.errors.items()))
