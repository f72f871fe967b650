{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_identifiers('rudderstack', users_have_devices=true) }}
