"""What we found: clinical and genetic analyses with frozen results."""
