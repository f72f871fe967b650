{{ config(materialized='raw_rows', enabled=source_enabled('external')) }}

{{ read_raw('external', 'attributes') }}
