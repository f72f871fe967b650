{{ config(materialized='table', enabled=source_enabled('zendesk')) }}

{{ read_raw('zendesk', 'ticket_comment') }}
