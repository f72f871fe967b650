"""`python -m reverse_etl.schemas` writes the schemas."""

from reverse_etl.schemas import write

write()
