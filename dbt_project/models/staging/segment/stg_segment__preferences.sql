{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_preferences('segment') }}
