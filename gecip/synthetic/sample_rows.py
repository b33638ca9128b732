"""Samples on their way from the clinic to the genome: laboratory, plate, sequencing, delivery.

All of it is built back from the delivered files, so that every sample, plate and delivery is the same
in every table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gecip.model.genomes import (
    AggregateGvcfSampleStats,
    GenomeFilePathsAndTypes,
    SequencingReport,
)
from gecip.model.samples import (
    ClinicSample,
    LaboratorySample,
    LaboratorySampleOmicsAvailability,
    PlatedSample,
)
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import (
    Programme,
    frame_of,
    genome_file_rows,
    sample_stats_rows,
)
from gecip.synthetic.life_dates import CENTRES, draw_days, only_where

if TYPE_CHECKING:
    import pandas as pd

# Share of participants who gave samples for other omics too, and which; assumptions.
SHARE_WITH_OMICS = 0.6
OMICS_SAMPLES = ("RNA Blood", "SST Serum", "EDTA Plasma", "Streck Plasma")
_MOST_ALIQUOTS = 6
_GERMLINE_TYPES = {
    "BLOOD": "DNA Blood Germline",
    "SALIVA": "DNA Saliva Germline",
    "TISSUE": "DNA FF Germline",
    "FIBROBLAST": "DNA Fibroblast Germline",
}
_TUMOUR_TYPE = "DNA FF Tumour"
_FIRST_OMICS_SAMPLE = 2_000_000_000
_FIRST_CLINIC_SAMPLE = 3_000_000_000


@dataclass(frozen=True)
class SampleTables:
    """The rows of the tables of samples and genomes."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...] = ()

    @property
    def files(self) -> pd.DataFrame:
        """The rows of `genome_file_paths_and_types`."""
        return self.rows[GenomeFilePathsAndTypes]

    @property
    def stats(self) -> pd.DataFrame:
        """The rows of `aggregate_gvcf_sample_stats`."""
        return self.rows[AggregateGvcfSampleStats]


def draw_sample_tables(programme: Programme) -> SampleTables:
    """Return the tables of samples, plates, deliveries and files."""
    files, stats = genome_file_rows(programme), sample_stats_rows(programme)
    samples = sequenced_samples(programme, files, stats)
    sent, left = laboratory_sample_rows(programme, samples)
    return SampleTables(
        {
            GenomeFilePathsAndTypes: files,
            AggregateGvcfSampleStats: stats,
            SequencingReport: sequencing_report_rows(files),
            PlatedSample: plated_sample_rows(programme, samples),
            ClinicSample: clinic_sample_rows(programme, samples),
            LaboratorySample: sent,
            LaboratorySampleOmicsAvailability: left,
        }
    )


def sequencing_report_rows(files: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each delivery of a genome.

    Parameters
    ----------
    files
        The rows of `genome_file_paths_and_types`.
    """
    deliveries = files.drop_duplicates(["platekey", "delivery_id"])
    # A file lies two steps below its delivery: in `Assembly` or `Variations`.
    folder = deliveries["file_path"].str.rsplit("/", n=2).str[0]
    shown = deliveries.assign(path=folder)
    return frame_of(
        SequencingReport, {name: shown[name].to_numpy() for name in SequencingReport.columns}
    )


def clinic_sample_rows(programme: Programme, samples: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each sequenced sample as the clinic took it, weeks before its first delivery.

    Parameters
    ----------
    samples
        Sequenced samples, as `sequenced_samples` returns them.
    """
    stream = programme.stream(ClinicSample)
    delivered = samples["first_delivery"].to_numpy(dtype="datetime64[D]")
    before = stream.integers(70, 130, size=len(samples)).astype("timedelta64[D]")
    return frame_of(
        ClinicSample,
        {
            "participant_id": samples["participant_id"].to_numpy(),
            "clinic_sample_id": np.arange(len(samples)) + _FIRST_CLINIC_SAMPLE,
            "clinic_sample_datetime": delivered - before,
        },
    )


def plated_sample_rows(programme: Programme, samples: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each plated sample; a tumour's is matched to its participant's germline.

    Parameters
    ----------
    samples
        Sequenced samples, as `sequenced_samples` returns them.
    """
    stream = programme.stream(PlatedSample)
    size = len(samples)
    plate = samples["platekey"].astype(str).str.rsplit("-DNA_", n=1)
    delivered = samples["first_delivery"].to_numpy(dtype="datetime64[D]")
    sent = delivered - stream.integers(25, 55, size=size).astype("timedelta64[D]")
    matched = _matched(samples)
    amount = stream.normal(11.0, 2.5, size=size).clip(2.0, 30.0)
    return frame_of(
        PlatedSample,
        {
            "participant_id": samples["participant_id"].to_numpy(),
            "platekey": samples["platekey"].to_numpy(),
            "plate_id": plate.str[0].to_numpy(),
            "well_id": plate.str[1].to_numpy(),
            "laboratory_sample_id": samples["lab_sample_id"].to_numpy(),
            "biorepository_dispatch_datetime": sent,
            "illumina_qc_datetime": draw_days(stream, sent, shortest=2, longest=15),
            "illumina_dna_amount": amount.round(2),
            "illumina_delta_cq": stream.normal(0.2, 0.5, size=size).round(2),
            "illumina_qc_status": np.full(size, "Pass", dtype=object),
            "illumina_sample_concentration": (amount * stream.uniform(4, 7, size=size)).round(1),
            "illumina_sequence_gender": np.where(samples["male"], "Male", "Female"),
            "matched_sample_type": only_where(
                matched != "", np.where(samples["tumour"], "Germline", "Tumour")
            ),
            "matched_sample_ids": only_where(matched != "", matched),
        },
    )


def _matched(samples: pd.DataFrame) -> np.ndarray:
    """Return the platekeys to which each sample is matched: a tumour's germline and a germline's tumour."""
    of_cancer = samples[samples["type"].astype(str).str.startswith("cancer")]
    keys = {
        tumour: of_cancer[of_cancer["tumour"] == tumour]
        .groupby("participant_id")["platekey"]
        .agg(";".join)
        for tumour in (True, False)
    }
    cancer = samples["type"].astype(str).str.startswith("cancer").to_numpy()
    found = [
        samples["participant_id"].map(keys[not tumour]).fillna("").to_numpy(dtype=object)
        for tumour in (False, True)
    ]
    matched: np.ndarray = np.where(samples["tumour"], found[1], found[0])
    return np.where(cancer, matched, "")


def sequenced_samples(
    programme: Programme, files: pd.DataFrame, stats: pd.DataFrame
) -> pd.DataFrame:
    """Return one row for each sequenced sample: whose, of what, from which centre, and when first delivered.

    Parameters
    ----------
    files, stats
        The rows of `genome_file_paths_and_types` and `aggregate_gvcf_sample_stats`.
    """
    first = files.sort_values(["platekey", "delivery_date"], kind="stable").drop_duplicates(
        "platekey"
    )
    people = programme.recruits.people
    place = {int(number): at for at, number in enumerate(people.number.tolist()) if number}
    places = np.array([place[int(number)] for number in first["participant_id"]], dtype=np.int64)
    known = stats.set_index("platekey")
    source = first["platekey"].map(known["sample_source"]).fillna("BLOOD")
    karyotype = first["platekey"].map(known["karyotype"])
    male = np.where(karyotype.isna(), people.male[places], karyotype == "XY")
    tumour = first["type"].astype(str).str.endswith("somatic")
    samples = first.assign(
        place=places,
        male=male.astype(bool),
        tumour=tumour,
        source=source,
        first_delivery=first["delivery_date"],
    )
    return samples.sort_values(["participant_id", "platekey"], kind="stable").reset_index(drop=True)


def laboratory_sample_rows(
    programme: Programme, samples: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the samples that centres sent, and of which of them aliquots for other omics are left."""
    import pandas as pd

    stream = programme.stream(LaboratorySample)
    kinds = samples["source"].map(_GERMLINE_TYPES)
    dna = pd.DataFrame(
        {
            "participant_id": samples["participant_id"],
            "place": samples["place"],
            "laboratory_sample_id": samples["lab_sample_id"],
            "sample_type": np.where(samples["tumour"], _TUMOUR_TYPE, kinds),
            "sample_preparation_method": _preparation(samples),
            "tumour_germline_omics": np.where(samples["tumour"], "Tumour", "Germline"),
        }
    )
    omics = _omics(stream, samples)
    rows = pd.concat([dna, omics], ignore_index=True).sort_values(
        ["participant_id", "laboratory_sample_id"], kind="stable"
    )
    centre = programme.dates.centre[rows["place"].to_numpy(dtype=np.int64)]
    rows["laboratory_sample_gmc_ods_code"] = [CENTRES[at].code for at in centre]
    rows["laboratory_sample_gmc_trust"] = [CENTRES[at].trust for at in centre]
    rows["sample_received_at_biorepository"] = "Yes"
    left = omics.assign(aliquots=stream.integers(1, _MOST_ALIQUOTS + 1, size=len(omics)))
    return (
        frame_of(
            LaboratorySample, {name: rows[name].to_numpy() for name in LaboratorySample.columns}
        ),
        frame_of(
            LaboratorySampleOmicsAvailability,
            {name: left[name].to_numpy() for name in LaboratorySampleOmicsAvailability.columns},
        ),
    )


def _preparation(samples: pd.DataFrame) -> Any:
    return np.where(
        samples["tumour"], "FF", np.where(samples["source"] == "SALIVA", "ORAGENE", "EDTA")
    )


def _omics(stream: np.random.Generator, samples: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each sample that was taken for other omics, by those who gave any."""
    import pandas as pd

    givers = samples.drop_duplicates("participant_id")
    givers = givers[stream.random(len(givers)) < SHARE_WITH_OMICS]
    taken = stream.random((len(givers), len(OMICS_SAMPLES))) < 0.8
    who, which = np.nonzero(taken)
    numbers = stream.permutation(3 * len(who) + 1)[: len(who)]
    return pd.DataFrame(
        {
            "participant_id": givers["participant_id"].to_numpy()[who],
            "place": givers["place"].to_numpy()[who],
            "laboratory_sample_id": _FIRST_OMICS_SAMPLE + numbers,
            "sample_type": np.array(OMICS_SAMPLES, dtype=object)[which],
            "sample_preparation_method": np.array(
                [kind.split()[0] for kind in OMICS_SAMPLES], dtype=object
            )[which],
            "tumour_germline_omics": "Omics",
        }
    )
