{{ config(materialized='loaded_rows', entity='events', entity_key='event_id') }}
{{ union_sources('events') }}
