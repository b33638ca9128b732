"""Their genomes: Hail is started here, callsets are opened here, and nowhere else."""

from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.loading import explain_loading, genotypes_table, load_genotypes
from gecip.genotypes.session import describe_session, hail_session, stop_session
from gecip.genotypes.store import load_release

__all__ = [
    "Genotypes",
    "describe_session",
    "explain_loading",
    "genotypes_table",
    "hail_session",
    "load_genotypes",
    "load_release",
    "stop_session",
]
