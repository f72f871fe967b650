{{ config(materialized='raw_rows', enabled=source_enabled('hubspot')) }}

{{ read_raw('hubspot', 'deal_pipeline_stage') }}
