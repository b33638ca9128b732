"""Rare disease."""
