"""What an episode in hospital costs: a few dozen Healthcare Resource Groups, typed as facts.

Unit costs a finished consultant episode from NHS England's National Cost Collection 2024/25, as
published with COSTmos of NICE (Open Government Licence v3.0): what providers in England reported
they spent, averaged over them, in pounds of that year. Only groups that the synthetic release uses
and their neighbours are here; real work brings the whole schedule of some sixteen hundred.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SOURCE = "NHS England, National Cost Collection 2024/25 (OGL v3.0)"
PRICE_YEAR = "2024/25"


class PointOfDelivery(enum.StrEnum):
    """How a patient came to lie in hospital, in the words of the National Cost Collection."""

    DAY_CASE = "Daycase"
    ELECTIVE = "Elective Inpatients"
    NON_ELECTIVE_SHORT = "Non-Elective Inpatient - Short Stay"
    NON_ELECTIVE_LONG = "Non-Elective Inpatient - Long Stay"


@dataclass(frozen=True)
class ResourceGroup:
    """One Healthcare Resource Group, with the unit cost in pounds at each point of delivery."""

    code: str
    description: str
    unit_costs: Mapping[PointOfDelivery, float]


def _of(code: str, description: str, *unit_costs: float) -> ResourceGroup:
    costs = dict(zip(PointOfDelivery, unit_costs, strict=True))
    return ResourceGroup(code, description, MappingProxyType(costs))


# What an episode of any group costs on average: all groups of the collection, weighed by activity. For
# episodes whose group is missing, or not below.
MEAN_UNIT_COSTS: Mapping[PointOfDelivery, float] = MappingProxyType(
    {
        PointOfDelivery.DAY_CASE: 1077.08,
        PointOfDelivery.ELECTIVE: 6685.38,
        PointOfDelivery.NON_ELECTIVE_SHORT: 825.05,
        PointOfDelivery.NON_ELECTIVE_LONG: 5416.70,
    }
)

# Day case, elective, short and long stay that nobody planned.
# fmt: off
RESOURCE_GROUPS: Mapping[str, ResourceGroup] = MappingProxyType({
    group.code: group
    for group in (
        _of("AA25F", "Cerebral Degenerations or Miscellaneous Disorders of Nervous System, with CC Score 5-7", 713.31, 4006.39, 689.11, 3670.73),
        _of("AA26G", "Muscular, Balance, Cranial or Peripheral Nerve Disorders, Epilepsy or Head Injury, with CC Score 3-5", 761.95, 5230.82, 572.10, 2814.41),
        _of("BZ24G", "Non-Surgical Ophthalmology without Interventions, with CC Score 0-1", 518.50, 1602.23, 470.79, 2996.09),
        _of("DZ11S", "Lobar, Atypical or Viral Pneumonia, without Interventions, with CC Score 10-13", 450.73, 4259.19, 760.40, 4027.17),
        _of("DZ17U", "Respiratory Neoplasms without Interventions, with CC Score 4-7", 367.50, 2659.39, 803.00, 3746.22),
        _of("EB03D", "Heart Failure or Shock, with CC Score 4-7", 555.68, 2130.28, 611.97, 3045.50),
        _of("EB07D", "Arrhythmia or Conduction Disorders, with CC Score 4-6", 1000.95, 1559.38, 562.56, 2630.55),
        _of("FD10M", "Non-Malignant Gastrointestinal Tract Disorders without Interventions, with CC Score 0-2", 613.03, 1827.69, 539.25, 2786.73),
        _of("FD11J", "Malignant Gastrointestinal Tract Disorders without Interventions, with CC Score 3-4", 292.13, 3339.82, 790.36, 4159.86),
        _of("FE22Z", "Diagnostic Endoscopic Upper Gastrointestinal Tract Procedures, 19 years and over", 680.40, 1535.96, 900.41, 2009.15),
        _of("FE31Z", "Diagnostic Colonoscopy with Biopsy, 19 years and over", 1030.69, 1692.81, 941.92, 5960.81),
        _of("FF31D", "Complex Large Intestine Procedures, 19 years and over, with CC Score 0-2", 4627.89, 12631.01, 5946.67, 12578.19),
        _of("HD23J", "Inflammatory, Spine, Joint or Connective Tissue Disorders, with CC Score 0-2", 525.61, 1645.56, 366.11, 3002.15),
        _of("HD40G", "Malignancy, of Bone or Connective Tissue, with CC Score 2-4", 396.70, 3604.78, 727.82, 3996.94),
        _of("JA12L", "Malignant Breast Disorders without Interventions, with CC Score 0-1", 345.73, 2254.61, 520.20, 2666.04),
        _of("JA20F", "Unilateral Major Breast Procedures with CC Score 0-2", 4016.25, 5881.71, 3490.62, 7823.57),
        _of("JC42C", "Intermediate Skin Procedures, 19 years and over", 1572.81, 2466.94, 1240.31, 3688.12),
        _of("KC04B", "Inborn Errors of Metabolism with CC Score 0-2", 217.40, 1046.28, 484.57, 2625.36),
        _of("LA04Q", "Kidney or Urinary Tract Infections, without Interventions, with CC Score 4-7", 401.71, 3404.45, 667.74, 3619.95),
        _of("LA09Q", "General Renal Disorders without Interventions, with CC Score 0-2", 504.78, 1492.71, 560.57, 2376.07),
        _of("LB06R", "Kidney, Urinary Tract or Prostate Neoplasms, without Interventions, with CC Score 2-3", 314.55, 2171.60, 918.47, 3722.60),
        _of("MA06C", "Major, Open or Laparoscopic, Upper or Lower Genital Tract Procedures for Malignancy, with CC Score 0-1", 3844.75, 6875.44, 5359.69, 8366.55),
        _of("MB05K", "Malignant Gynaecological Disorders without Interventions, with CC Score 2-3", 384.27, 3207.98, 678.18, 4391.24),
        _of("PD14E", "Paediatric Lower Respiratory Tract Disorders without Acute Bronchiolitis, with CC Score 1", 631.27, 2916.60, 838.07, 3826.50),
        _of("PF26B", "Paediatric Other Gastrointestinal Disorders with CC Score 1-3", 719.20, 4921.49, 704.06, 5043.31),
        _of("PL70D", "Paediatric Other Renal Diseases with CC Score 0", 627.22, 2142.47, 553.23, 3383.79),
        _of("PR01C", "Paediatric Nervous System Disorders with CC Score 2-4", 1383.80, 3714.22, 890.64, 6120.75),
        _of("PR01E", "Paediatric Nervous System Disorders with CC Score 0", 1158.03, 2034.87, 689.19, 4024.15),
        _of("PR02B", "Paediatric Epilepsy Syndrome with CC Score 1-5", 1248.19, 4448.26, 884.44, 5078.66),
        _of("PR02C", "Paediatric Epilepsy Syndrome with CC Score 0", 1076.99, 3282.01, 812.22, 4557.40),
        _of("PW01B", "Paediatric Minor Infections with CC Score 1-3", 686.57, 974.25, 753.22, 3013.58),
        _of("PX57B", "Paediatric, Examination, Follow-up, Special Screening or Other Admissions, with CC Score 1-3", 726.61, 2280.58, 744.65, 2846.13),
        _of("PX57C", "Paediatric, Examination, Follow-up, Special Screening or Other Admissions, with CC Score 0", 635.50, 1489.12, 650.16, 2572.77),
        _of("SB12Z", "Deliver Simple Parenteral Chemotherapy at First Attendance", 435.51, 2151.99, 688.10, 15092.38),
        _of("SB14Z", "Deliver Complex Chemotherapy, including Prolonged Infusional Treatment, at First Attendance", 571.26, 2836.73, 608.07, 9687.76),
        _of("SB15Z", "Deliver Subsequent Elements of a Chemotherapy Cycle", 438.41, 1859.75, 688.73, 5632.55),
        _of("WJ06J", "Sepsis without Interventions, with CC Score 0-4", 437.00, 3385.57, 729.04, 3430.68),
    )
})
# fmt: on
