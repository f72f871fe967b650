-- What the engine says of itself is whole: every planned record is delivered, rejected or deferred, every reject has
-- a class that says what recovers from it, and every record of the state is of a run that is told. The last may fail
-- after the state was lost and restored from the journal, which keeps records and no runs: so it warns.
{{ config(severity='warn') }}

with

runs as (

    {{ sync_table('sync_runs', sync_table_columns('sync_runs')) | indent(4) }}

),

rejects as (

    {{ sync_table('sync_rejects', {'run_id': 'text', 'class': 'text', 'record_key': 'text'}) | indent(4) }}

),

records as (

    {{ sync_table('sync_records', {'run_id': 'text', 'record_key': 'text'}) | indent(4) }}

),

faults as (

    select
        run_id,
        'planned is not delivered and rejected and deferred' as fault
    from runs
    where planned is null or planned <> delivered + rejected + deferred
    union all
    select
        run_id,
        'a reject without a class' as fault
    from rejects
    where class is null or class not in ('record', 'retriable', 'configuration', 'permanent')
    union all
    select
        records.run_id,
        'records of a run that is not told' as fault
    from records
    left join runs on records.run_id = runs.run_id
    where runs.run_id is null
    group by records.run_id

)

select * from faults
