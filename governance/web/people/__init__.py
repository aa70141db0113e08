"""The screens of people, service accounts, groups, and the rules of identity providers."""
