"""The palette behind Ctrl-K: screens, commands, and things by name or id."""
