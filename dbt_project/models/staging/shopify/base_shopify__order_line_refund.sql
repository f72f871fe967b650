{{ config(materialized='raw_rows', enabled=source_enabled('shopify')) }}

{{ read_raw('shopify', 'order_line_refund') }}
