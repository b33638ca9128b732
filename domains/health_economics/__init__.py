"""Health economics: what care costs, and what a genome is worth."""
