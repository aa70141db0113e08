"""The screens of IAM principals."""
