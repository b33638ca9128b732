"""Clinical analyses, which need no genomes."""
