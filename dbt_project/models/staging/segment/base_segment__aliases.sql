{{ config(materialized='table', enabled=source_enabled('segment')) }}

{{ read_raw('segment', 'aliases') }}
