{{ config(materialized='raw_rows', enabled=source_enabled('klaviyo')) }}

{{ read_raw('klaviyo', 'flow') }}
