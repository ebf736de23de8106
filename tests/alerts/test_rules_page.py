from pathlib import Path

from alerts.management.commands.rules import page


def test_the_page_says_what_the_rules_say() -> None:
    written = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
    assert written.read_text(encoding="utf-8") == page(), "run manage.py rules > docs/rules.md"
