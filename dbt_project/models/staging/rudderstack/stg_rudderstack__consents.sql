{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_consents('rudderstack') }}
