{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_commerce_events('rudderstack') }}
