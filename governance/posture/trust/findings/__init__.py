"""What is wrong with trust that one policy alone does not show: each kind is a module."""
