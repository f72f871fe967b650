{{ config(materialized='raw_rows', enabled=source_enabled('segment')) }}

{{ read_raw('segment', 'groups') }}
