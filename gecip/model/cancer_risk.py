"""What raises the risk of a cancer, as the centres asked patients of the cancer arm.

The columns are those that the user guide's tutorial on cancer cohorts asks for; the real tables have more,
which are kept and can be read.
"""

from __future__ import annotations

from gecip.model.table import Sensitivity, Table, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER

# The tutorial asks for the first; the others are assumptions.
SMOKING = ("Current smoker", "Ex smoker", "Never smoked", "Unknown")


class CancerRiskFactorGeneral(Table):
    """One row for each patient who was asked for risk factors of any cancer."""

    name = "cancer_risk_factor_general"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    smoking_status = text(
        "Whether the participant smokes or has smoked; all words but the first are assumptions.",
        values=SMOKING,
        sensitivity=_QUASI,
        assumption=True,
    )


class CancerRiskFactorCancerSpecific(Table):
    """One row for each patient who was asked for risk factors of the cancer at hand."""

    name = "cancer_risk_factor_cancer_specific"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    cancer_type = text("The cancer of which these are risk factors.", alias="cancer")
    age_of_menarche = integer("Age at the first menstruation, in years.", sensitivity=_QUASI)
    age_of_menopause = integer("Age at the last menstruation, in years.", sensitivity=_QUASI)
    number_of_pregnancies = integer("Number of pregnancies.", sensitivity=_QUASI)
