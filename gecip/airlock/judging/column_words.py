"""The words in the heads of tables by which their columns are told: what is counted, measured, or told of people."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In columns of these names, numbers of many digits are expected.
NUMBERED = _words("""
    seed pmid omim mim entrez snomed concept sctid timestamp size position
""")
# Counts of these are no counts of people.
NO_PEOPLE = _words("""
    variant variants snp snps snv snvs indel indels gene genes site sites exon exons read reads base bases bp
    chromosome chromosomes transcript transcripts mutation mutations peak peaks test tests iteration
    iterations permutation permutations df pc pcs cluster clusters term terms code codes study studies panel
    panels step steps mb kb bytes row rows column columns file files loci locus allele alleles marker markers
    chunk chunks component components kmer kmers region regions intervals word words month months year years
    day days week weeks hour hours minute minutes second seconds publications papers pathway pathways isoforms
    contigs isolates bootstraps replicates folds features lengths visits drugs domains questions releases sv
    svs cnv cnvs
""")
PEOPLE = _words("""
    people persons person participants patients individuals families probands cases controls carriers
    noncarriers samples tumours tumors deaths died alive males females men women children adults babies
    infants relatives trios duos singletons affected unaffected admissions episodes solved unsolved diagnosed
    undiagnosed donors subjects members mothers fathers siblings homozygotes heterozygotes genomes exposed
    unexposed responders nonresponders survivors withdrawn events censored removed entrance
""")
COUNTING = _words("""
    n n1 n2 no nr count counts num number total totals freq frequency tally nobs obs observed sum size
""")
SHARES = _words("""
    pct percent percentage perc proportion proportions prop props fraction fractions frac share shares rate
    rates prevalence incidence % yield
""")
STATISTICS = _words("""
    mean means average avg median medians sd std stdev stderr se iqr q1 q3 q25 q75 variance var pval pvalue
    pvalues qvalue fdr padj beta effect odds ratio hazard ci lower upper l95 u95 lci uci chi2 chisq statistic
    stat auc auroc lambda h2 log10p mlogp loglik coefficient coef correlation rho slope intercept quantile
    percentile estimate significance auprc sensitivity specificity ppv npv f1 brier expected info imputation
    neglog10 tstat zscore posterior pip
""")
STATISTIC_HEADS = _words("""
    p q z t b or hr rr r r2 f d se ci p_value p_val low high df llr ll
""")
EXTREMES = _words("""
    min minimum max maximum mode range youngest oldest earliest latest shortest longest
""")
AGES = _words("""
    age ages aao aad agegroup ageband
""")
# With these, it is counted of how many an age is not known.
UNTOLD = _words("""
    uncertain unknown missing without
""")
BIRTHS = _words("""
    yob year_of_birth birth_year birthyear yearofbirth born
""")
DAYS = _words("""
    date dates datetime day dob dod doa timestamp
""")
DAYS_OF_NOBODY = _words("""
    release version created updated modified generated accessed published publication approved panel run build
    pipeline download downloaded reviewed evaluated clinvar last analysis annotated snapshot export exported
""")
MEASURES = _words("""
    height weight bmi creatinine egfr tmb prs pgs haemoglobin hemoglobin cholesterol sbp dbp bloodpressure fvc
    fev1 hba1c cost costs los stay ploidy purity contamination burden score scores
""")
OTHERS = _words("""
    rank order index version tier dose level exon intron seed batch bin quantile decile quintile quartile
    chunk pmid omim mim hgnc orpha entrez ensembl year release build threshold cutoff weight strand phase
    frame band cytoband description definition note notes comment remark remedy what why source class category
    label step model group
""")
