"""The palette behind Ctrl-K: where one can go, what one can do, and what there is by name or id."""
