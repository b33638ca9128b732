"""Thin skins over the rooms, in ipywidgets."""
