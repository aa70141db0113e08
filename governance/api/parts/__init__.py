"""What several endpoints share: bases, pages of lists, rights, problems, representations."""
