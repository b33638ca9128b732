"""Quality and whereabouts of sequenced tumours: the columns that an analysis filters by, and the paths of files.

Limits are those of the somatic aggregate's samples (tumours below 5 % of contamination, germline
samples below 3 %); the distributions within them, and the folders, are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.model.cancer_staging import Cancer100KGenomesRealignedOnPipeline2
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.random_streams import draw_freely, random_stream

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, Any]

STUDY_NAMES: Mapping[str, str] = {
    "LUAD": "Lung adenocarcinoma",
    "COAD": "Colon adenocarcinoma",
    "BRCA": "Breast invasive carcinoma",
    "KIRC": "Kidney renal clear cell carcinoma",
    "SKCM": "Skin cutaneous melanoma",
    "UCEC": "Uterine corpus endometrial carcinoma",
    "SARC": "Sarcoma",
}
HISTOLOGIES: Mapping[str, str] = {
    "8140/3": "Adenocarcinoma, NOS",
    "8500/3": "Infiltrating duct carcinoma, NOS",
    "8310/3": "Clear cell adenocarcinoma, NOS",
    "8720/3": "Malignant melanoma, NOS",
    "8380/3": "Endometrioid adenocarcinoma, NOS",
    "8890/3": "Leiomyosarcoma, NOS",
}
_SOURCES = {"SURGICAL_RESECTION": 0.8, "USS_GUIDED_BIOPSY": 0.14, "NON_GUIDED_BIOPSY": 0.06}
_LIBRARIES = {"PCRfree": 0.92, "nano": 0.08}
# Of how many samples another person's share is below one percent.
_CLEAN_SHARE = 0.93
_MOST_IN_TUMOUR, _MOST_IN_GERMLINE = 5.0, 3.0
SHARE_REALIGNED = 0.95


def quality_columns(
    seed: int, waited: npt.NDArray[np.int64], male: npt.NDArray[np.bool_]
) -> Columns:
    """Return the columns of `cancer_analysis` on the samples' quality.

    Parameters
    ----------
    waited
        Days from each tumour's diagnosis to its sampling.
    """
    stream = random_stream(seed, "tables/cancer_analysis/quality")
    size = len(waited)
    unmatched = stream.random((2, size)) < np.array([[0.08], [0.15]])
    differences = [
        np.where(missing, np.nan, (waited + stream.integers(-3, 8, size=size)).clip(min=0))
        for missing in unmatched
    ]
    return {
        "av_tum_date_difference": differences[0],
        "apc_date_difference": differences[1],
        "karyotype_sex": np.where(male, "XY", "XX"),
        "tissue_source": draw_freely(stream, _SOURCES, size=size),
        "library_type": draw_freely(stream, _LIBRARIES, size=size),
        "at_drop": stream.gamma(12, 3.1 / 12, size=size).round(2),
        "gc_drop": stream.gamma(4, 0.5, size=size).round(2),
        "chimeric_percentage": stream.gamma(6, 0.05, size=size).round(2),
        "average_fragment_size": stream.normal(480, 35, size=size).clip(min=280).round(1),
        "tumour_sample_cross_contamination_percentage": _contamination(
            stream, size, _MOST_IN_TUMOUR
        ),
        "germline_sample_cross_contamination_percentage": _contamination(
            stream, size, _MOST_IN_GERMLINE
        ),
    }


def _contamination(stream: np.random.Generator, size: int, most: float) -> list[str]:
    """Return shares in percent as the table has them: a number, or that it is below one."""
    chances, values = stream.random(size), stream.uniform(1, most, size=size)
    return [
        "<1" if chance < _CLEAN_SHARE else f"{value:.2f}"
        for chance, value in zip(chances, values, strict=True)
    ]


def path_columns(tumours: Sequence[str], germline: Sequence[str]) -> Columns:
    """Return where the interpretation's files lie; in a synthetic release these paths lead nowhere."""
    pairs = [
        (f"/genomes/analysis/{tumour}_{normal}", f"{tumour}_{normal}")
        for tumour, normal in zip(tumours, germline, strict=True)
    ]
    return {
        name: [f"{folder}/{stem}{ending}" for folder, stem in pairs]
        for name, ending in (
            ("tumour_sv_vcf", ".somatic.SV.vcf.gz"),
            ("somatic_small_variants_vcf_path", ".somatic.vcf.gz"),
            ("somatic_small_variants_annotation_vcf", ".somatic.annotated.vcf.gz"),
            ("small_variants_tiering_path", ".tiering.json"),
            ("sv_tiering_path", ".sv.tiering.json"),
            ("cnv_tiering_path", ".cnv.tiering.json"),
            ("analysis_csv_filepath", ".csv"),
            ("analysis_html_filepath", ".html"),
        )
    }


def realigned_rows(seed: int, tumours: Sequence[tuple[int, str]]) -> pd.DataFrame:
    """Return one row for each tumour that was aligned again; none of them is of blood.

    Parameters
    ----------
    tumours
        Participant and sample of each tumour.
    """
    table = Cancer100KGenomesRealignedOnPipeline2
    stream = random_stream(seed, f"tables/{table.name}")
    kept = [
        tumour
        for tumour, chance in zip(tumours, stream.random(len(tumours)), strict=True)
        if chance < SHARE_REALIGNED
    ]
    return frame_of(
        table,
        {
            "participant_id": [number for number, _ in kept],
            "tumour_sample_platekey": [name for _, name in kept],
            **{
                column: [f"/genomes/realigned/{name}/{name}.dragen.{ending}" for _, name in kept]
                for column, ending in (
                    ("somatic_small_variants_vcf_path", "hard-filtered.vcf.gz"),
                    ("somatic_small_variants_annotation_vcf", "hard-filtered.annotated.vcf.gz"),
                    ("somatic_sv_vcf", "sv.vcf.gz"),
                    ("somatic_cnv_vcf", "cnv.vcf.gz"),
                )
            },
        },
    )
