"""Who can: which principals of all accounts may do something, decided for all of them at once."""
