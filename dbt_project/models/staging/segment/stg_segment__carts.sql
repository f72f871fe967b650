{{ config(enabled=source_enabled('segment')) }}

{{ behaviour_carts('segment') }}
