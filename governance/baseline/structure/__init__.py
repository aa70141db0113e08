"""OUs, accounts' places, policies and attachments that were agreed, as versions."""
