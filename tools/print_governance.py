"""Print the pages on who may read what and what may leave: `python -m tools.print_governance`."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PAGE, AIRLOCK_PAGE = DOCS / "governance.md", DOCS / "airlock-rules.md"


def main() -> None:
    """Write the pages."""
    from tests.spec.access_page import governance_page
    from tests.spec.airlock_page import airlock_page

    PAGE.write_text(governance_page(), encoding="utf-8")
    AIRLOCK_PAGE.write_text(airlock_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
