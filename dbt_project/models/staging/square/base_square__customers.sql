{{ config(materialized='table', enabled=source_enabled('square')) }}

{{ read_raw('square', 'customers') }}
