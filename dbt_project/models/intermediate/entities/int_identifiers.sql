{{ union_sources('identifiers') }}
