{{ config(materialized='raw_rows', enabled=source_enabled('salesforce')) }}

{{ read_raw('salesforce', 'npe_03_recurring_donation_c') }}
