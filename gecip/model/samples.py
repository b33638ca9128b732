"""The samples on their way from the centre to the sequencer."""

from __future__ import annotations

from gecip.model.table import Reference, Sensitivity, Table, date, decimal, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL


class ClinicSample(Table):
    """One row for each sample that a clinic took; the real table has some fifty columns more."""

    name = "clinic_sample"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    clinic_sample_id = integer("Number of the sample in the clinic.", sensitivity=_ID)
    clinic_sample_datetime = date("Day on which the sample was taken.", sensitivity=_QUASI)


class LaboratorySample(Table):
    """One row for each sample that a centre's laboratory sent to the biorepository."""

    name = "laboratory_sample"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    laboratory_sample_id = integer("Number of the laboratory sample.", sensitivity=_ID)
    laboratory_sample_gmc_ods_code = text(
        "ODS code of the centre that took the sample.", code_system="ODS", sensitivity=_QUASI
    )
    laboratory_sample_gmc_trust = text("NHS trust that took the sample.", sensitivity=_QUASI)
    sample_type = text(
        "What was sampled; the wording is an assumption.", sensitivity=_TECHNICAL, assumption=True
    )
    sample_preparation_method = text("How the sample was preserved.", sensitivity=_TECHNICAL)
    tumour_germline_omics = text(
        "Whether the sample is of the tumour, of the germline or for other omics.",
        sensitivity=_TECHNICAL,
    )
    sample_received_at_biorepository = text(
        "Whether the biorepository received the sample.", sensitivity=_TECHNICAL
    )


class LaboratorySampleOmicsAvailability(Table):
    """One row for each laboratory sample of which aliquots for other omics are left."""

    name = "laboratory_sample_omics_availability"
    person_column = "laboratory_sample_id"
    person_key = "laboratory_sample.laboratory_sample_id"
    references = (Reference("laboratory_sample_id", "laboratory_sample", "laboratory_sample_id"),)

    laboratory_sample_id = integer(
        "Number of the laboratory sample.", sensitivity=_ID, required=True
    )
    sample_type = text("What was sampled.", sensitivity=_TECHNICAL)
    aliquots = integer("Number of aliquots left.", sensitivity=_TECHNICAL)


class PlatedSample(Table):
    """One row for each sample on a plate that went to the sequencing provider."""

    name = "plated_sample"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    platekey = text("Plate barcode and well of the sample.", sensitivity=_ID)
    plate_id = text("Barcode of the plate.", sensitivity=_ID)
    well_id = text("Well on the plate, A01 to H12.", sensitivity=_TECHNICAL)
    laboratory_sample_id = integer("Number of the laboratory sample.", sensitivity=_ID)
    biorepository_dispatch_datetime = date(
        "Day on which the plate left the biorepository.", sensitivity=_QUASI
    )
    illumina_qc_datetime = date(
        "Day of the sequencing provider's quality control.", sensitivity=_QUASI
    )
    illumina_dna_amount = decimal("Amount of DNA at that control.", sensitivity=_TECHNICAL)
    illumina_delta_cq = decimal(
        "How much later than a control the DNA amplifies.", sensitivity=_TECHNICAL
    )
    illumina_qc_status = text("Outcome of that control.", sensitivity=_TECHNICAL)
    illumina_sample_concentration = decimal(
        "Concentration of the DNA at that control.", sensitivity=_TECHNICAL
    )
    illumina_sequence_gender = text("Sex as the sequence shows it.", sensitivity=_QUASI)
    matched_sample_type = text(
        "Kind of the sample to which this one is matched, as a tumour to its germline.",
        sensitivity=_TECHNICAL,
    )
    matched_sample_ids = text("Samples to which this one is matched.", sensitivity=_ID)
