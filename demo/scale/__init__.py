"""A made-up organization of 10,000 accounts, written straight into a database.

For measuring: it holds what inventory runs of such an organization would have stored, row for row
as the store makes them, but without reading it from anywhere. The same shape and end give the
same rows.
"""
