{{ config(enabled=source_enabled('hubspot')) }}

with

contacts as (

    select * from {{ ref('base_hubspot__contact') }}
    where row_status = 'staged' and not is_deleted

),

companies as (

    select * from {{ ref('base_hubspot__company') }}
    where row_status = 'staged' and not is_deleted and not coalesce(is_in_bin, false)

),

members as (

    select
        contacts.record_id,
        companies.property_name,
        companies.property_domain,
        companies.property_industry,
        companies.property_numberofemployees,
        companies.property_annualrevenue,
        coalesce(contacts.property_lastmodifieddate, contacts.property_createdate) as observed_at,
        {{ last_loaded(['contacts.loaded_at', 'companies.loaded_at']) }} as loaded_at
    from contacts
    inner join companies on contacts.property_associatedcompanyid = companies.record_id

),

-- A company is what is known of those who belong to it; it is no person.
final as (

    {{ traits_of_members('hubspot', 'contact', [
        ('company_name', 'property_name'),
        ('company_domain', 'lower(property_domain)'),
        ('company_industry', 'property_industry'),
        ('company_employees', as_text('cast(property_numberofemployees as ' ~ type_of('integer') ~ ')')),
        ('company_revenue', as_text('cast(property_annualrevenue as ' ~ type_of('money') ~ ')')),
    ]) | indent(4) }}

)

select * from final
