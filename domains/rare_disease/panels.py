"""Gene panels in the shape of PanelApp's interface: which genes, how sure, and by which mode of inheritance.

A panel is pinned by its number, its version and the day of that version. A gene of the user's own can be
merged in, and stays marked. What a panel says that cannot be used as it stands is told as a remark.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.pedigree import Remark
from gecip.errors import InputError
from gecip.model.genes import ModeOfInheritance
from gecip.model.panels import PANELAPP_MODES, Confidence

if TYPE_CHECKING:
    from gecip.release import Release

# PanelApp's wording of each mode, in lower case and with single spaces, and what else it says for `unknown`.
_MODE_OF_WORDING: Mapping[str, ModeOfInheritance] = {
    " ".join(wording.lower().split()): mode for mode, wording in PANELAPP_MODES.items()
}
_CONFIDENCE = {level.value: level for level in Confidence}


def mode_of(wording: str | None) -> ModeOfInheritance | None:
    """Return the mode that PanelApp's wording means, or None for a wording that is not PanelApp's.

    Examples
    --------
    >>> mode_of("BIALLELIC, autosomal or pseudoautosomal")
    <ModeOfInheritance.BIALLELIC: 'biallelic'>
    """
    return _MODE_OF_WORDING.get(" ".join((wording or "").lower().split()))


@dataclass(frozen=True)
class PanelGene:
    """One gene of a panel.

    `wording` is the mode of inheritance as the panel words it, and `mode` what it means, None where that
    is not told. `is_own` marks a gene that the user put in.
    """

    symbol: str
    confidence: Confidence | None
    wording: str
    mode: ModeOfInheritance | None
    hgnc_id: str | None = None
    ensembl_ids: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    current_symbol: str | None = None
    is_own: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return every symbol by which the panel knows the gene, its own first."""
        return tuple(dict.fromkeys(filter(None, (self.symbol, self.current_symbol, *self.aliases))))


@dataclass(frozen=True)
class PanelRegion:
    """One region of a panel that is lost or gained as a whole; 1-based and inclusive on GRCh38, where it is given.

    `required_overlap` is the share of the region, 0 to 1, that a variant has to cover; `kind` is
    PanelApp's `type_of_variants`, as `cnv_loss`.
    """

    name: str
    confidence: Confidence | None
    contig: str
    start: int | None
    stop: int | None
    kind: str | None
    required_overlap: float


@dataclass(frozen=True)
class Panel:
    """One version of one panel."""

    number: int
    identifier: str | None
    name: str
    version: str
    created: datetime.date | None
    genes: tuple[PanelGene, ...]
    regions: tuple[PanelRegion, ...] = ()
    repeats: int = 0

    def green(self) -> tuple[PanelGene, ...]:
        """Return the genes that tiering counts: the green ones."""
        return self.of_confidence(Confidence.GREEN)

    def of_confidence(self, level: Confidence) -> tuple[PanelGene, ...]:
        """Return the genes of one colour."""
        return tuple(gene for gene in self.genes if gene.confidence is level)

    def gene(self, symbol: str) -> PanelGene | None:
        """Return the gene of that symbol, or None."""
        return next((gene for gene in self.genes if gene.symbol == symbol), None)

    def with_own_genes(self, genes: Mapping[str, ModeOfInheritance]) -> Panel:
        """Return the panel with genes of the user's own, green and marked; one that it has already is replaced.

        Parameters
        ----------
        genes
            Symbols with their modes of inheritance.

        Raises
        ------
        InputError
            When a mode is none.
        """
        for symbol, mode in genes.items():
            if mode not in list(ModeOfInheritance):
                known = ", ".join(f"ModeOfInheritance.{one.name}" for one in ModeOfInheritance)
                raise InputError(
                    f"{symbol}: {mode!r} is no mode of inheritance: write one of {known} (from gecip.model.genes)."
                )
        own = tuple(
            PanelGene(
                symbol=symbol,
                confidence=Confidence.GREEN,
                wording=PANELAPP_MODES[mode],
                mode=mode,
                is_own=True,
            )
            for symbol, mode in genes.items()
        )
        kept = tuple(gene for gene in self.genes if gene.symbol not in genes)
        return replace(self, genes=(*kept, *own))

    def __repr__(self) -> str:
        return (
            f"Panel({self.name!r}, number={self.number}, version={self.version!r}, "
            f"green={len(self.green())}, amber={len(self.of_confidence(Confidence.AMBER))}, "
            f"red={len(self.of_confidence(Confidence.RED))})"
        )


@dataclass(frozen=True)
class Panels:
    """Every version of every panel at hand, and what was remarked of them."""

    panels: tuple[Panel, ...]
    remarks: tuple[Remark, ...] = field(default=())

    def __iter__(self) -> Iterator[Panel]:
        return iter(self.panels)

    def __len__(self) -> int:
        return len(self.panels)

    def __repr__(self) -> str:
        numbers = {panel.number for panel in self.panels}
        return f"Panels({len(numbers):,} panels in {len(self.panels):,} versions)"

    def versions(self, panel: int | str) -> tuple[Panel, ...]:
        """Return all versions of a panel, by its number or name, oldest first.

        Raises
        ------
        InputError
            When there is none.
        """
        found = [one for one in self.panels if panel in (one.number, one.name)]
        if not found:
            from gecip.model.table import nearest

            raise InputError(
                f"There is no panel {panel!r} here{nearest(str(panel), tuple({one.name for one in self.panels}))}"
            )
        return tuple(
            sorted(found, key=lambda one: (one.created or datetime.date.min, _order(one.version)))
        )

    def pinned(
        self, panel: int | str, *, version: str | None = None, on: str | datetime.date | None = None
    ) -> Panel:
        """Return one version of a panel: the one named, the one that held on a day, or the newest.

        Raises
        ------
        InputError
            When there is no such panel, or no such version of it.
        """
        versions = self.versions(panel)
        if version is not None:
            found = [one for one in versions if one.version == version]
            if not found:
                known = ", ".join(one.version for one in versions)
                raise InputError(
                    f"The panel {versions[0].name!r} has no version {version!r} here: take of {known}."
                )
            return found[-1]
        if on is None:
            return versions[-1]
        day = datetime.date.fromisoformat(on) if isinstance(on, str) else on
        before = [one for one in versions if one.created is not None and one.created <= day]
        if not before:
            raise InputError(
                f"The panel {versions[0].name!r} has no version of {day} or before here: the oldest is of {versions[0].created}."
            )
        return before[-1]

    def find(self, name: str, *, version: str) -> Panel | None:
        """Return a version of a panel by its name, or None where it is not here."""
        return next(
            (one for one in self.panels if one.name == name and one.version == version), None
        )


def read_panels(release: Release) -> Panels:
    """Return the panels that lie in a release.

    Raises
    ------
    InputError
        When the release has none, or they are not as PanelApp's interface answers.
    """
    from gecip.release.layout import PANELS

    return load_panels([release.folder / PANELS])


def load_panels(files: Sequence[str | Path]) -> Panels:
    """Return the panels of files that hold answers of PanelApp's interface: one panel, or a page of panels.

    Raises
    ------
    InputError
        When a file is missing, or is no such answer.
    """
    answers: list[Mapping[str, Any]] = []
    for file in map(Path, files):
        try:
            answers.append(json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise InputError(
                f"{file}: there are no panels here: save PanelApp's answer to /api/v1/panels/<number>/?version=… as this file."
            ) from None
        except (OSError, ValueError):
            raise InputError(
                f"{file}: this is not JSON, as PanelApp's interface answers."
            ) from None
    return panels_from_answers(answers)


def panels_from_answers(answers: Iterable[Mapping[str, Any]]) -> Panels:
    """Return the panels of PanelApp's answers, each one panel or a page with `results`.

    Raises
    ------
    InputError
        When an answer lacks a field that a panel needs; the message names it.
    """
    documents: list[Mapping[str, Any]] = []
    for answer in answers:
        documents += answer.get("results", [answer])
    panels = tuple(_panel(document) for document in documents)
    return Panels(panels, remarks_of_panels(panels))


def _panel(document: Mapping[str, Any]) -> Panel:
    lacking = [name for name in ("id", "name", "version", "genes") if name not in document]
    if lacking:
        raise InputError(
            f"A panel has no field {' and no field '.join(lacking)}: this is not an answer of PanelApp's interface for a panel "
            "with its genes (a list of panels has none; ask for each panel by its number)."
        )
    return Panel(
        number=int(document["id"]),
        identifier=document.get("hash_id"),
        name=document["name"],
        version=str(document["version"]),
        created=_day(document.get("version_created")),
        genes=tuple(_gene(one) for one in document["genes"]),
        regions=tuple(_region(one) for one in document.get("regions") or ()),
        repeats=len(document.get("strs") or ()),
    )


def _gene(document: Mapping[str, Any]) -> PanelGene:
    about = document.get("gene_data") or {}
    wording = document.get("mode_of_inheritance") or ""
    builds = about.get("ensembl_genes") or {}
    ids = [
        version["ensembl_id"]
        for build in sorted(builds, reverse=True)
        for version in (builds[build] or {}).values()
        if version.get("ensembl_id")
    ]
    return PanelGene(
        symbol=document["entity_name"],
        confidence=_CONFIDENCE.get(str(document.get("confidence_level"))),
        wording=wording,
        mode=mode_of(wording),
        hgnc_id=about.get("hgnc_id"),
        ensembl_ids=tuple(dict.fromkeys(ids)),
        aliases=tuple(about.get("alias") or ()),
        current_symbol=about.get("hgnc_symbol") or about.get("gene_symbol"),
    )


def _region(document: Mapping[str, Any]) -> PanelRegion:
    stretch = document.get("grch38_coordinates") or (None, None)
    return PanelRegion(
        name=document["entity_name"],
        confidence=_CONFIDENCE.get(str(document.get("confidence_level"))),
        contig=f"chr{document.get('chromosome')}",
        start=None if stretch[0] is None else int(stretch[0]),
        stop=None if stretch[1] is None else int(stretch[1]),
        kind=document.get("type_of_variants"),
        required_overlap=(document.get("required_overlap_percentage") or 0) / 100,
    )


def _day(word: str | None) -> datetime.date | None:
    return None if not word else datetime.date.fromisoformat(word[:10])


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def remarks_of_panels(panels: Sequence[Panel]) -> tuple[Remark, ...]:
    """Return what of the panels cannot be used as it stands."""
    said = []
    for panel in panels:
        about = f"the panel {panel.name} {panel.version}"
        without: dict[str, list[str]] = {}
        for gene in panel.green():
            if gene.mode in (None, ModeOfInheritance.UNKNOWN):
                without.setdefault(gene.wording, []).append(gene.symbol)
        for wording, symbols in without.items():
            word = f"the mode {wording!r}, which names no filter," if wording else "no mode"
            said.append(
                Remark(
                    "mode_of_inheritance",
                    f"{about} gives {word} for {', '.join(symbols)}",
                    "no pattern can match, so that variants there that follow the disease stand in TIER3",
                )
            )
        odd = [gene.symbol for gene in panel.genes if gene.confidence is None]
        if odd:
            said.append(
                Remark(
                    "confidence_level",
                    f"{about} is neither green, amber nor red for {', '.join(odd)}",
                    "these genes count as outside the panel",
                )
            )
        nowhere = [region.name for region in panel.regions if region.start is None]
        if nowhere:
            said.append(
                Remark(
                    "grch38_coordinates",
                    f"{about} gives no place on GRCh38 for {', '.join(nowhere)}",
                    "structural variants were not held against these regions",
                )
            )
        if panel.repeats:
            said.append(
                Remark(
                    "strs",
                    f"{about} has {panel.repeats} short tandem repeats",
                    "they were left out, since the small variants tell no repeat's length",
                )
            )
    return tuple(said)
