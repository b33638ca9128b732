"""The few settings that come from outside, read when they are asked for and never before.

Every setting is an environment variable, so that the same notebook runs on a laptop and in the
Research Environment; each has a default that needs no thought.
"""

from __future__ import annotations

import copy
import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from gecip.errors import ConfigurationError


def cache_folder() -> Path:
    """Return the folder for what can be made again: genotype stores and logs (`GECIP_CACHE`)."""
    from platformdirs import user_cache_path

    return _folder_setting("GECIP_CACHE", user_cache_path("gecip"))


def shared_stores() -> Path | None:
    """Return the folder in which a domain shares its genotype stores (`GECIP_SHARED_STORES`), or None to keep one's own."""
    setting = os.environ.get("GECIP_SHARED_STORES")
    return Path(setting).expanduser() if setting else None


def cache_gigabytes() -> float:
    """Return how much the genotype stores may take together in GB (`GECIP_CACHE_GB`), 200 if not set."""
    return _gigabytes("GECIP_CACHE_GB") or 200.0


def release_folders() -> tuple[Path, ...]:
    """Return the folders in which releases are looked up by name, first match first.

    `GECIP_RELEASES` is a list of folders, separated as `PATH` is. The first one is where the demo
    release is made.
    """
    from platformdirs import user_data_path

    setting = os.environ.get("GECIP_RELEASES", "")
    folders = tuple(Path(part).expanduser() for part in setting.split(os.pathsep) if part)
    return folders or (user_data_path("gecip") / "releases",)


def export_folder() -> Path:
    """Return the folder in which export requests are laid down (`GECIP_EXPORTS`)."""
    from platformdirs import user_data_path

    return _folder_setting("GECIP_EXPORTS", user_data_path("gecip") / "exports")


def audit_folder() -> Path | None:
    """Return the folder of the audit log (`GECIP_AUDIT`), or None where that says `off`.

    One that all users of the environment share is set by whoever runs it; the default is a folder of
    the user's own.
    """
    from platformdirs import user_data_path

    if os.environ.get("GECIP_AUDIT", "").strip().lower() == "off":
        return None
    return _folder_setting("GECIP_AUDIT", user_data_path("gecip") / "audit")


def projects_document() -> dict[str, Any] | None:
    """Return the extract of the Research Registry that `GECIP_PROJECTS` names, or None where none is set.

    Raises
    ------
    ConfigurationError
        When the file cannot be read, or is no TOML.
    """
    import tomllib

    setting = os.environ.get("GECIP_PROJECTS", "").strip()
    if not setting:
        return None
    path = Path(setting).expanduser()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{path}: the list of projects cannot be read ({error.strerror}): set GECIP_PROJECTS to a file that can, or "
            "unset it."
        ) from None
    except ValueError as error:
        raise ConfigurationError(
            f"{path}: the list of projects is no TOML ({error}): mend it, or unset GECIP_PROJECTS."
        ) from None


def domains_of_user() -> frozenset[str]:
    """Return the GeCIP domains to which the user belongs (`GECIP_DOMAINS`, parted by semicolons)."""
    setting = os.environ.get("GECIP_DOMAINS", "")
    return frozenset(part.strip() for part in setting.split(";") if part.strip())


def gallery_folder() -> Path:
    """Return the folder in which executed notebooks are published (`GECIP_GALLERY`)."""
    from platformdirs import user_data_path

    return _folder_setting("GECIP_GALLERY", user_data_path("gecip") / "gallery")


def records_folder() -> Path:
    """Return the folder for what only the environment may know: whom results touch (`GECIP_RECORDS`)."""
    from platformdirs import user_data_path

    return _folder_setting("GECIP_RECORDS", user_data_path("gecip") / "records")


def ledger_folder() -> Path:
    """Return the folder of the airlock's ledger (`GECIP_LEDGER`), within that of the export requests if not set.

    Whoever exports from the same data shares one, on a file system that all of them see.
    """
    return _folder_setting("GECIP_LEDGER", export_folder() / "ledger")


def labkey_address() -> str | None:
    """Return the address of the LabKey server to read releases from (`GECIP_LABKEY`), or None to read none.

    A host, or an address with its context path, as `labkey.host/labkey`.
    """
    return os.environ.get("GECIP_LABKEY", "").strip() or None


def spark_master() -> str | None:
    """Return the address of the Spark cluster to use (`GECIP_SPARK_MASTER`), or None for this machine."""
    return os.environ.get("GECIP_SPARK_MASTER") or None


def memory_gigabytes() -> float | None:
    """Return the memory that Hail may take in GB (`GECIP_MEMORY_GB`), or None to size it to the machine."""
    return _gigabytes("GECIP_MEMORY_GB")


def _gigabytes(variable: str) -> float | None:
    setting = os.environ.get(variable)
    if not setting:
        return None
    try:
        gigabytes = float(setting)
    except ValueError:
        gigabytes = 0.0
    if not gigabytes > 0:
        raise ConfigurationError(
            f"{variable} must be a number of gigabytes above 0, as in {variable}=6: set it so, or unset it."
        )
    return gigabytes


def role() -> str:
    """Return the role in which the user works: academic, commercial or trainee (`GECIP_ROLE`)."""
    return os.environ.get("GECIP_ROLE", "academic").strip().lower()


def policy_document() -> dict[str, Any]:
    """Return the governance policy as it stands in `policy.toml`, which every door reads."""
    # Whoever changes what is handed out changes a copy.
    return copy.deepcopy(_policy())


@cache
def _policy() -> dict[str, Any]:
    import tomllib

    text = resources.files("gecip.governance").joinpath("policy.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _folder_setting(variable: str, default: Path) -> Path:
    setting = os.environ.get(variable)
    return Path(setting).expanduser() if setting else default
