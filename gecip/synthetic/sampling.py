"""Who was sequenced: samples with their plates, coverage, and whether the aggregate holds them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gecip.synthetic.casting import Part
from gecip.synthetic.consenting import Consent, Consents
from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Recruits, Words
from gecip.synthetic.sample_mishaps import GeneticTruth, Mishaps
from gecip.synthetic.sequencing import Samples

# People whose genome was aligned to GRCh37 only; the aggregate has none of them.
OLDER_BUILD_SHARE = 0.025


def platekeys(seed: int, name: str, size: int, *, first_plate: int) -> Words:
    """Return distinct sample names such as `LP3000204-DNA_B11`, in an order that says nothing of people."""
    stream = random_stream(seed, name)
    wells = [f"{row}{column:02d}" for row in "ABCDEFGH" for column in range(1, 13)]
    plates = -(-size // len(wells))
    names = [
        f"LP{first_plate + 7 * plate:07d}-DNA_{well}" for plate in range(plates) for well in wells
    ]
    return np.array(names, dtype=object)[stream.permutation(len(names))[:size]]


def draw_samples(
    seed: int,
    recruits: Recruits,
    plan: DiseasePlan,
    consents: Consents,
    *,
    mishaps: Mishaps,
    truth: GeneticTruth,
) -> Samples:
    """Return the samples of the aggregate, in the order of their names, as its VCFs have them.

    Everyone recruited was sequenced; the genomes of a few ordinary people are on the older build and
    left out, but for those to whom something happened and their families. Those who withdrew are in.
    """
    people = recruits.people
    stream = random_stream(seed, "samples")
    recruited = np.flatnonzero(people.recruited)
    kept_families = set(people.family[list(mishaps.people)].tolist())
    ordinary = np.array(
        [
            consents[person] is Consent.GIVEN
            and people.family[person] not in kept_families
            and (people.family[person] < 0 or plan.parts[people.family[person]] is Part.ORDINARY)
            for person in recruited
        ]
    )
    older = ordinary & (stream.random(len(recruited)) < OLDER_BUILD_SHARE)
    names = platekeys(
        seed, "platekeys", len(recruited), first_plate=3_000_000 + 7 * recruits.block.plates
    )
    coverage = 25.8 + stream.gamma(3.0, 4.9, size=len(recruited))
    kept = np.flatnonzero(~older)
    kept = kept[np.argsort(names[kept].astype(str), kind="stable")]
    return Samples(
        people=recruited[kept],
        platekeys=tuple(str(name) for name in names[kept]),
        male=truth.male[recruited[kept]],
        coverage=coverage[kept],
    )


def people_on_older_build(recruits: Recruits, samples: Samples) -> npt.NDArray[np.int64]:
    """Return the recruited people whom the aggregate does not hold."""
    recruited = np.flatnonzero(recruits.people.recruited)
    return np.setdiff1d(recruited, samples.people)
