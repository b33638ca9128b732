"""Gene panels in the words of PanelApp: how sure a gene is, and how it is inherited.

These are the codings of PanelApp's interface (panelapp.genomicsengland.co.uk/api/docs); what stands on
any panel there is not here.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from gecip.model.genes import ModeOfInheritance


class Confidence(enum.Enum):
    """How sure a panel is of a gene, in the codings of `confidence_level`; tiering counts green genes only."""

    GREEN = "3"
    AMBER = "2"
    RED = "1"


_M = ModeOfInheritance
PANELAPP_MODES: Mapping[ModeOfInheritance, str] = {
    _M.MONOALLELIC: ("MONOALLELIC, autosomal or pseudoautosomal, imprinted status unknown"),
    _M.MONOALLELIC_NOT_IMPRINTED: "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted",
    _M.MONOALLELIC_MATERNALLY_IMPRINTED: (
        "MONOALLELIC, autosomal or pseudoautosomal, maternally imprinted (paternal allele expressed)"
    ),
    _M.MONOALLELIC_PATERNALLY_IMPRINTED: (
        "MONOALLELIC, autosomal or pseudoautosomal, paternally imprinted (maternal allele expressed)"
    ),
    _M.BIALLELIC: "BIALLELIC, autosomal or pseudoautosomal",
    _M.MONOALLELIC_AND_BIALLELIC: "BOTH monoallelic and biallelic, autosomal or pseudoautosomal",
    _M.MONOALLELIC_AND_MORE_SEVERE_BIALLELIC: (
        "BOTH monoallelic and biallelic (but BIALLELIC mutations cause a more SEVERE disease form), "
        "autosomal or pseudoautosomal"
    ),
    _M.XLINKED_BIALLELIC: "X-LINKED: hemizygous mutation in males, biallelic mutations in females",
    _M.XLINKED_MONOALLELIC: (
        "X-LINKED: hemizygous mutation in males, monoallelic mutations in females may cause disease "
        "(may be less severe, later onset than males)"
    ),
    _M.MITOCHONDRIAL: "MITOCHONDRIAL",
    _M.UNKNOWN: "Unknown",
}
