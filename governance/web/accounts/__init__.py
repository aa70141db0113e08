"""The screens of accounts and organizational units."""
