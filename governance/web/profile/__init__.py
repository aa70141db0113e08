"""The screens of one's own profile: name, look, security, sessions."""
