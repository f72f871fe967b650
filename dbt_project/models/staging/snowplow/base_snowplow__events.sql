{{ config(materialized='raw_rows', enabled=source_enabled('snowplow')) }}

{{ read_raw('snowplow', 'events') }}
