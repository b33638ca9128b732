"""Disease genes and the rare diseases that they cause: facts, not results.

Identity and place after NCBI Gene (GRCh38.p14, 1-based and inclusive); mode of inheritance in the
codings of `tiering_data.mode_of_inheritance`, as the genes' conditions are inherited according to
the Human Phenotype Ontology's annotations. Diseases and subgroups are worded in the manner of the
programme's list of eligible conditions; the wording is an assumption. This is no diagnostic panel.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from gecip.errors import DefinitionError


class ModeOfInheritance(enum.Enum):
    """How a gene's variants cause disease, in the codings of `tiering_data`."""

    MONOALLELIC = "monoallelic"
    MONOALLELIC_NOT_IMPRINTED = "monoallelic_not_imprinted"
    MONOALLELIC_MATERNALLY_IMPRINTED = "monoallelic_maternally_imprinted"
    MONOALLELIC_PATERNALLY_IMPRINTED = "monoallelic_paternally_imprinted"
    BIALLELIC = "biallelic"
    MONOALLELIC_AND_BIALLELIC = "monoallelic_and_biallelic"
    MONOALLELIC_AND_MORE_SEVERE_BIALLELIC = "monoallelic_and_more_severe_biallelic"
    XLINKED_BIALLELIC = "xlinked_biallelic"
    XLINKED_MONOALLELIC = "xlinked_monoallelic"
    MITOCHONDRIAL = "mitochondrial"
    UNKNOWN = "unknown"

    @property
    def one_copy_suffices(self) -> bool:
        """Return whether one changed copy of the gene can cause the disease."""
        return "monoallelic" in self.value

    @property
    def two_copies_are_needed(self) -> bool:
        """Return whether the disease, or one form of it, needs every copy to be changed."""
        return "biallelic" in self.value


@dataclass(frozen=True)
class Gene:
    """One gene: where it lies, how it causes disease, and which.

    `start` and `stop` are 1-based and inclusive; `strand` is `+` or `-`.
    """

    symbol: str
    ncbi_id: int
    contig: str
    start: int
    stop: int
    strand: str
    mode: ModeOfInheritance
    disease: str
    disease_group: str


@dataclass(frozen=True)
class RareDisease:
    """One disease under which families are recruited, with the genes known here to cause it."""

    name: str
    sub_group: str
    group: str
    genes: tuple[Gene, ...]


def find_gene(symbol: str) -> Gene:
    """Return the gene called `symbol`.

    Raises
    ------
    DefinitionError
        When the table has none of that name; the message names the nearest.
    """
    from gecip.model.table import nearest

    if symbol not in GENES:
        raise DefinitionError(
            f"There is no gene {symbol!r} in the table of disease genes{nearest(symbol, tuple(GENES))}"
        )
    return GENES[symbol]


_M = ModeOfInheritance
_Row = tuple[str, int, str, int, int, str, ModeOfInheritance]


def _disease(name: str, sub_group: str, group: str, *rows: _Row) -> RareDisease:
    return RareDisease(name, sub_group, group, tuple(Gene(*row, name, group) for row in rows))


RARE_DISEASES: tuple[RareDisease, ...] = (
    _disease(
        "Cystic kidney disease",
        "Structural renal and urinary tract disorders",
        "Renal and urinary tract disorders",
        ("PKD1", 5310, "chr16", 2_088_708, 2_135_898, "-", _M.MONOALLELIC_NOT_IMPRINTED),
        ("PKD2", 5311, "chr4", 88_007_635, 88_077_777, "+", _M.MONOALLELIC_NOT_IMPRINTED),
        ("HNF1B", 6928, "chr17", 37_686_431, 37_745_059, "-", _M.MONOALLELIC_NOT_IMPRINTED),
        ("PKHD1", 5314, "chr6", 51_615_299, 52_087_615, "-", _M.BIALLELIC),
    ),
    _disease(
        "Familial haematuria",
        "Renal tract disorders with haematuria",
        "Renal and urinary tract disorders",
        ("COL4A3", 1285, "chr2", 227_164_624, 227_314_792, "+", _M.MONOALLELIC_AND_BIALLELIC),
        ("COL4A5", 1287, "chrX", 108_439_838, 108_697_545, "+", _M.XLINKED_MONOALLELIC),
    ),
    _disease(
        "Proteinuric renal disease",
        "Syndromes with prominent renal abnormalities",
        "Renal and urinary tract disorders",
        ("NPHS1", 4868, "chr19", 35_825_372, 35_852_504, "-", _M.BIALLELIC),
        ("NPHS2", 7827, "chr1", 179_550_539, 179_575_948, "-", _M.BIALLELIC),
    ),
    _disease(
        "Intellectual disability",
        "Neurodevelopmental disorders",
        "Neurology and neurodevelopmental disorders",
        ("ARID1B", 57492, "chr6", 156_776_026, 157_210_779, "+", _M.MONOALLELIC_NOT_IMPRINTED),
        ("SYNGAP1", 8831, "chr6", 33_418_167, 33_453_689, "+", _M.MONOALLELIC_NOT_IMPRINTED),
        ("ANKRD11", 29123, "chr16", 89_267_630, 89_490_561, "-", _M.MONOALLELIC_NOT_IMPRINTED),
        ("DDX3X", 1654, "chrX", 41_333_308, 41_364_472, "+", _M.XLINKED_MONOALLELIC),
        ("MECP2", 4204, "chrX", 154_021_573, 154_097_717, "-", _M.XLINKED_MONOALLELIC),
    ),
    _disease(
        "Epileptic encephalopathy",
        "Neurodevelopmental disorders",
        "Neurology and neurodevelopmental disorders",
        ("SCN1A", 6323, "chr2", 165_984_641, 166_149_161, "-", _M.MONOALLELIC_NOT_IMPRINTED),
        ("KCNQ2", 3785, "chr20", 63_400_208, 63_472_655, "-", _M.MONOALLELIC_NOT_IMPRINTED),
        ("STXBP1", 6812, "chr9", 127_611_912, 127_696_029, "+", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Hereditary spastic paraplegia",
        "Motor disorders of the CNS",
        "Neurology and neurodevelopmental disorders",
        ("SPG11", 80208, "chr15", 44_562_696, 44_663_662, "-", _M.BIALLELIC),
        ("SPG7", 6687, "chr16", 89_508_388, 89_557_768, "+", _M.MONOALLELIC_AND_BIALLELIC),
    ),
    _disease(
        "Hereditary ataxia",
        "Motor disorders of the CNS",
        "Neurology and neurodevelopmental disorders",
        ("ATM", 472, "chr11", 108_223_067, 108_369_102, "+", _M.BIALLELIC),
    ),
    _disease(
        "Limb girdle muscular dystrophy",
        "Neuromuscular disorders",
        "Neurology and neurodevelopmental disorders",
        ("DMD", 1756, "chrX", 31_119_222, 33_339_388, "-", _M.XLINKED_BIALLELIC),
        ("DYSF", 8291, "chr2", 71_453_561, 71_686_763, "+", _M.BIALLELIC),
    ),
    _disease(
        "Hypertrophic cardiomyopathy",
        "Cardiomyopathy",
        "Cardiovascular disorders",
        ("MYH7", 4625, "chr14", 23_412_740, 23_435_660, "-", _M.MONOALLELIC_NOT_IMPRINTED),
        ("MYBPC3", 4607, "chr11", 47_331_406, 47_352_702, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Long QT syndrome",
        "Cardiac arrhythmia",
        "Cardiovascular disorders",
        ("KCNQ1", 3784, "chr11", 2_445_008, 2_849_110, "+", _M.MONOALLELIC_NOT_IMPRINTED),
        ("KCNH2", 3757, "chr7", 150_944_961, 150_978_321, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Familial hypercholesterolaemia",
        "Lipid disorders",
        "Cardiovascular disorders",
        (
            "LDLR",
            3949,
            "chr19",
            11_089_463,
            11_133_820,
            "+",
            _M.MONOALLELIC_AND_MORE_SEVERE_BIALLELIC,
        ),
    ),
    _disease(
        "Familial thoracic aortic aneurysm disease",
        "Connective tissue disorders and aortopathies",
        "Cardiovascular disorders",
        ("FBN1", 2200, "chr15", 48_408_313, 48_645_709, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Rod-cone dystrophy",
        "Posterior segment abnormalities",
        "Ophthalmological disorders",
        ("USH2A", 7399, "chr1", 215_622_891, 216_423_448, "-", _M.BIALLELIC),
        ("RHO", 6010, "chr3", 129_528_639, 129_535_344, "+", _M.MONOALLELIC_NOT_IMPRINTED),
        ("PRPF31", 26121, "chr19", 54_115_754, 54_131_713, "+", _M.MONOALLELIC_NOT_IMPRINTED),
        ("RPGR", 6103, "chrX", 38_269_163, 38_327_509, "-", _M.XLINKED_BIALLELIC),
        ("CHM", 1121, "chrX", 85_861_180, 86_047_558, "-", _M.XLINKED_BIALLELIC),
    ),
    _disease(
        "Inherited macular dystrophy",
        "Posterior segment abnormalities",
        "Ophthalmological disorders",
        ("ABCA4", 24, "chr1", 93_992_834, 94_121_148, "-", _M.BIALLELIC),
    ),
    _disease(
        "Familial breast cancer",
        "Familial tumour syndromes",
        "Tumour syndromes",
        ("BRCA1", 672, "chr17", 43_044_295, 43_125_364, "-", _M.MONOALLELIC_NOT_IMPRINTED),
        ("BRCA2", 675, "chr13", 32_315_508, 32_400_268, "+", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Familial colon cancer",
        "Familial tumour syndromes",
        "Tumour syndromes",
        ("MLH1", 4292, "chr3", 36_993_466, 37_050_846, "+", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Neurofibromatosis",
        "Familial tumour syndromes",
        "Tumour syndromes",
        ("NF1", 4763, "chr17", 31_094_927, 31_377_677, "+", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Osteogenesis imperfecta",
        "Skeletal dysplasias",
        "Skeletal disorders",
        ("COL1A1", 1277, "chr17", 50_184_101, 50_201_631, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Unexplained skeletal dysplasia",
        "Skeletal dysplasias",
        "Skeletal disorders",
        ("COL2A1", 1280, "chr12", 47_972_967, 48_006_212, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Primary immunodeficiency",
        "Primary immunodeficiency disorders",
        "Haematological and immunological disorders",
        ("BTK", 695, "chrX", 101_349_450, 101_390_796, "-", _M.XLINKED_BIALLELIC),
        ("IL2RG", 3561, "chrX", 71_107_404, 71_111_577, "-", _M.XLINKED_BIALLELIC),
        ("RAG1", 5896, "chr11", 36_510_353, 36_579_762, "+", _M.BIALLELIC),
    ),
    _disease(
        "Inherited bleeding disorder",
        "Haemostasis disorders",
        "Haematological disorders",
        ("F9", 2158, "chrX", 139_530_739, 139_563_459, "+", _M.XLINKED_BIALLELIC),
    ),
    _disease(
        "Familial young-onset non-insulin-dependent diabetes",
        "Diabetes disorders",
        "Endocrine disorders",
        ("HNF1A", 6927, "chr12", 120_978_543, 121_002_512, "+", _M.MONOALLELIC_NOT_IMPRINTED),
        ("GCK", 2645, "chr7", 44_143_213, 44_189_439, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Congenital hearing impairment",
        "Hearing disorders",
        "Hearing and ear disorders",
        ("GJB2", 2706, "chr13", 20_187_470, 20_192_938, "-", _M.BIALLELIC),
        ("SLC26A4", 5172, "chr7", 107_660_828, 107_717_809, "+", _M.BIALLELIC),
        ("MYO7A", 4647, "chr11", 77_128_246, 77_215_241, "+", _M.BIALLELIC),
    ),
    _disease(
        "Undiagnosed metabolic disorder",
        "Inborn errors of metabolism",
        "Metabolic disorders",
        ("PAH", 5053, "chr12", 102_836_889, 102_958_441, "-", _M.BIALLELIC),
        ("GAA", 2548, "chr17", 80_101_581, 80_119_881, "+", _M.BIALLELIC),
        ("OTC", 5009, "chrX", 38_352_604, 38_421_446, "+", _M.XLINKED_BIALLELIC),
    ),
    _disease(
        "Kabuki syndrome",
        "Dysmorphic disorders",
        "Dysmorphic and congenital abnormality syndromes",
        ("KMT2D", 8085, "chr12", 49_018_978, 49_060_794, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "CHARGE syndrome",
        "Dysmorphic disorders",
        "Dysmorphic and congenital abnormality syndromes",
        ("CHD7", 55636, "chr8", 60_678_740, 60_868_028, "+", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Rare multisystem ciliopathy disorder",
        "Multisystem ciliopathies",
        "Ciliopathies",
        ("ALMS1", 7840, "chr2", 73_385_758, 73_609_919, "+", _M.BIALLELIC),
        ("CEP290", 80184, "chr12", 88_049_016, 88_142_088, "-", _M.BIALLELIC),
    ),
    _disease(
        "Epidermolysis bullosa",
        "Fragile skin disorders",
        "Dermatological disorders",
        ("COL7A1", 1294, "chr3", 48_564_073, 48_595_329, "-", _M.MONOALLELIC_AND_BIALLELIC),
    ),
    _disease(
        "Bronchiectasis",
        "Airway disorders",
        "Respiratory disorders",
        ("CFTR", 1080, "chr7", 117_480_025, 117_668_665, "+", _M.BIALLELIC),
    ),
    _disease(
        "Primary ciliary disorder",
        "Airway disorders",
        "Respiratory disorders",
        ("DNAH5", 1767, "chr5", 13_690_328, 14_011_818, "-", _M.BIALLELIC),
    ),
    _disease(
        "Periodic fever syndrome",
        "Autoinflammatory disorders",
        "Rheumatological disorders",
        ("TNFRSF1A", 7132, "chr12", 6_328_771, 6_342_076, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Infantile cholestasis",
        "Liver disorders",
        "Gastroenterological disorders",
        ("ABCB11", 8647, "chr2", 168_915_390, 169_031_324, "-", _M.BIALLELIC),
    ),
    _disease(
        "Intrauterine growth restriction",
        "Growth restriction disorders",
        "Growth disorders",
        ("IGF1R", 3480, "chr15", 98_648_539, 98_964_530, "+", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Ultra-rare undescribed monogenic disorder",
        "Undiagnosed monogenic disorders",
        "Ultra-rare disorders",
        ("EFTUD2", 9343, "chr17", 44_849_948, 44_899_445, "-", _M.MONOALLELIC_NOT_IMPRINTED),
    ),
    _disease(
        "Schizophrenia plus additional features",
        "Psychotic disorders",
        "Psychiatric disorders",
    ),
)

GENES: Mapping[str, Gene] = {
    gene.symbol: gene for disease in RARE_DISEASES for gene in disease.genes
}
