{{ config(materialized='table', enabled=source_enabled('square')) }}

{{ read_raw('square', 'loyalty_accounts') }}
