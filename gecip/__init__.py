"""The research environment of the GeCIP domains: cohorts, clinical data, genomes and notebooks."""
