"""The door in: open a release, take the consent snapshot, read consenting people's rows."""

from gecip.release.catalogue import find_release
from gecip.release.opening import Release, open_release, release_behind

__all__ = ["Release", "find_release", "open_release", "release_behind"]
