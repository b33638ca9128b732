"""What tumours of each kind are like: their driver genes, how many mutations they carry, how long people live.

Genes and places are facts (NCBI Gene, GRCh38.p14, 1-based and inclusive). Everything else is planted:
frequencies are in the manner of what is published of such tumours, and no result. Which domain a gene
is in is an assumption. There are more lung tumours than in the programme, so that the hazard ratio
planted in them can be found.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class DriverRole(enum.Enum):
    """How a driver gene drives: by changes of one place that switch it on, or by any that break it."""

    SWITCHED_ON = "switched on"
    BROKEN = "broken"


@dataclass(frozen=True)
class TumourGene:
    """A gene of tumours: place, domain of the report, and how it drives; None for one that does not.

    `coding_bases` are those of long genes that are hit by chance, 0 for drivers.
    """

    symbol: str
    contig: str
    start: int
    stop: int
    domain: str
    role: DriverRole | None = None
    coding_bases: int = 0


@dataclass(frozen=True, eq=False)
class TumourKind:
    """Tumours of one kind.

    `share` is that of all tumours; `drivers` are sets of genes of which a tumour has at most one
    mutated, each with the share of tumours; `per_megabase` is the median of non-synonymous variants for
    each megabase, `unstable_share` the share of tumours with `unstable_per_megabase` instead.
    `median_years` is the median survival from the diagnosis at the age of 66.
    """

    disease_type: str
    sub_type: str
    study: str
    site: str
    morphology: str
    share: float
    drivers: tuple[Mapping[str, float], ...]
    per_megabase: float
    median_years: float
    unstable_share: float = 0.0
    unstable_per_megabase: float = 0.0
    women_only: bool = False


_ON, _BROKEN = DriverRole.SWITCHED_ON, DriverRole.BROKEN
_DRIVERS = (
    TumourGene("TP53", "chr17", 7_668_421, 7_687_490, "DOMAIN2", _BROKEN),
    TumourGene("KRAS", "chr12", 25_205_246, 25_250_929, "DOMAIN1", _ON),
    TumourGene("STK11", "chr19", 1_205_778, 1_228_431, "DOMAIN2", _BROKEN),
    TumourGene("KEAP1", "chr19", 10_486_125, 10_503_356, "DOMAIN2", _BROKEN),
    TumourGene("EGFR", "chr7", 55_019_017, 55_211_628, "DOMAIN1", _ON),
    TumourGene("BRAF", "chr7", 140_713_328, 140_924_929, "DOMAIN1", _ON),
    TumourGene("RB1", "chr13", 48_303_751, 48_481_890, "DOMAIN2", _BROKEN),
    TumourGene("CDKN2A", "chr9", 21_967_752, 21_995_324, "DOMAIN2", _BROKEN),
    TumourGene("SMARCA4", "chr19", 10_961_030, 11_062_273, "DOMAIN2", _BROKEN),
    TumourGene("NF1", "chr17", 31_094_927, 31_377_677, "DOMAIN2", _BROKEN),
    TumourGene("APC", "chr5", 112_707_498, 112_846_239, "DOMAIN2", _BROKEN),
    TumourGene("PIK3CA", "chr3", 179_148_126, 179_240_093, "DOMAIN1", _ON),
    TumourGene("SMAD4", "chr18", 51_030_213, 51_085_042, "DOMAIN2", _BROKEN),
    TumourGene("FBXW7", "chr4", 152_320_544, 152_536_092, "DOMAIN2", _BROKEN),
    TumourGene("NRAS", "chr1", 114_704_469, 114_716_771, "DOMAIN1", _ON),
    TumourGene("GATA3", "chr10", 8_045_333, 8_075_198, "DOMAIN2", _BROKEN),
    TumourGene("CDH1", "chr16", 68_737_292, 68_835_537, "DOMAIN2", _BROKEN),
    TumourGene("MAP3K1", "chr5", 56_815_549, 56_896_152, "DOMAIN2", _BROKEN),
    TumourGene("PTEN", "chr10", 87_863_625, 87_971_930, "DOMAIN2", _BROKEN),
    TumourGene("VHL", "chr3", 10_141_778, 10_153_667, "DOMAIN2", _BROKEN),
    TumourGene("PBRM1", "chr3", 52_545_367, 52_685_913, "DOMAIN2", _BROKEN),
    TumourGene("SETD2", "chr3", 47_016_436, 47_164_840, "DOMAIN2", _BROKEN),
    TumourGene("BAP1", "chr3", 52_401_008, 52_410_008, "DOMAIN2", _BROKEN),
    TumourGene("ARID1A", "chr1", 26_696_015, 26_782_104, "DOMAIN2", _BROKEN),
    TumourGene("CTNNB1", "chr3", 41_199_505, 41_240_443, "DOMAIN2", _ON),
    TumourGene("ATRX", "chrX", 77_504_880, 77_786_216, "DOMAIN2", _BROKEN),
    TumourGene("POLE", "chr12", 132_623_762, 132_687_342, "DOMAIN2", _ON),
)
# Genes that are often hit because they are long; their coding bases are rounded.
_LONG = (
    TumourGene("TTN", "chr2", 178_525_989, 178_807_423, "DOMAIN3", coding_bases=108_000),
    TumourGene("MUC16", "chr19", 8_848_844, 9_010_437, "DOMAIN3", coding_bases=43_500),
    TumourGene("OBSCN", "chr1", 228_208_044, 228_378_876, "DOMAIN3", coding_bases=26_700),
    TumourGene("SYNE1", "chr6", 152_121_687, 152_637_362, "DOMAIN3", coding_bases=26_400),
    TumourGene("USH2A", "chr1", 215_622_891, 216_423_448, "DOMAIN3", coding_bases=15_600),
    TumourGene("RYR2", "chr1", 237_042_184, 237_833_988, "DOMAIN3", coding_bases=14_900),
    TumourGene("PCLO", "chr7", 82_754_012, 83_162_884, "DOMAIN3", coding_bases=14_800),
    TumourGene("LRP1B", "chr2", 140_231_423, 142_131_016, "DOMAIN3", coding_bases=13_800),
    TumourGene("FLG", "chr1", 152_302_165, 152_325_239, "DOMAIN3", coding_bases=12_200),
    TumourGene("CSMD3", "chr8", 112_222_928, 113_436_939, "DOMAIN3", coding_bases=11_100),
)
DRIVERS: Mapping[str, TumourGene] = {gene.symbol: gene for gene in _DRIVERS}
LONG_GENES: Mapping[str, TumourGene] = {gene.symbol: gene for gene in _LONG}

TUMOUR_KINDS: tuple[TumourKind, ...] = (
    TumourKind(
        "LUNG", "adenocarcinoma", "LUAD", "C349", "8140/3", 0.47,
        (
            {"TP53": 0.5}, {"KRAS": 0.28, "EGFR": 0.15, "BRAF": 0.05}, {"KEAP1": 0.16}, {"STK11": 0.14},
            {"SMARCA4": 0.09}, {"CDKN2A": 0.08}, {"RB1": 0.06}, {"NF1": 0.07},
        ),
        per_megabase=6.5, median_years=3.4,
    ),
    TumourKind(
        "COLORECTAL", "adenocarcinoma of the colon", "COAD", "C189", "8140/3", 0.22,
        (
            {"APC": 0.74}, {"TP53": 0.56}, {"KRAS": 0.42, "NRAS": 0.05, "BRAF": 0.1}, {"PIK3CA": 0.18},
            {"FBXW7": 0.15}, {"SMAD4": 0.13},
        ),
        per_megabase=2.8, median_years=9.0, unstable_share=0.12, unstable_per_megabase=32.0,
    ),
    TumourKind(
        "BREAST", "invasive ductal carcinoma", "BRCA", "C509", "8500/3", 0.13,
        ({"PIK3CA": 0.35}, {"TP53": 0.32}, {"GATA3": 0.13, "CDH1": 0.12}, {"MAP3K1": 0.08}, {"PTEN": 0.06}),
        per_megabase=1.2, median_years=16.0, women_only=True,
    ),
    TumourKind(
        "RENAL", "clear cell carcinoma", "KIRC", "C64X", "8310/3", 0.07,
        ({"VHL": 0.6}, {"PBRM1": 0.4}, {"SETD2": 0.16}, {"BAP1": 0.12}),
        per_megabase=1.4, median_years=10.0,
    ),
    TumourKind(
        "MALIGNANT_MELANOMA", "cutaneous melanoma", "SKCM", "C439", "8720/3", 0.06,
        ({"BRAF": 0.5, "NRAS": 0.26}, {"TP53": 0.15}, {"NF1": 0.14}, {"CDKN2A": 0.14}, {"PTEN": 0.1}),
        per_megabase=11.0, median_years=9.0,
    ),
    TumourKind(
        "ENDOMETRIAL_CARCINOMA", "endometrioid carcinoma", "UCEC", "C541", "8380/3", 0.05,
        ({"PTEN": 0.65}, {"PIK3CA": 0.5}, {"ARID1A": 0.42}, {"CTNNB1": 0.26}, {"TP53": 0.25}, {"KRAS": 0.2}),
        per_megabase=2.4, median_years=14.0, unstable_share=0.25, unstable_per_megabase=24.0, women_only=True,
    ),
)  # fmt: skip
# A kind of which there are so few that counts of it may not leave; planted where there are enough others.
RARE_KIND = TumourKind(
    "SARCOMA", "leiomyosarcoma", "SARC", "C499", "8890/3", 0.0, ({"TP53": 0.4}, {"ATRX": 0.2}, {"RB1": 0.1}),
    per_megabase=1.0, median_years=6.0,
)  # fmt: skip
RARE_TUMOURS = 3
FEWEST_FOR_RARE_KIND = 100

# One colorectal tumour whose polymerase no longer corrects itself.
HYPERMUTATED_KIND, HYPERMUTATED_GENE, HYPERMUTATED_PER_MEGABASE = "COLORECTAL", "POLE", 170.0

# People with lung cancer live shorter where TP53 is mutated, and come to be sequenced later: so an analysis
# that ignores when they came under observation finds too small a hazard ratio.
SURVIVAL_KIND, SURVIVAL_GENE, HAZARD_RATIO = "LUNG", "TP53", 2.2
HAZARD_RATIO_PER_TEN_YEARS = 1.2
REFERENCE_AGE = 66


@dataclass(frozen=True)
class Delay:
    """How long after the diagnosis a tumour is sampled: a share at its operation, the others on average so many days on."""

    share_at_operation: float
    mean_days: float


USUAL_DELAY = Delay(0.6, 300)
LATE_DELAY = Delay(0.4, 700)
DAYS_TO_OPERATION = (4, 45)
LONGEST_DELAY = 2_600
