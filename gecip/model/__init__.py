"""What the data mean: the clinical tables, their columns and code systems."""
