{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_people('rudderstack') }}
