{{ config(materialized='table', enabled=source_enabled('hubspot')) }}

{{ read_raw('hubspot', 'contact') }}
