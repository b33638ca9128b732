"""What is allowed: consent, roles, domain membership and disclosure rules."""
