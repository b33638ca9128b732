"""The main programme's releases: their versions, dates and the LabKey folders in which they stand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from gecip.errors import ReleaseError

# Research Environment user guide, list of changes.
RELEASE_DATES: Mapping[str, datetime.date] = {
    "v1": datetime.date(2017, 10, 11),
    "v2": datetime.date(2018, 1, 30),
    "v3": datetime.date(2018, 4, 30),
    "v4": datetime.date(2018, 7, 31),
    "v5": datetime.date(2018, 10, 31),
    "v6": datetime.date(2019, 2, 28),
    "v7": datetime.date(2019, 7, 25),
    "v8": datetime.date(2019, 11, 28),
    "v9": datetime.date(2020, 4, 2),
    "v10": datetime.date(2020, 9, 3),
    "v11": datetime.date(2020, 12, 17),
    "v12": datetime.date(2021, 5, 6),
    "v13": datetime.date(2021, 9, 30),
    "v14": datetime.date(2022, 1, 27),
    "v15": datetime.date(2022, 5, 26),
    "v16": datetime.date(2022, 10, 13),
    "v17": datetime.date(2023, 3, 30),
    "v18": datetime.date(2023, 12, 21),
    "v19": datetime.date(2024, 10, 31),
}

NEWEST_RELEASE = "v19"
# From this release on the tables have rows again of those whose parents' consent has expired.
EXPIRED_CONSENT_SINCE = "v14"


def release_date(version: str) -> datetime.date:
    """Return the day on which a version of the main programme was released.

    Raises
    ------
    ReleaseError
        When there is no such version.
    """
    if version not in RELEASE_DATES:
        raise ReleaseError(
            f"The main programme has no release {version!r}: name one from v1 to {max(RELEASE_DATES, key=_number)}."
        )
    return RELEASE_DATES[version]


def labkey_folder(version: str) -> str:
    """Return the LabKey folder of a version, as `/main-programme/main-programme_v19_2024-10-31`."""
    return f"/main-programme/main-programme_{version}_{release_date(version).isoformat()}"


def _number(version: str) -> int:
    return int(version.removeprefix("v"))
