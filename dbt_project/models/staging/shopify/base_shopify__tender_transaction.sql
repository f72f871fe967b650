{{ config(materialized='table', enabled=source_enabled('shopify')) }}

{{ read_raw('shopify', 'tender_transaction') }}
