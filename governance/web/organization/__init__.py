"""The organization screen: the tree as a table, and as a picture."""
