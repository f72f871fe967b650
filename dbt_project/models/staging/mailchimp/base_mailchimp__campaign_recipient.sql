{{ config(materialized='raw_rows', enabled=source_enabled('mailchimp')) }}

{{ read_raw('mailchimp', 'campaign_recipient') }}
