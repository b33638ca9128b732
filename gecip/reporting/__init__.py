"""How we say it: summaries, listings and figures."""
