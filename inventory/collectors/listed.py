"""Reading each thing of a list: what is not found is gone only if a second listing lacks it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from inventory.aws.errors import AwsInconsistent, AwsNotFound

Item = TypeVar("Item")
Found = TypeVar("Found")


def read_listed(
    list_items: Callable[[], Iterable[Item]],
    read: Callable[[Item], Sequence[Found]],
    *,
    id_of: Callable[[Item], str],
    lasts: Callable[[Item], bool] = lambda item: False,
) -> Iterator[Found]:
    """Yield what `read` returns for each item of a list.

    Where `read` raises AwsNotFound, the list is read a second time: an item that it lacks was
    deleted meanwhile and is left out; one that is listed again is read once more. `lasts`: whether
    AWS never deletes an item, whatever a list says.
    :raises AwsInconsistent: an item is listed and yet not found, after all others were yielded.
    """
    missing: dict[str, tuple[Item, AwsNotFound]] = {}
    for item in list_items():
        try:
            found = read(item)
        except AwsNotFound as error:
            missing[id_of(item)] = item, error
        else:
            yield from found
    if not missing:
        return
    listed_again = {id_of(item): item for item in list_items()}
    contradicted: dict[str, AwsNotFound] = {}
    for item_id, (first, not_found) in missing.items():
        again = listed_again.get(item_id)
        if again is None:
            if lasts(first):
                contradicted[item_id] = not_found
            continue
        try:
            found = read(again)
        except AwsNotFound as error:
            contradicted[item_id] = error
        else:
            yield from found
    if contradicted:
        raise inconsistent(contradicted)


def inconsistent(contradicted: dict[str, AwsNotFound]) -> AwsInconsistent:
    """Return the error that names what is listed and not found.

    `contradicted`: the last error by id, at least one.
    """
    first_id, first = next(iter(contradicted.items()))
    more = len(contradicted) - 1
    others = f" and {more} other{'' if more == 1 else 's'}" if more else ""
    return AwsInconsistent(
        f"AWS lists {first_id}{others} and answers {first.operation} with {first.code}",
        operation=first.operation,
        code=first.code,
        remedy="nothing was closed; the next run reads it again",
        transient=True,
    )
