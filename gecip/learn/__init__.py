"""The course: exercises, hints and checks against the answer key."""
