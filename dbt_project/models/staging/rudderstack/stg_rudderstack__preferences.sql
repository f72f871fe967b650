{{ config(enabled=source_enabled('rudderstack')) }}

{{ behaviour_preferences('rudderstack', lists=true) }}
