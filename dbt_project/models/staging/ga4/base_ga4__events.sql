{{ config(materialized='raw_rows', enabled=source_enabled('ga4')) }}

{{ read_raw('ga4', 'events') }}
