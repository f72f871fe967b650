{{ config(enabled=source_enabled('ga4')) }}

with

seen_together as (

    {{ seen_together(ref('stg_ga4__hits')) }}

),

logins as (

    {{ logins_seen() }}

),

mentions as (

    {{ visitor_mentions() }}

),

{{ identifiers_from('mentions', 'ga4') }}

select * from final
