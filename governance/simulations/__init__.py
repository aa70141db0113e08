"""What if: drafts of edits, what they would newly deny and allow. Nothing here touches AWS."""
