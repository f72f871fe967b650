{{ config(enabled=source_enabled('salesforce')) }}

with

contacts as (

    select * from {{ ref('stg_salesforce__records') }}
    where record_type = 'contact'

),

-- What NPSP makes by itself is a household, or nobody's; any other account is a company.
companies as (

    select * from {{ ref('base_salesforce__account') }}
    where
        row_status = 'staged'
        and not is_deleted
        and not coalesce(is_in_bin, false)
        and npe_01_system_account_type_c is null

),

members as (

    select
        contacts.record_id,
        companies.account_name,
        companies.website,
        companies.industry,
        companies.number_of_employees,
        companies.annual_revenue,
        contacts.last_seen_at as observed_at,
        {{ last_loaded(['contacts.loaded_at', 'companies.loaded_at']) }} as loaded_at
    from contacts
    inner join companies on contacts.account_id = companies.record_id

),

-- A company is what is known of those who belong to it; it is no person.
final as (

    {{ traits_of_members('salesforce', 'contact', [
        ('company_name', 'account_name'),
        ('company_website', 'website'),
        ('company_industry', 'industry'),
        ('company_employees', as_text('cast(number_of_employees as ' ~ type_of('integer') ~ ')')),
        ('company_revenue', as_text('cast(annual_revenue as ' ~ type_of('money') ~ ')')),
    ]) | indent(4) }}

)

select * from final
