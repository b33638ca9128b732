"""What the data mean: one class per clinical table, every column with its type, sentence and coding."""

from gecip.model import (
    cancer,
    genomes,
    hospital,
    infection,
    interpretation,
    people,
    rare_disease_clinic,
)
from gecip.model.table import TABLES, Column, ColumnType, Sensitivity, Table, nearest

__all__ = [
    "TABLES",
    "Column",
    "ColumnType",
    "Sensitivity",
    "Table",
    "cancer",
    "genomes",
    "hospital",
    "infection",
    "interpretation",
    "nearest",
    "people",
    "rare_disease_clinic",
]
