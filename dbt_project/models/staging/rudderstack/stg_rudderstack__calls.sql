{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_calls('rudderstack') }}
