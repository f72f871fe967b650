{{ config(materialized='raw_rows', enabled=source_enabled('rudderstack')) }}

{{ read_raw('rudderstack', 'product_added') }}
