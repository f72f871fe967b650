{{ config(materialized='raw_rows', enabled=source_enabled('zendesk')) }}

{{ read_raw('zendesk', 'satisfaction_rating') }}
