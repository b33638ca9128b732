"""What a column is about, told by its head: people, ages, days, counts, statistics, variants.

The heads of tables are free text, so this is a matter of words. A head that is not understood is
UNKNOWN, and what its numbers are is then told by the rest of the table.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache
from itertools import pairwise

from gecip.airlock.judging import column_words


class Kind(enum.Enum):
    """What the cells of a column, or of a row by its label, are."""

    PERSON = "who: an identifier of a person, a family or a sample"
    AGE = "age"
    BIRTH = "year of birth"
    DAY = "day"
    OTHER_DAY = "day of something that befalls nobody, as a release"
    ATTRIBUTE = "what tells people apart, as sex or a disease"
    MEASURE = "what is measured of one person"
    COUNT = "count of people"
    COUNT_OF_SOMETHING = "count of people or of something else"
    SHARE = "share"
    STATISTIC = "statistic of many"
    EXTREME = "value at an end, which is one person's"
    AT_RISK = "people at risk"
    SURVIVAL = "survival"
    TIME = "time"
    EVENT = "whether it happened, or to how many"
    GENE = "gene"
    VARIANT = "variant"
    CONTIG = "chromosome"
    POSITION = "position"
    ALLELE = "allele"
    FREQUENCY = "allele frequency"
    ALLELE_COUNT = "allele count"
    ALLELE_NUMBER = "number of alleles called"
    HOMOZYGOTES = "homozygous people"
    HETEROZYGOTES = "heterozygous people"
    GENOTYPE = "genotype"
    COMPONENT = "principal component"
    OTHER = "something else"
    UNKNOWN = "unknown"


COUNTS = frozenset({Kind.COUNT, Kind.COUNT_OF_SOMETHING, Kind.AT_RISK})
AGGREGATES = COUNTS | {Kind.SHARE, Kind.STATISTIC, Kind.EXTREME}

_PEOPLE_NAMED = (
    "participant|patient|person|individual|proband|subject|sample|family|donor|member|relative|twin|sibling|"
    "father|mother|paternal|maternal|tumou?r_sample|germline_sample|matched_norm_sample|normal_sample|"
    "rare_diseases?_family|interpretation_(?:cohort|request)|delivery|hospital|nhs|gel_case"
)
_PERSON = re.compile(
    rf"^(?:gel_|pseudo_|anon_|anonymi[sz]ed_)?(?:{_PEOPLE_NAMED})_?"
    r"(?:ids?|nos?|numbers?|codes?|keys?|identifiers?|sk|names?|barcodes?|hash|uuid|pseudo_?ids?|reference|platekeys?|plate_keys?)$"
    r"|^.*(?:platekey|plate_key)$|^[a-z_]+_sk$"
    r"|^(?:i|f|e)ids?$|^(?:mrn|nhs_?number|pseudo_?ids?|pseudonyms?|token_person_id|sample_uuid|plate|bam_id|vcf_id)$"
)
# Alone, these may also be the name of a group; their values decide.
_MAYBE_PERSON = re.compile(
    r"^(?:participant|patient|person|individual|proband|subject|sample|family|donor|case|s|id|tumou?r|twin|member)$"
)

_EXACT: dict[Kind, str] = {
    Kind.CONTIG: "chr chrom chromosome contig seqname chromosome_name chr_name hm_chrom",
    Kind.POSITION: "pos position bp base_pair_location genpos start end chromstart chromend start_position "
    "end_position pos_hg38 bp_hg38 bp_hg19 hm_pos base_position stop location tss cds_position",
    Kind.ALLELE: "ref alt a1 a2 allele0 allele1 allele2 effect_allele other_allele non_effect_allele nea ea oa "
    "reference alternate alleles tested_allele reference_allele alternate_allele tumor_seq_allele1 tumor_seq_allele2 "
    "risk_allele hm_effect_allele hm_other_allele minor_allele major_allele ax omitted alt1",
    Kind.VARIANT: "variant variant_id snp snps rsid rs rs_id rs_number markername marker marker_id hgvs hgvsc hgvsg hgvsp "
    "snpid varid locus snp_id variants_id dbsnp existing_variation varinfo chrposrefalt chr_pos_ref_alt",
    Kind.FREQUENCY: "af maf eaf a1freq a1_freq alt_freq alt_freqs freq1 alt_frequency effect_allele_frequency "
    "minor_allele_frequency allele_frequency frq af_allele2 raf alternate_allele_frequency hm_effect_allele_frequency "
    "freq_a1 a1_frequency effect_allele_freq af_alt allele_freq allele_freqs a2freq eaf_hrc minor_frequency af_all",
    Kind.ALLELE_COUNT: "ac mac allele_count minor_allele_count ac_allele2 alt_ct alt_cts a1_ct alt_count "
    "alternate_allele_count alternate_count alleles_count allelecount",
    Kind.ALLELE_NUMBER: "an allele_number obs_ct allele_ct number_of_alleles n_alleles_called",
    Kind.HOMOZYGOTES: "nhomalt hom n_hom homs homozygotes hom_alt n_hom_alt hom_count homozygous n_homozygotes "
    "hom_a1_ct two_alt_ct nhom homalt homozygote_count n_hom_var hom_var",
    Kind.HETEROZYGOTES: "het n_het hets heterozygotes het_count heterozygous n_heterozygotes het_ref_alt_cts nhet n_het_ref",
    Kind.GENOTYPE: "gt genotype genotypes zygosity call dosage ds",
    Kind.GENE: "gene genes gene_symbol symbol gene_name hgnc hgnc_symbol gene_id ensembl_gene ensembl_gene_id ensg "
    "hugo_symbol gene_label transcript transcript_id gene_set geneset pathway",
    Kind.SURVIVAL: "survival surv survival_probability km_estimate s_t kaplan_meier kaplanmeier survival_function "
    "cumulative_survival estimate_of_survival km",
    Kind.TIME: "time timeline t years days months weeks follow_up followup event_at years_after_the_diagnosis "
    "survival_time survival_days os_days os_months os_time pfs_days duration time_days time_years time_months os pfs "
    "follow_up_days follow_up_years",
    Kind.EVENT: "event status died dead death censored is_dead event_observed vital_status os_status os_event",
}  # fmt: skip
_KIND_OF = {name: kind for kind, names in _EXACT.items() for name in names.split()}

_ATTRIBUTES: dict[str, str] = {
    "sex": "sex gender karyotype",
    "ethnicity": "ethnicity ethnic ancestry race population",
    "disease": "disease diseases diagnosis diagnoses phenotype phenotypes disorder disorders condition conditions icd icd10 "
    "indication cancer tumour tumor histology morphology comorbidity comorbidities",
    "features": "hpo symptom symptoms feature",
    "place": "trust gmc hospital postcode ods ldp region",
    "status": "affected affection vital alive",
    "treatment": "drug treatment regimen therapy medication",
    "family": "consanguinity consanguineous relationship parity",
    "deprivation": "deprivation imd",
    "stage": "stage grade",
}  # fmt: skip
_ATTRIBUTE_OF = {word: name for name, words in _ATTRIBUTES.items() for word in words.split()}


def words_of(head: str) -> list[str]:
    """Return the words of a head in small letters: `NCases_total (%)` has `n`, `cases`, `total` and `%`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head.strip())
    return re.findall(r"%|[a-z0-9]+", parted.lower())


@lru_cache(maxsize=50_000)
def kind_of(head: str) -> Kind:
    """Return what a column is about, by its head."""
    words = words_of(head)
    name = "_".join(words)
    if not name:
        return Kind.UNKNOWN
    if _PERSON.match(name):
        return Kind.PERSON
    if name in column_words.BIRTHS or {"year", "birth"} <= set(words):
        return Kind.BIRTH
    if name in _KIND_OF:
        return _KIND_OF[name]
    if re.fullmatch(r"(?:pc|princ?ipal_component|comp|pca)_?\d+", name):
        return Kind.COMPONENT
    return _by_words(words, name)


def _by_words(words: list[str], name: str) -> Kind:
    if any(first.isdigit() and second == "%" for first, second in pairwise(words)):
        return Kind.STATISTIC  # as `95% low`, and `PC1 (12%)`
    found = set(words)
    if "risk" in found and found & {"at", "number", "n", "no"}:
        return Kind.AT_RISK
    if found & column_words.DAYS and not found & (
        column_words.COUNTING | column_words.PEOPLE | column_words.SHARES
    ):
        return Kind.OTHER_DAY if found & column_words.DAYS_OF_NOBODY else Kind.DAY
    counted = _counted(words, found)
    if found & column_words.EXTREMES and counted in (None, Kind.OTHER):
        return Kind.EXTREME
    if (
        name in column_words.STATISTIC_HEADS
        or found & column_words.STATISTICS
        or words[0] in ("p", "or", "hr", "se", "log10")
    ):
        return Kind.STATISTIC
    # `n (%)` heads counts with their shares behind them.
    if found & column_words.SHARES and not (
        found & column_words.SHARES == {"%"} and found & {"n", "no", "number", "count"}
    ):
        return Kind.SHARE
    if found & column_words.AGES and counted in (None, Kind.OTHER):
        return Kind.COUNT_OF_SOMETHING if found & column_words.UNTOLD else Kind.AGE
    return counted or _about_people(found)


def _counted(words: list[str], found: set[str]) -> Kind | None:
    """Return that a head counts people, or may; None where it counts nothing."""
    people = found & column_words.PEOPLE
    if found & column_words.NO_PEOPLE and not people:
        is_counted = found & column_words.COUNTING or words[-1] in column_words.NO_PEOPLE
        return Kind.OTHER if is_counted or not found & _ATTRIBUTE_OF.keys() else None
    if found & (column_words.STATISTICS | column_words.EXTREMES):
        return None
    if people and not found & {"mean", "median", "disease", "status", "id"}:
        return Kind.COUNT
    return Kind.COUNT_OF_SOMETHING if found & column_words.COUNTING else None


def _about_people(found: set[str]) -> Kind:
    if found & column_words.OTHERS and not found & {"disease", "phenotype", "stay"}:
        return Kind.OTHER if not found & {"stage", "grade", "hpo"} else Kind.ATTRIBUTE
    if found & _ATTRIBUTE_OF.keys():
        return Kind.ATTRIBUTE
    return Kind.MEASURE if found & column_words.MEASURES else Kind.UNKNOWN


def attribute_of(head: str) -> str | None:
    """Return what about people a column tells apart, as `sex` or `disease`; two columns may tell the same."""
    kind = kind_of(head)
    if kind in (Kind.AGE, Kind.BIRTH):
        return "age"
    if kind is not Kind.ATTRIBUTE:
        return None
    return next((_ATTRIBUTE_OF[word] for word in words_of(head) if word in _ATTRIBUTE_OF), None)


def may_name_people(head: str) -> bool:
    """Return whether a head is a bare word for one person or sample, so that its values decide."""
    return bool(_MAYBE_PERSON.match("_".join(words_of(head))))


def counts_people(head: str) -> bool:
    """Return whether a head says in so many words that it counts people."""
    return kind_of(head) in (Kind.COUNT, Kind.AT_RISK)


def numbers_things(head: str) -> bool:
    """Return whether a column numbers or counts what are no people, however many digits that takes."""
    return bool(set(words_of(head)) & (column_words.NO_PEOPLE | column_words.NUMBERED)) and kind_of(
        head
    ) in (
        Kind.OTHER,
        Kind.UNKNOWN,
    )


def is_about_age(text: str) -> bool:
    """Return whether a head or a label speaks of age."""
    return bool(set(words_of(text)) & column_words.AGES)


def is_about_people(text: str) -> bool:
    """Return whether a text speaks of what is measured of one person, or of what tells people apart."""
    found = set(words_of(text))
    return bool(
        found
        & (column_words.AGES | column_words.MEASURES | _ATTRIBUTE_OF.keys() | {"survival", "stay"})
    )


# -- labels of rows ---------------------------------------------------------------------------------------------------

_STATISTIC_LABEL = re.compile(
    r"(?:^|[,;(]\s*)(?:mean|median|average|sd|std|s\.d\.|standard (?:deviation|error)|iqr|25\s*%|50\s*%|75\s*%|q1|q3|"
    r"p|p[- ]?value|odds ratio|hazard ratio|or|hr|95\s*%\s*ci|lower|upper|variance)(?:\b|$)",
    re.IGNORECASE,
)
_EXTREME_LABEL = re.compile(
    r"(?:^|[\s,;(\[])(?:min|minimum|max|maximum|mode|range|youngest|oldest|earliest|latest|shortest|longest)(?:$|[\s,;)\]])",
    re.IGNORECASE,
)
_COUNT_LABEL = re.compile(
    r"^(?:n|no\.?|count|counts|total|number(?: of .*)?|n \(%\)|people|participants|patients|families|cases|controls|carriers)"
    r"(?:\s*\(n\))?$",
    re.IGNORECASE,
)
_SHARE_LABEL = re.compile(
    r"^(?:%|percent(?:age)?|proportion|share|fraction)\b|%\)?$", re.IGNORECASE
)
_TOTAL_LABEL = re.compile(
    r"^(?:grand |sub-?)?(?:total|totals|all|overall|sum|everyone|everybody|any|altogether|margin)s?(?:\s+\w+)?\s*(?:\(.*\))?$",
    re.IGNORECASE,
)


@lru_cache(maxsize=50_000)
def kind_of_label(label: str) -> Kind:
    """Return what the cells of a row are, by its label; UNKNOWN for the name of a group."""
    label = label.strip()
    if _EXTREME_LABEL.search(label):
        return Kind.EXTREME
    if _SHARE_LABEL.search(label) and not re.search(r"\bn\b", label, re.IGNORECASE):
        return Kind.STATISTIC if re.fullmatch(r"\d+\s*%", label) else Kind.SHARE
    if _STATISTIC_LABEL.search(label):
        return Kind.STATISTIC
    if _COUNT_LABEL.match(label):
        return Kind.COUNT
    return Kind.UNKNOWN


def is_total(label: str) -> bool:
    """Return whether a label says that its line holds the others."""
    return bool(_TOTAL_LABEL.match(label.strip()))
