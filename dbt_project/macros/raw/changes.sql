{#- What changed in staging since it was last taken, for entities that are read only as far as they are new: notes in
    ops.staging_changes by the base models, one per table and build that changed it, struck out by who took them. -#}


{#- A note's extent: `loads`, rows loaded from loaded_from on; `unknown`, the table was built anew from the same raw
    table; `replaced`, likewise, and rows of the same load times may say something else. -#}
{% macro staging_changes() %}
  {% do return(kith.existing_ops_table('staging_changes')) %}
{% endmacro %}

{#- Before the models run, for two of them could not make it at once. -#}
{% macro make_staging_changes() %}
  {% if execute and kith.staging_changes() is none %}
    {% do kith.make_ops_table('staging_changes', {'source_name': 'text', 'extent': 'text', 'loaded_from': 'timestamp'}) %}
    {% do adapter.commit() %}
  {% endif %}
{% endmacro %}

{#- Before the base model's table changes: where an engine has no transaction, a build that is killed between the two must
    not leave a change that nobody was told of. -#}
{% macro note_change(extent, loaded_from=none) %}
  {% set source_name = model.sources[0][0] %}
  {% if model.unique_id in kith.read_by_load(source_name) %}
    {% call statement('note_change') -%}
      insert into {{ kith.staging_changes() }} (source_name, extent, loaded_from)
      values ('{{ source_name }}', '{{ extent }}', {{ (loaded_from or kith.typed_null('timestamp')) | trim }})
    {%- endcall %}
  {% endif %}
{% endmacro %}

{#- The models from which the source's entities are made that are taken by load. Others may be built after these were taken:
    their notes would have all taken again at the next build. -#}
{% macro read_by_load(source_name) %}
  {% set found = [] %}
  {% for entity in var('source_models')[source_name].get('by_load', []) %}
    {% do found.append('model.kith.stg_' ~ source_name ~ '__' ~ entity) %}
  {% endfor %}
  {# The list grows while it is read, up to the raw tables. #}
  {% for name in found %}
    {% for parent in graph.nodes.get(name, {}).get('depends_on', {}).get('nodes', []) if parent not in found %}
      {% do found.append(parent) %}
    {% endfor %}
  {% endfor %}
  {% do return(found) %}
{% endmacro %}

{#- The source's changes: how many notes of each extent there are, and the earliest loaded_from as text or none. -#}
{% macro noted_changes(source_name) %}
  {% set found = kith.one_row(
      "select count(*), count(case when extent = 'unknown' then 1 end), count(case when extent = 'replaced' then 1 end), "
      ~ "cast(min(loaded_from) as " ~ kith.type_of('text') ~ ") from " ~ kith.staging_changes()
      ~ " where source_name = '" ~ source_name ~ "'") %}
  {% do return({'notes': found[0] | int, 'unknown': found[1] | int, 'replaced': found[2] | int, 'loaded_from': found[3]}) %}
{% endmacro %}

{% macro forget_changes() %}
  {% call statement('forget_changes') %}delete from {{ kith.staging_changes() }}{% endcall %}
{% endmacro %}
