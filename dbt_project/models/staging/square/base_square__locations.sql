{{ config(materialized='raw_rows', enabled=source_enabled('square')) }}

{{ read_raw('square', 'locations') }}
