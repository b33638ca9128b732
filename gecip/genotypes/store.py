"""The local genotype store: chunks of the aggregate as Hail MatrixTables, written once, read many times.

```
<stores>/<release>-<digest>/                one making of a callset, one format, one Hail
  samples-<digest>.txt                      the samples of stores, in order
  <digest>/                                 a store: chunks that were loaded together
    contents.json                           which chunks, from which files
    genotypes.mt
    compact/                                the same calls at two bits each: gecip.genotypes.compact
    sites.parquet                           what the files say of each variant: gecip.genotypes.site_table
```

A store takes in the samples that may be used on the day when it is written and no others; who
withdraws later is left out when it is read. It is whole or not there: it is written under a hidden name
and renamed. A store whose files have changed, vanished or been damaged is not used and written again.
"""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.configuration import cache_folder
from gecip.errors import GenotypesError
from gecip.genotypes.cache import hold, make_room, open_to_domain, stores_folder
from gecip.genotypes.callset import Callset, germline_callset
from gecip.genotypes.compact import COMPACT
from gecip.genotypes.consent_today import GERMLINE
from gecip.genotypes.partial_calls import count_partial_calls
from gecip.genotypes.session import hail_session
from gecip.genotypes.site_table import write_sites
from gecip.genotypes.spark_progress import can_show
from gecip.genotypes.vcf_genotypes import compact_from_vcfs
from gecip.genotypes.vcf_import import (
    PartialGenotypes,
    csq_fields,
    import_annotation,
    import_genotypes,
    import_sites,
    parse_csq,
    read_header,
)
from gecip.progress import progress_bar, say, step
from gecip.provenance import digest_of, software_versions
from gecip.release.layout import Chunk
from gecip.release.opening import Release
from gecip.writing import aside, new_file, new_folder, sole_user

if TYPE_CHECKING:
    import hail as hl

STORE_FORMAT = 5
CONTENTS = "contents.json"
MATRIX = "genotypes.mt"

# Chunks are loaded together up to this size, so that a kill loses little and small ones cost little.
BATCH_BYTES = 128 * 1024 * 1024
SECONDS_WORTH_AN_ESTIMATE = 60.0


@dataclass(frozen=True)
class Store:
    """One MatrixTable on disk: the chunks in it and its samples, in order.

    `variants` and `bytes` are how many rows it has and how large it is; `partial_calls` of how many calls only
    one allele was known, None where that was not counted; `bare` whether its files say nothing of variants
    that a filter could look at (`gecip.genotypes.site_table`).
    """

    folder: Path
    chunks: frozenset[str]
    samples: tuple[str, ...]
    variants: int = 0
    bytes: int = 0
    partial_calls: int | None = None
    bare: bool = False

    def read(self, intervals: Sequence[hl.Interval] | None = None) -> hl.MatrixTable:
        """Return the store's MatrixTable, or what of it lies in the intervals, unread until used."""
        import hail as hl

        mt = hl.read_matrix_table(str(self.folder / MATRIX))
        return mt if intervals is None else hl.filter_intervals(mt, list(intervals))


def load_release(release: Release, *, partial_genotypes: PartialGenotypes = "keep") -> int:
    """Load the whole germline aggregate into the local store; return how many chunks were new.

    What is there already is left, so that a run that was cut off is continued by the next.
    """
    callset = germline_callset(release)
    release.record("callset", GERMLINE)
    return len(load_chunks(callset, release.chunks, partial_genotypes=partial_genotypes)[1])


def load_chunks(
    callset: Callset, chunks: Sequence[Chunk], *, partial_genotypes: PartialGenotypes
) -> tuple[tuple[Store, ...], tuple[Chunk, ...]]:
    """Return the stores that together hold `chunks`, and the chunks that had to be loaded now.

    Raises
    ------
    GenotypesError
        When the release's genomes are on another assembly than GRCh38, or a chunk's file is missing
        or damaged.
    SessionError
        When Hail cannot be started or dies.
    """
    require_grch38(callset.release)
    shelf = _Shelf(callset, partial_genotypes)
    wanted = {chunk.name: chunk for chunk in chunks}
    loaded: dict[str, Chunk] = {}
    while True:
        there = shelf.stores(wanted)
        missing = _lacking(there, wanted)
        if missing:
            hail_session()
            _load(shelf, missing)
            loaded |= missing
            there = shelf.stores(wanted)
        chosen = _covering(there, wanted)
        # Another user's eviction may have taken one between the look and the hold.
        held = all(map(hold, (store.folder for store in chosen)))
        if held and not _lacking(chosen, wanted):
            if loaded:
                # Now, and not before: what was just loaded is held, and others go.
                make_room()
            return chosen, tuple(loaded.values())


def stores_at_hand(
    callset: Callset, chunks: Sequence[Chunk], *, partial_genotypes: PartialGenotypes
) -> tuple[tuple[Store, ...], tuple[Chunk, ...]]:
    """Return the stores that hold what of `chunks` is loaded, and the chunks that are not; loads nothing."""
    shelf = _Shelf(callset, partial_genotypes)
    wanted = {chunk.name: chunk for chunk in chunks}
    there = shelf.stores(wanted)
    missing = _lacking(there, wanted)
    return _covering(there, wanted), tuple(missing.values())


def require_grch38(release: Release) -> None:
    """Refuse a release whose genomes are on another assembly.

    Raises
    ------
    GenotypesError
        With the reason, and what to do instead.
    """
    if release.assembly != "GRCh38":
        raise GenotypesError(
            f"The genomes of release {release.name} are on {release.assembly}, and the genes, regions and annotation "
            "that they are joined with are on GRCh38: lift the VCFs over with a chain file, each by "
            "load_callset(cohort, file, assembly='GRCh37', liftover=Liftover(chain='…', reference='…'))."
        )


class _Shelf:
    """The stores of one callset, read with one rule and one version of the software."""

    def __init__(self, callset: Callset, partial_genotypes: PartialGenotypes) -> None:
        self.callset = callset
        # Where there are none, reading without the rule gives the same and is quicker.
        self.partial_genotypes = partial_genotypes if callset.may_be_partial else "missing"

    @cached_property
    def place(self) -> Path:
        """The folder of the stores."""
        made = [self.callset.making, self.partial_genotypes]
        digest = digest_of([*made, STORE_FORMAT, software_versions()["hail"]])
        return stores_folder() / f"{self.callset.name}-{digest}"

    def missing(self, wanted: Mapping[str, Chunk]) -> dict[str, Chunk]:
        """Return the wanted chunks that no store holds as their files are now."""
        return _lacking(self.stores(wanted), wanted)

    def stores(self, wanted: Mapping[str, Chunk]) -> list[Store]:
        """Return the whole stores that hold any of the wanted chunks as their files are now."""
        return list(filter(None, (self._open(path.parent, wanted) for path in self._contents())))

    def _contents(self) -> Iterator[Path]:
        for path in sorted(self.place.glob(f"*/{CONTENTS}")):
            if not path.parent.name.startswith("."):
                yield path

    def _open(self, folder: Path, wanted: Mapping[str, Chunk]) -> Store | None:
        """Return a store with those of the wanted chunks whose files have not changed since, if it is whole."""
        try:
            contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
            fresh = [
                name
                for name, files in contents["chunks"].items()
                if name in wanted and files == _stamps(wanted[name])
            ]
            # Most stores hold other chunks: what costs a look at every file comes last.
            if not fresh or contents["size"] != size_of_matrix(folder / MATRIX):
                return None
            samples = (
                self._samples_path(contents["samples"]).read_text(encoding="utf-8").splitlines()
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if self._lacks_someone(contents, samples, wanted[fresh[0]]):
            return None
        return Store(
            folder,
            frozenset(fresh),
            tuple(samples),
            variants=contents["variants"],
            bytes=contents["size"][1],
            partial_calls=contents["partial_calls"],
            bare=contents["bare"],
        )

    def _lacks_someone(
        self, contents: Mapping[str, Any], samples: Sequence[str], chunk: Chunk
    ) -> bool:
        """Return whether a sample may be used now that was left out when the store was written."""
        if contents["consent"] == self.callset.consent:
            return False
        lacking = self.callset.samples.keys() - set(samples)
        return bool(lacking) and not lacking.isdisjoint(read_header(chunk.genotypes).samples)

    def keep_samples(self, samples: Sequence[str]) -> str:
        """Lay down a list of samples, which many stores share, and return its digest."""
        digest = digest_of(samples)
        path = self._samples_path(digest)
        if not path.exists():
            with new_file(path) as partial:
                partial.write_text("".join(f"{sample}\n" for sample in samples), encoding="utf-8")
        return digest

    def _samples_path(self, digest: str) -> Path:
        return self.place / f"samples-{digest}.txt"


def _lacking(stores: Sequence[Store], wanted: Mapping[str, Chunk]) -> dict[str, Chunk]:
    there = frozenset().union(*(store.chunks for store in stores))
    return {name: chunk for name, chunk in wanted.items() if name not in there}


def _covering(stores: Sequence[Store], wanted: Mapping[str, Chunk]) -> tuple[Store, ...]:
    """Return stores that cover the wanted chunks, each chunk from one store only as far as can be."""
    chosen, left = [], set(wanted)
    for store in sorted(stores, key=lambda store: len(store.chunks & left), reverse=True):
        if store.chunks & left:
            chosen.append(store)
            left -= store.chunks
    return tuple(chosen)


def _load(shelf: _Shelf, missing: Mapping[str, Chunk]) -> None:
    """Load chunks batch by batch; each batch is whole once it is there."""
    batches = list(_batches(list(missing.values())))
    sizes = [sum(map(_bytes, batch)) for batch in batches]
    begin = time.monotonic()
    title = f"Loading {shelf.callset.title}"
    with progress_bar(title=title, total=sum(sizes), unit="B", shown=can_show()) as bar:
        for number, batch in enumerate(batches):
            elapsed = time.monotonic() - begin
            left = elapsed * sum(sizes[number:]) / sum(sizes[:number]) if number else 0.0
            _load_batch(shelf, batch, told=_told(shelf, batch, number, len(batches), left))
            bar.update(sizes[number])


def _told(shelf: _Shelf, batch: Sequence[Chunk], number: int, of: int, left: float) -> str:
    """Return what is said of a batch: what it is, which of how many, and how long all will take."""
    what = f"{len(batch):,} chunk{'s' if len(batch) > 1 else ''} of {shelf.callset.title}"
    told = f"Loading {what} into Hail"
    if of > 1:
        told += f", batch {number + 1:,} of {of:,}"
    if left > SECONDS_WORTH_AN_ESTIMATE:
        told += f", about {left / 60:.0f} minutes left"
    return told


def _load_batch(shelf: _Shelf, batch: Sequence[Chunk], *, told: str) -> None:
    destination = shelf.place / digest_of([chunk.name for chunk in batch])
    waiting = f"Another session is loading the same of {shelf.callset.title}: waiting for it."
    with sole_user(destination, waiting=waiting):
        # Whoever held the lock before may have loaded the same.
        if shelf.missing({chunk.name: chunk for chunk in batch}):
            _clear(destination)
            with step(told):
                _write(shelf, batch, destination)


def _batches(chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, ...]]:
    """Yield neighbouring chunks whose files have equal headers, up to a size."""
    batch: list[Chunk] = []
    headers: tuple[str | None, ...] | None = None
    for chunk in chunks:
        own = tuple(
            read_header(file).digest if file else None
            for file in (chunk.genotypes, chunk.annotation, chunk.site_quality)
        )
        full = sum(map(_bytes, batch)) + _bytes(chunk) > BATCH_BYTES
        if batch and (own != headers or full):
            yield tuple(batch)
            batch = []
        batch.append(chunk)
        headers = own
    if batch:
        yield tuple(batch)


def _write(shelf: _Shelf, batch: Sequence[Chunk], destination: Path) -> None:
    import hail as hl

    release = shelf.callset.release
    samples = read_header(batch[0].genotypes).samples
    usable = [place for place, s in enumerate(samples) if s in shelf.callset.samples]
    try:
        with new_folder(destination) as partial:
            mt = import_genotypes(
                [chunk.genotypes for chunk in batch],
                partial_genotypes=shelf.partial_genotypes,
                assembly=release.assembly,
            )
            if len(usable) < len(samples):
                mt = mt.choose_cols(usable)
            # Side by side: Spark leaves cores idle while it plans, closes files and waits for the last partition.
            with ThreadPoolExecutor(max_workers=1) as beside:
                compact = beside.submit(
                    compact_from_vcfs,
                    partial / COMPACT,
                    [chunk.genotypes for chunk in batch],
                    samples=samples,
                    usable=usable,
                    keep_partial=shelf.partial_genotypes == "keep",
                )
                _annotated(mt, batch, release.assembly).write(str(partial / MATRIX))
            contents = {
                "bare": write_sites(partial, partial / MATRIX, compact.result()),
                "callset": shelf.callset.title,
                "chunks": {chunk.name: _stamps(chunk) for chunk in batch},
                "consent": shelf.callset.consent,
                "samples": shelf.keep_samples([samples[place] for place in usable]),
                "size": size_of_matrix(partial / MATRIX),
                "variants": count_variants(partial / MATRIX),
                "partial_calls": _count_partial(shelf, batch, usable),
            }
            (partial / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
            open_to_domain(partial)
    except hl.utils.java.FatalError as error:
        raise GenotypesError(_why_not_loaded(error, batch, release)) from None
    except KeyboardInterrupt:
        # Spark would go on computing for nobody.
        hl.spark_context().cancelAllJobs()
        raise


def _count_partial(shelf: _Shelf, batch: Sequence[Chunk], usable: Sequence[int]) -> int | None:
    """Return how many calls of the people in the store were partial, and say so; None where none is looked for."""
    if not shelf.callset.may_be_partial:
        return None
    files = [chunk.genotypes for chunk in batch]
    found = count_partial_calls(files, usable)
    done = {
        "keep": "their known allele was kept, the other taken for reference",
        "missing": "they were left missing, carriers among them",
    }
    if found:
        say(f"{found:,} partial genotypes (as 1/.): {done[shelf.partial_genotypes]}.")
    return found


def count_variants(matrix: Path) -> int:
    """Return how many rows a MatrixTable has, from what it says of itself."""
    with gzip.open(matrix / "metadata.json.gz", "rt", encoding="utf-8") as lines:
        return sum(json.load(lines)["components"]["partition_counts"]["counts"])


def _annotated(mt: hl.MatrixTable, batch: Sequence[Chunk], assembly: str) -> hl.MatrixTable:
    """Put on the rows what other files say of them: site quality, and the functional annotation or their own CSQ."""
    quality = [chunk.site_quality for chunk in batch if chunk.site_quality is not None]
    if quality:
        sites = import_sites(quality, assembly=assembly)
        told = sites[mt.row_key].info
        mt = mt.annotate_rows(info=mt.info.annotate(**told))
    files = [chunk.annotation for chunk in batch if chunk.annotation is not None]
    if not files:
        return mt
    if files[0] == batch[0].genotypes:
        mt = mt.annotate_rows(annotation=parse_csq(mt.info, csq_fields(files[0])))
        return mt.annotate_rows(info=mt.info.drop("CSQ"))
    annotation = import_annotation(files, assembly=assembly)
    return mt.annotate_rows(annotation=annotation[mt.row_key].annotation)


def _why_not_loaded(error: Exception, batch: Sequence[Chunk], release: Release) -> str:
    if "No space left on device" in str(error):
        return (
            f"{cache_folder()}: the disk is full, and nothing half-loaded was left behind: free some space, or set "
            "GECIP_CACHE to a folder on another disk."
        )
    where = batch[0].genotypes if len(batch) == 1 else batch[0].genotypes.parent
    said = str(error).splitlines()[0][:200]
    return (
        f"{where}: Hail could not read the genomes of release {release.name} ({said}): check the release with "
        "`gecip validate` and restore the damaged file."
    )


def _clear(destination: Path) -> None:
    """Remove a store that is damaged or out of date, so that it can be written again."""
    if destination.exists():
        say("A genotype store was damaged or its files have changed: it is written again.")
        gone = aside(destination).with_suffix(".gone")
        shutil.rmtree(gone, ignore_errors=True)
        destination.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _stamps(chunk: Chunk) -> list[list[int]]:
    """Return what changes when a chunk's files are replaced: their sizes and times."""
    return [[file.stat().st_size, file.stat().st_mtime_ns] for file in chunk.files]


def _bytes(chunk: Chunk) -> int:
    return chunk.genotypes.stat().st_size


def size_of_matrix(matrix: Path) -> list[int]:
    """Return the number of a MatrixTable's files and of their bytes, by which a damaged one is known."""
    if not (matrix / "_SUCCESS").exists():
        raise FileNotFoundError(matrix)
    sizes = [path.stat().st_size for path in matrix.rglob("*") if path.is_file()]
    return [len(sizes), sum(sizes)]
