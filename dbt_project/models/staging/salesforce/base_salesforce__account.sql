{{ config(materialized='raw_rows', enabled=source_enabled('salesforce')) }}

{{ read_raw('salesforce', 'account') }}
