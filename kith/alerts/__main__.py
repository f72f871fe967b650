"""`python -m kith.alerts` writes the JSON Schema of orchestration/alerts.yml."""

from kith.alerts.published import FILE, text

FILE.write_text(text(), encoding="utf-8")
