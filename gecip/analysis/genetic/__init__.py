"""Genetic analyses of a cohort's genotypes."""
