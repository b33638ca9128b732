"""Their genomes: Hail is started and callsets are opened here, and nowhere else."""
