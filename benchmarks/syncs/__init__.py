"""The sync engine, beside a bare loop that sends ready bodies."""
