"""Print the page on who may read what from its specification: `python -m tools.print_governance`."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "governance.md"


def main() -> None:
    """Write the page."""
    from tests.spec.access_page import governance_page

    PAGE.write_text(governance_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
