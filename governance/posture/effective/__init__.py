"""What management policies amount to at each account and OU: AWS's answer, or computed."""
