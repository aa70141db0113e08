import pytest

from inventory.selectors import hierarchy
from inventory.viewing import Viewer
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)


class TestTree:
    def test_counts_accounts_at_any_depth_below_each_node(self):
        made = organization_snapshot()
        tree = hierarchy.tree(SEES, connection=made.connection)
        assert tree.root is not None
        assert tree.root.accounts == 6
