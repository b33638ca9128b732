"""Print the manual's page on the cohort language from its specification: `python -m tools.print_cohort_manual`."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "cohort-language.md"


def main() -> None:
    """Write the page."""
    from tests.spec.manual import manual_page

    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(manual_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
