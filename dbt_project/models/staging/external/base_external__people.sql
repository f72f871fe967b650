{{ config(materialized='table', enabled=source_enabled('external')) }}

{{ read_raw('external', 'people') }}
