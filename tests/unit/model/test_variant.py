from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecip.errors import DefinitionError
from gecip.model.variant import Variant, contig_name, parse_variant

VARIANT = Variant("chr16", 2_088_000, "C", "T")
BASES = st.text("ACGT", min_size=1, max_size=6)


@pytest.mark.parametrize(
    "text",
    [
        "chr16:2088000:C:T",
        "16:2088000:C:T",
        "16-2088000-C-T",
        "16_2088000_C/T",
        "chr16:2,088,000 C>T",
        "16:2088000C>T",
        " Chr16:2088000:c:t ",
    ],
)
def test_a_variant_is_read_as_any_table_writes_it(text: str) -> None:
    assert parse_variant(text) == VARIANT
    assert parse_variant(str(VARIANT)) == VARIANT


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("PKD1", "does not name a variant"),
        ("chr16:2088000", "does not name a variant"),
        ("chr26:2088000:C:T", "on no contig"),
        ("chr16:0:C:T", "has no position"),
        ("chr16:x:C:T", "has no position"),
        ("chr16:2088000:C:<DEL>", "not written in bases"),
        ("chr16:2088000:C:C", "changes nothing"),
    ],
)
def test_what_names_no_variant_is_refused_with_the_part_that_is_wrong(
    text: str, sentence: str
) -> None:
    with pytest.raises(DefinitionError, match=sentence):
        parse_variant(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1", "chr1"),
        ("chrX", "chrX"),
        ("23", "chrX"),
        ("MT", "chrM"),
        ("chrUn_1", None),
        ("0", None),
    ],
)
def test_contigs_go_by_one_name(text: str, name: str | None) -> None:
    assert contig_name(text) == name


@given(prefix=st.text("ACGT", max_size=4), suffix=st.text("ACGT", max_size=4), ref=BASES, alt=BASES)
def test_padding_does_not_make_another_variant(
    prefix: str, suffix: str, ref: str, alt: str
) -> None:
    """Padding on the right is taken off first, so that a padded variant is trimmed to the same as a bare one."""
    if ref[0] == alt[0] or ref[-1] == alt[-1]:
        return
    padded = Variant("chr1", 100, f"{prefix}{ref}{suffix}", f"{prefix}{alt}{suffix}")
    assert padded.trimmed == Variant("chr1", 100 + len(prefix), ref, alt)


@given(ref=BASES, alt=BASES)
def test_trimming_twice_changes_nothing_more(ref: str, alt: str) -> None:
    once = Variant("chr1", 100, ref, alt).trimmed
    assert once.trimmed == once
