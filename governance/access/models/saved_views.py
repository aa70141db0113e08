"""Views of lists that people save under a name."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """Filters, order and columns of a list under a name.

    `list_name`: the name of the list's address. `query`: as in the address. A view is its maker's
    alone until it `is_shared` with everybody who can open the list. `connection`: null for a list
    that belongs to no organization.
    """

    connection = models.ForeignKey(
        "inventory.Connection", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    list_name = models.CharField(max_length=80)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        permissions = [("share_savedview", "Can share saved views of lists")]
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "list_name", "person", "name"],
                nulls_distinct=False,
                name="savedview_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name
