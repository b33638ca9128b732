"""Thin skins in ipywidgets over what the package does anyway."""

from gecip.widgets.cohort_explorer import CohortExplorer, explore

__all__ = ["CohortExplorer", "explore"]
