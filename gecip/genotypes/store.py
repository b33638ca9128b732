"""The local genotype store: chunks of the aggregate as Hail MatrixTables, written once, read many times.

A store belongs to one making of a release, one word on consent and one version of gecip and Hail: when
any of them changes, another store is written. It holds the samples that may be used on that day and no
others. Loading asks for chunks; those that no store has yet are written together into a new one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.configuration import cache_folder
from gecip.errors import GenotypesError, InputError
from gecip.genotypes.session import hail_session
from gecip.genotypes.vcf_import import (
    PartialGenotypes,
    import_annotation,
    import_genotypes,
    partitions_for,
)
from gecip.progress import step
from gecip.provenance import digest_of, software_versions
from gecip.release.layout import Chunk
from gecip.release.opening import Release
from gecip.writing import new_folder

if TYPE_CHECKING:
    import hail as hl

STORE_FORMAT = 1
CONTENTS = "contents.json"


@dataclass(frozen=True)
class Store:
    """One MatrixTable on disk and the names of the chunks in it."""

    folder: Path
    chunks: frozenset[str]

    def read(self) -> hl.MatrixTable:
        """Return the store's MatrixTable, unread until used."""
        import hail as hl

        return hl.read_matrix_table(str(self.folder / "genotypes.mt"))


def load_release(release: Release, *, partial_genotypes: PartialGenotypes = "keep") -> int:
    """Load the whole germline aggregate into the local store; return how many chunks were new."""
    return len(load_chunks(release, release.chunks, partial_genotypes=partial_genotypes)[1])


def load_chunks(
    release: Release, chunks: Sequence[Chunk], *, partial_genotypes: PartialGenotypes
) -> tuple[tuple[Store, ...], tuple[Chunk, ...]]:
    """Return the stores that together hold `chunks`, and the chunks that had to be loaded now.

    Raises
    ------
    GenotypesError
        When the release's genomes are on another assembly than GRCh38, or a chunk's file is missing.
    """
    if release.assembly != "GRCh38":
        raise GenotypesError(
            f"The genomes of release {release.name} are on {release.assembly}, and everything they are joined with is on "
            "GRCh38: lift the VCFs over (for example with bcftools +liftover) and import the release again."
        )
    for chunk in chunks:
        for file in filter(None, (chunk.genotypes, chunk.annotation)):
            if not file.is_file():
                raise GenotypesError(
                    f"{file}: this file of the aggregate is missing: restore it, or make the release again."
                )
    place = stores_of(release, partial_genotypes)
    wanted = {chunk.name: chunk for chunk in chunks}
    there = [store for store in find_stores(place) if store.chunks & wanted.keys()]
    missing = tuple(
        chunk for name, chunk in wanted.items() if not any(name in store.chunks for store in there)
    )
    if missing:
        there.append(_write(release, missing, place, partial_genotypes))
    return tuple(_fewest(there, frozenset(wanted))), missing


def stores_of(release: Release, partial_genotypes: PartialGenotypes) -> Path:
    """Return the folder of the stores that fit this release, today's consent and this software."""
    versions = software_versions()
    identity = digest_of(
        [
            release.manifest.digest,
            str(release.folder) if not release.manifest.digest else "",
            release.consent.digest,
            [
                [chunk.name, *_stamp(chunk.genotypes), *_stamp(chunk.annotation)]
                for chunk in release.chunks
            ],
            [STORE_FORMAT, versions["hail"], partial_genotypes],
        ]
    )
    return cache_folder() / "genotypes" / f"{release.name}-{identity}"


def find_stores(place: Path) -> list[Store]:
    """Return the whole stores in a folder; what is half-written has another name and is not seen."""
    stores = []
    for contents in sorted(place.glob(f"*/{CONTENTS}")):
        try:
            chunks = json.loads(contents.read_text(encoding="utf-8"))["chunks"]
        except (OSError, ValueError, KeyError):
            continue  # a store that vanished or is damaged is written again
        if (
            not contents.parent.name.startswith(".")
            and (contents.parent / "genotypes.mt" / "_SUCCESS").exists()
        ):
            stores.append(Store(contents.parent, frozenset(chunks)))
    return stores


def _write(
    release: Release, chunks: tuple[Chunk, ...], place: Path, partial_genotypes: PartialGenotypes
) -> Store:
    import hail as hl

    hail_session()
    names = [chunk.name for chunk in chunks]
    destination = place / digest_of(names)
    title = f"Loading {len(chunks):,} chunk{'s' if len(chunks) > 1 else ''} of release {release.name} into Hail"
    if destination.exists():
        shutil.rmtree(destination)  # find_stores found it damaged
    try:
        with step(title), new_folder(destination) as partial:
            keep = partial_genotypes if release.manifest.partial_genotypes != 0 else "missing"
            mt = import_genotypes(
                [c.genotypes for c in chunks], partial_genotypes=keep, assembly=release.assembly
            )
            usable = release.consent.samples
            samples = mt.s.collect()
            places = [place for place, sample in enumerate(samples) if sample in usable]
            if len(places) < len(samples):
                mt = mt.choose_cols(places)
            annotated = [chunk.annotation for chunk in chunks if chunk.annotation]
            if annotated:
                annotation = import_annotation(annotated, assembly=release.assembly)
                mt = mt.annotate_rows(annotation=annotation[mt.row_key].annotation)
            fewer = partitions_for([c.genotypes for c in chunks])
            if mt.n_partitions() > fewer:
                mt = mt.naive_coalesce(fewer)
            mt.write(str(partial / "genotypes.mt"))
            (partial / CONTENTS).write_text(json.dumps({"chunks": names}), encoding="utf-8")
    except InputError:
        # Another process may have written the same store meanwhile: then there is nothing left to do.
        for store in find_stores(place):
            if store.folder == destination:
                return store
        raise
    except hl.utils.java.FatalError as error:
        raise GenotypesError(_why_not_loaded(error, release)) from None
    return Store(destination, frozenset(names))


def _why_not_loaded(error: Exception, release: Release) -> str:
    first_line = str(error).splitlines()[0]
    return (
        f"Hail could not read the genomes of release {release.name} ({first_line}): "
        "check the files with `gecip validate`, and restore the damaged one."
    )


def _fewest(stores: Sequence[Store], wanted: frozenset[str]) -> list[Store]:
    """Return stores that cover what is wanted, the most useful first, each chunk from one store only."""
    chosen, left = [], set(wanted)
    for store in sorted(stores, key=lambda store: len(store.chunks & wanted), reverse=True):
        if store.chunks & left:
            chosen.append(store)
            left -= store.chunks
    return chosen


def _stamp(file: Path | None) -> tuple[int, int]:
    """Return what changes when a file is replaced: its size and time."""
    if file is None or not file.exists():
        return (0, 0)
    status = file.stat()
    return (status.st_size, status.st_mtime_ns)
