"""The door in: open a release, take its consent snapshot, validate it and read it."""
