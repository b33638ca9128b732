"""Who: definitions of cohorts, and cohorts selected from a release."""
