{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_commerce_events('segment') }}
