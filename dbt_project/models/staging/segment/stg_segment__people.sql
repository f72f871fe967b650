{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_people('segment') }}
