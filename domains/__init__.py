"""The GeCIP domains: each brings its cohorts, methods and questions."""
