{{ config(enabled=source_enabled('snowplow')) }}

with

seen_together as (

    {{ seen_together(ref('stg_snowplow__hits'), ['device_id', 'network_userid']) }}

),

logins as (

    {{ logins_seen() }}

),

mentions as (

    {{ visitor_mentions(['device_id', 'network_userid']) }}

),

{{ identifiers_from('mentions', 'snowplow') }}

select * from final
