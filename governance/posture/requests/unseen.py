"""Questions about accounts that whoever asks may not see."""

from governance.posture.requests.cannot_answer import CannotAnswer
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole, targets_seen


def refuse_unseen(
    viewer: Viewer, *, connection: Connection, field: str, account_id: str | None
) -> None:
    """Refuse a question whose answer hangs on the policies of an account that is hidden.

    An account of another organization is refused alike to who sees a part of this one: which of
    both it is would tell what is hidden.

    :raises CannotAnswer: naming the part of the question.
    """
    if not account_id or sees_whole(viewer, connection):
        return
    if not targets_seen(viewer, connection).holds_account(account_id):
        raise CannotAnswer(
            field,
            f"account {account_id} is none of those that your roles show, and its policies decide "
            "too: ask about your accounts, or ask someone who sees the whole organization",
        )
