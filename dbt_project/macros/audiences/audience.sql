{#
    An audience: the model's SQL says who is in now (a column person_id), the table keeps every stay.

    One row per person and stay: audience (the model's name without `audience_`), person_id, entered_at,
    exited_at (null while the person is in), arm. A stay follows its person through a merge of ids. The table
    is history that no source holds, so it is never rebuilt from nothing, not by a full refresh either.
#}
{% materialization audience, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set former_stays = kith.working_table(target_relation, 'former') -%}
  {%- set next_stays = kith.working_table(target_relation, 'next') -%}
  {%- set name = kith.audience_name(model.name) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% call statement('audience_table') %}{{ kith.create_audience_table(target_relation) }}{% endcall %}
  {% do kith.make_working_table(former_stays, kith.select_former_stays(target_relation)) %}
  {% do kith.make_working_table(next_stays, kith.select_next_stays(former_stays, name, sql)) %}
  {% call statement('empty_audience') %}delete from {{ target_relation }} where 1 = 1{% endcall %}
  {% call statement('main') %}insert into {{ target_relation }} select * from {{ next_stays }}{% endcall %}
  {% do kith.drop_working_table(next_stays) %}
  {% do kith.drop_working_table(former_stays) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro audience_name(model_name) %}
  {{ return(model_name[9:] if model_name.startswith('audience_') else model_name) }}
{% endmacro %}


{% macro audience_columns() %}
  {{ return({
      'audience': 'text', 'person_id': 'text', 'entered_at': 'timestamp', 'exited_at': 'timestamp',
      'arm': 'text',
  }) }}
{% endmacro %}


{% macro create_audience_table(relation) %}
    create table if not exists {{ relation }} {{ kith.table_format() }} as
    {{ kith.empty_relation(kith.audience_columns()) }}
{% endmacro %}


{#
    The stays so far, under the ids that people have now. Of two people who became one and were in at the same
    time, the earlier stay goes on and the other is left out. A table of its own, not a step of the next
    query: DuckDB 2.0 loses a condition when a step is joined twice, once to find what it lacks.
#}
{% macro select_former_stays(relation) %}
    with

    aliases as (

        select * from {{ ref('person_aliases') }}

    ),

    stays as (

        select
            coalesce(aliases.person_id, former.person_id) as person_id,
            former.person_id as former_person_id,
            former.entered_at,
            former.exited_at,
            former.arm,
            case when former.exited_at is null then 1 else 0 end as is_open
        from {{ relation }} as former
        left join aliases on former.person_id = aliases.alias_person_id

    ),

    ranked as (

        select
            *,
            row_number() over (
                partition by person_id, is_open
                order by entered_at, {{ kith.bytewise('former_person_id') }}
            ) as place
        from stays

    )

    select
        person_id,
        entered_at,
        exited_at,
        arm,
        is_open
    from ranked
    where is_open = 0 or place = 1
{% endmacro %}


{# All stays after this run: the closed ones, the open ones (closed now for those who left), the new ones. #}
{% macro select_next_stays(former_stays, name, members_sql) %}
    with

    members as (

        select distinct person_id
        from ({{ members_sql }}) as audience_sql
        where person_id is not null

    ),

    open_stays as (

        select * from {{ former_stays }}
        where is_open = 1

    ),

    all_stays as (

        select
            person_id,
            entered_at,
            exited_at,
            arm
        from {{ former_stays }}
        where is_open = 0

        union all

        select
            open_stays.person_id,
            open_stays.entered_at,
            case when members.person_id is null then {{ kith.now_utc() }} end as exited_at,
            open_stays.arm
        from open_stays
        left join members on open_stays.person_id = members.person_id

        union all

        select
            members.person_id,
            {{ kith.now_utc() }} as entered_at,
            {{ kith.typed_null('timestamp') }} as exited_at,
            'all' as arm
        from members
        left join open_stays on members.person_id = open_stays.person_id
        where open_stays.person_id is null

    )

    -- Who left and came back within one moment has stayed on.
    select
        cast('{{ name }}' as {{ kith.type_of('text') }}) as audience,
        cast(person_id as {{ kith.type_of('text') }}) as person_id,
        entered_at,
        case when count(*) = count(exited_at) then max(exited_at) end as exited_at,
        cast(max(arm) as {{ kith.type_of('text') }}) as arm
    from all_stays
    group by person_id, entered_at
{% endmacro %}


{# Every audience of the project and of those that import it, found by their materialisation. #}
{% macro audience_relations() %}
  {% set found = [] %}
  {% if execute %}
    {% for node in graph.nodes.values() | sort(attribute='unique_id')
        if node.resource_type == 'model' and node.config.materialized == 'audience' %}
      {% do found.append(api.Relation.create(
          database=node.database, schema=node.schema, identifier=node.alias, type='table')) %}
    {% endfor %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}


{# A hook: the tables of audiences that were never built, so that a view can be laid over all. Each by a statement of
   its own, for not every engine takes several at once. #}
{% macro create_audience_tables() %}
  {%- for relation in kith.audience_relations() %}
    {%- call statement('audience_table') %}{{ kith.create_audience_table(relation) }}{% endcall %}
  {%- endfor %}
{% endmacro %}


{% macro union_audiences() %}
  {%- set relations = kith.audience_relations() -%}
  {%- for relation in relations %}
    select
        {%- for column in kith.audience_columns() %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {{ 'union all' if not loop.last }}
  {%- else %}
    {{ kith.empty_relation(kith.audience_columns()) }}
  {%- endfor %}
{% endmacro %}


{#
    A hook of every audience, without any SQL: it makes the audience wait for audience_members and
    person_aliases. So the view comes before its audiences, and shows them as they are filled; that way
    round, an audience is one file, and the view need not be told of it.
#}
{% macro audience_needs() %}
  {%- set needed = [ref('audience_members'), ref('person_aliases')] -%}
{% endmacro %}
