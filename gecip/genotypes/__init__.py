"""Their genomes: Hail is started here, callsets are opened here, and nowhere else."""

from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.gvcfs import combined_vds, load_gvcfs
from gecip.genotypes.lifting import Liftover
from gecip.genotypes.loading import explain_loading, genotypes_table, load_genotypes
from gecip.genotypes.own_files import load_callset
from gecip.genotypes.session import describe_session, hail_session, stop_session
from gecip.genotypes.somatic import load_somatic
from gecip.genotypes.store import load_release
from gecip.genotypes.structural import StructuralCalls, load_structural

__all__ = [
    "Genotypes",
    "Liftover",
    "StructuralCalls",
    "combined_vds",
    "describe_session",
    "explain_loading",
    "genotypes_table",
    "hail_session",
    "load_callset",
    "load_genotypes",
    "load_gvcfs",
    "load_release",
    "load_somatic",
    "load_structural",
    "stop_session",
]
