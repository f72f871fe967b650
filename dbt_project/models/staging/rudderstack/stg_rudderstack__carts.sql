{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_carts('rudderstack') }}
