{{ config(materialized='raw_rows', enabled=source_enabled('salesforce')) }}

{{ read_raw('salesforce', 'npe_01_opp_payment_c') }}
