"""What every analysis returns: a frozen object that remembers where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from gecip.provenance import Provenance


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """The outcome of an analysis, with every step since the release was opened.

    A result may hold rows of participants. To look at them there is `list_rows`, to report them
    `summarise`; its own text gives no row.
    """

    provenance: Provenance

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.provenance.operation})"
