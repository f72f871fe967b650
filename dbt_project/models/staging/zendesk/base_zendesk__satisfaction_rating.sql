{{ config(materialized='table', enabled=source_enabled('zendesk')) }}

{{ read_raw('zendesk', 'satisfaction_rating') }}
