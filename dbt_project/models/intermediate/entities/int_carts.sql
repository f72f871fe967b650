{{ union_sources('carts') }}
