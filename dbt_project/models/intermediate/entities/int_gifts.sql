{{ union_sources('gifts') }}
