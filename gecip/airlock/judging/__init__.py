"""Judge what a file holds: the airlock's rules on words, tables and variants."""
