"""Invents a whole release in the real one's shape, with planted truths."""
