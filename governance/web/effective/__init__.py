"""The tab Effective policies of accounts and OUs."""
