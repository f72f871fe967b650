{{ config(materialized='raw_rows', enabled=source_enabled('stripe')) }}

{{ read_raw('stripe', 'payment_method_card') }}
