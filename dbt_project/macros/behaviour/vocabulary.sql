{#- One name for what every tracker calls otherwise: Segment's e-commerce vocabulary. -#}

{#- The vocabulary's name for an event's name as written, which stays where the vocabulary has none. Most events of
    most trackers are written so already: these are looked up without a pattern. -#}
{% macro event_type_of(written) -%}
    case
        when {{ written }} in ({{ kith.text_list(kith.commerce_event_types()) }}) then {{ written }}
        else
            case {{ kith.regexp_replace('lower(' ~ written ~ ')', '[^a-z0-9]+', '_') }}
                {%- for event_type in kith.commerce_event_types() %}
                when '{{ event_type | lower | replace(' ', '_') }}' then '{{ event_type }}'
                {%- endfor %}
                {%- for name, event_type in kith.event_synonyms().items() %}
                when '{{ name }}' then '{{ event_type }}'
                {%- endfor %}
                else {{ written }}
            end
    end
{%- endmacro %}

{#- The vocabulary's own names; a tracker may write them in snake case. -#}
{% macro commerce_event_types() %}
    {% do return([
        'Products Searched',
        'Product List Viewed',
        'Product List Filtered',
        'Promotion Viewed',
        'Promotion Clicked',
        'Product Clicked',
        'Product Viewed',
        'Product Added',
        'Product Removed',
        'Cart Viewed',
        'Checkout Started',
        'Checkout Step Viewed',
        'Checkout Step Completed',
        'Payment Info Entered',
        'Order Updated',
        'Order Completed',
        'Order Refunded',
        'Order Cancelled',
        'Coupon Entered',
        'Coupon Applied',
        'Coupon Denied',
        'Coupon Removed',
        'Product Added to Wishlist',
        'Product Removed from Wishlist',
        'Wishlist Product Added to Cart',
        'Product Shared',
        'Cart Shared',
        'Product Reviewed',
    ]) %}
{% endmacro %}

{#- Name in snake case, of Google Analytics and of Snowplow's e-commerce actions → the vocabulary's. -#}
{% macro event_synonyms() %}
    {% do return({
        'page_view': 'Page Viewed',
        'screen_view': 'Screen Viewed',
        'search': 'Products Searched',
        'view_search_results': 'Products Searched',
        'view_item_list': 'Product List Viewed',
        'list_view': 'Product List Viewed',
        'select_item': 'Product Clicked',
        'list_click': 'Product Clicked',
        'view_promotion': 'Promotion Viewed',
        'promo_view': 'Promotion Viewed',
        'select_promotion': 'Promotion Clicked',
        'promo_click': 'Promotion Clicked',
        'view_item': 'Product Viewed',
        'product_view': 'Product Viewed',
        'add_to_wishlist': 'Product Added to Wishlist',
        'add_to_cart': 'Product Added',
        'add_to_basket': 'Product Added',
        'remove_from_cart': 'Product Removed',
        'remove_from_basket': 'Product Removed',
        'view_cart': 'Cart Viewed',
        'begin_checkout': 'Checkout Started',
        'add_shipping_info': 'Checkout Step Completed',
        'checkout_step': 'Checkout Step Completed',
        'add_payment_info': 'Payment Info Entered',
        'purchase': 'Order Completed',
        'transaction': 'Order Completed',
        'refund': 'Order Refunded',
    }) %}
{% endmacro %}
