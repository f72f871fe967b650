{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_traits('rudderstack') }}
