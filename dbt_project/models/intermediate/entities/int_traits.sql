{{ union_sources('traits') }}
