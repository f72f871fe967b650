{{ union_sources('people') }}
