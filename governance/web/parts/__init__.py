"""What several screens share: bases of pages and lists, filters, charts, markup."""
