"""Lists in pages, whose tokens are places in the list."""

from typing import Any, Final

from demo.simulator.errors import AwsError

_MOST: Final = 100


def page(
    name: str,
    items: list[Any],
    given: dict[str, Any],
    *,
    size: str = "MaxResults",
    after: str = "NextToken",
) -> dict[str, Any]:
    """Return a page of `items` under `name`, a hundred unless `given` asks for another number.

    `size`, `after`: what the service calls the page's size and the place to go on from.
    :raises AwsError: ValidationException for a token that is not ours.
    """
    most, place = int(given.get(size, _MOST)), str(given.get(after) or "0")
    if not place.isdigit():
        raise AwsError("ValidationException", f"The {after} is not valid.")
    start = int(place)
    found: dict[str, Any] = {name: items[start : start + most]}
    if start + most < len(items):
        found[after] = str(start + most)
    return found
