"""What a view needs first: the right it names, and what is said where that is missing."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.generic.base import View

from governance.access.rights import TABLE, RightReach, roles_with
from governance.access.step_up import require_step_up
from governance.access.viewers import holds, holds_within
from inventory.models import Connection


class Opening(Enum):
    """Who may open a page that needs no right by name."""

    PUBLIC = "anyone, signed in or not"
    SIGNED_IN = "everyone who is signed in"
    STAFF = "staff"


class RightMissing(PermissionDenied):
    """The person is signed in and lacks the right. `right`: which one."""

    def __init__(self, right: str | Opening) -> None:
        self.right = right
        if isinstance(right, Opening):
            said = f"This page is for {right.value}."
        else:
            said = f"This needs the right {right}{_held_by(right)}."
        super().__init__(said)


def _held_by(right: str) -> str:
    roles = roles_with(right)
    if not roles:
        return ""
    where = _WHERE[TABLE[right].reach]
    return f", which the role {_or(roles)} gives{where}"


_WHERE = {
    RightReach.ANYWHERE: "",
    RightReach.ORGANIZATION: " where it is held for the whole organization",
    RightReach.EVERYWHERE: " where it is held for all organizations",
}


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def may_open(user: "AbstractBaseUser | AnonymousUser", required_right: str | Opening) -> bool:
    """Whether this person may open what needs `required_right`."""
    if required_right is Opening.PUBLIC:
        return True
    if not user.is_authenticated or not isinstance(user, PermissionsMixin):
        return False
    if required_right is Opening.STAFF:
        return bool(getattr(user, "is_staff", False))
    if isinstance(required_right, Opening):
        return True
    return holds(user, required_right)


def may_here(
    user: "AbstractBaseUser | AnonymousUser",
    right: str,
    connection: Connection,
    target_id: str | None = "",
) -> bool:
    """Whether this person holds a right at a place of an organization, all of it if it is empty.

    `target_id` of None: in any part of it.
    """
    if target_id is None:
        return holds_within(user, right, connection=connection)
    return holds(user, right, connection=connection, target_id=target_id)


class RightsView(View):
    """A view that names the right it needs in `required_right`, and checks it before all else.

    `post_right`: a further right that changing something here needs, where it differs.
    `needs_step_up`: whether changing something needs a fresh proof of who somebody is.
    """

    required_right: ClassVar[str | Opening]
    post_right: ClassVar[str | None] = None
    needs_step_up: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let the middleware that asks people to sign in know the public views."""
        super().__init_subclass__(**kwargs)
        if getattr(cls, "required_right", None) is Opening.PUBLIC:
            cls.login_required = False  # type: ignore[attr-defined]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Make the view function.

        :raises ImproperlyConfigured: the class names no right.
        """
        if getattr(cls, "required_right", None) is None:
            raise ImproperlyConfigured(f"{cls.__qualname__} does not name its required_right")
        view = super().as_view(**initkwargs)
        view.login_required = cls.required_right is not Opening.PUBLIC  # type: ignore[attr-defined]
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the rights, then answer.

        :raises RightMissing: the page for 403 says which right.
        :raises StepUpRequired: leads to the page that asks for a proof.
        """
        if not may_open(request.user, self.required_right):
            raise RightMissing(self.required_right)
        writes = request.method not in {"GET", "HEAD", "OPTIONS"}
        if writes and self.post_right and not may_open(request.user, self.post_right):
            raise RightMissing(self.post_right)
        if writes and self.needs_step_up:
            require_step_up(request)
        self.begin()
        return super().dispatch(request, *args, **kwargs)

    def begin(self) -> None:
        """Read what every method of the view needs, once the person may open it."""
