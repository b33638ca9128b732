"""The research environment of the GeCIP domains: cohorts, clinical data, genomes and notebooks.

The front door, from the way in to the way out:

```python
from gecip import open_release, define_cohort, select_cohort, load_genotypes, summarise, request_export
```

Importing this reads no file, starts no JVM and configures no logger; each name is fetched on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gecip.airlock import request_export as request_export
    from gecip.analysis.genetic.carriers import carriers as carriers
    from gecip.analysis.genetic.carriers import count_carriers as count_carriers
    from gecip.cohort import define_cohort as define_cohort
    from gecip.cohort import select_cohort as select_cohort
    from gecip.cohort.labkey_sql import query_to_df as query_to_df
    from gecip.genotypes import load_genotypes as load_genotypes
    from gecip.release import open_release as open_release
    from gecip.reporting import list_rows as list_rows
    from gecip.reporting import summarise as summarise
    from gecip.widgets import explore as explore

__version__ = "0.1.0"

_FRONT_DOOR = {
    "open_release": "gecip.release",
    "define_cohort": "gecip.cohort",
    "select_cohort": "gecip.cohort",
    "query_to_df": "gecip.cohort.labkey_sql",
    "load_genotypes": "gecip.genotypes",
    "carriers": "gecip.analysis.genetic.carriers",
    "count_carriers": "gecip.analysis.genetic.carriers",
    "summarise": "gecip.reporting",
    "list_rows": "gecip.reporting",
    "request_export": "gecip.airlock",
    "explore": "gecip.widgets",
}

__all__ = [
    "carriers",
    "count_carriers",
    "define_cohort",
    "explore",
    "list_rows",
    "load_genotypes",
    "open_release",
    "query_to_df",
    "request_export",
    "select_cohort",
    "summarise",
]


def __getattr__(name: str) -> Any:
    if name not in _FRONT_DOOR:
        raise AttributeError(f"module 'gecip' has no attribute {name!r}")
    value = getattr(import_module(_FRONT_DOOR[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
