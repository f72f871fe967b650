{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_events('rudderstack') }}
