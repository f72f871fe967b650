"""The raw tables that the demo writes: columns and types as the loaders of these sources write them.

Segment writes times without a zone that mean UTC, Fivetran times with one.
"""

from __future__ import annotations

import pyarrow as pa

_TYPES = {
    "text": pa.string(),
    "id": pa.int64(),
    "number": pa.int64(),
    "float": pa.float64(),
    "money": pa.decimal128(18, 2),
    "flag": pa.bool_(),
    "day": pa.date32(),
    "time": pa.timestamp("us"),
    "utc": pa.timestamp("us", "UTC"),
}


def schema(*groups: str) -> pa.Schema:
    """From lines such as `text: id anonymous_id`."""
    fields = []
    for line in " ; ".join(groups).split(";"):
        kind, _, names = line.strip().partition(":")
        fields += [pa.field(name, _TYPES[kind]) for name in names.split()]
    return pa.schema(fields)


def prefixed(kind: str, prefix: str, names: str) -> str:
    """A line for columns whose names begin alike."""
    return f"{kind}: " + " ".join(prefix + name for name in names.split())


def _sets(*names: str) -> str:
    """Shopify's pairs of an amount in the customer's and in the shop's currency."""
    return " ; ".join(
        f"money: {name}_pres_amount ; text: {name}_pres_currency_code ; "
        f"money: {name}_shop_amount ; text: {name}_shop_currency_code"
        for name in names
    )


def _address(prefix: str) -> str:
    text = "address_1 address_2 city company country country_code first_name last_name"
    more = "name phone province province_code zip"
    return " ; ".join(
        (
            prefixed("text", prefix, text),
            prefixed("float", prefix, "latitude longitude"),
            prefixed("text", prefix, more),
        )
    )


_CALL = "text: id anonymous_id user_id ; time: received_at sent_at timestamp"
_CAMPAIGN = prefixed("text", "context_campaign_", "source medium name term content")
_CONTEXT = "text: context_ip context_user_agent context_locale context_library_name"
_APP = (
    "text: context_device_id context_device_type context_device_model context_app_name context_app_version "
    "context_os_name"
)
_CONSENT = "text: context_consent_category_preferences"
_PAGE = "text: context_page_url context_page_path context_page_title context_page_referrer"
_EVENT = "text: event event_text"
_TRACK = (_CALL, _EVENT, _PAGE, _CAMPAIGN, _CONTEXT, _APP, _CONSENT)
_PERSON = "text: email first_name last_name phone"
_LINE = "text: product_id name ; float: price ; number: quantity"

SEGMENT = {
    "identifies": schema(_CALL, _PERSON, _CONTEXT, _APP, _CONSENT),
    "users": schema("text: id", _PERSON, "time: received_at", _CONSENT),
    "pages": schema(_CALL, "text: url path title search referrer", _CAMPAIGN, _CONTEXT, _CONSENT),
    "screens": schema(_CALL, "text: name", _CONTEXT, _APP, _CONSENT),
    "tracks": schema(*_TRACK),
    "product_viewed": schema(*_TRACK, "text: product_id name ; float: price ; text: currency"),
    "product_added": schema(*_TRACK, "text: cart_id", _LINE, "float: value ; text: currency"),
    "cart_viewed": schema(*_TRACK, "text: cart_id ; float: value ; text: currency"),
    "checkout_started": schema(*_TRACK, "text: cart_id order_id ; float: value ; text: currency"),
    "order_completed": schema(*_TRACK, "text: cart_id order_id ; float: value total ; text: currency"),
}

SHOPIFY = {
    "customer": schema(
        "utc: _fivetran_synced created_at ; text: currency email email_marketing_consent_opt_in_level",
        "text: email_marketing_consent_state ; utc: email_marketing_consent_updated_at ; text: first_name",
        "id: id ; text: last_name note ; number: orders_count ; text: phone state ; flag: tax_exempt",
        "money: total_spent ; utc: updated_at ; flag: verified_email",
    ),
    "customer_address": schema(
        "utc: _fivetran_synced ; id: customer_id id ; text: address_1 address_2 city company country",
        "text: country_code first_name ; flag: is_default ; text: last_name ; float: latitude longitude",
        "text: name phone province province_code zip validation_result_summary timezone",
        "flag: coordinates_validated",
    ),
    "order": schema(
        "flag: _fivetran_deleted ; utc: _fivetran_synced ; id: app_id",
        _address("billing_address_"),
        "text: cancel_reason ; utc: cancelled_at ; text: client_ip ; utc: closed_at ; flag: confirmed",
        "utc: created_at ; text: currency_code ; flag: customer_accepts_marketing ; id: customer_id",
        "text: customer_locale display_financial_status display_fulfillment_status email",
        "id: id location_id ; text: name note ; number: number",
        "text: presentment_currency_code ; utc: processed_at",
        _address("shipping_address_"),
        "text: source_name ; id: staff_member_id ; text: status_page_url",
        _sets("subtotal_price_set"),
        "flag: taxes_included test",
        _sets("total_discounts_set", "total_price_set", "total_shipping_price_set", "total_tax_set"),
        _sets("total_tip_received_set"),
        "number: total_weight ; utc: updated_at",
    ),
    "order_line": schema(
        "utc: _fivetran_synced ; id: id ; flag: is_gift_card ; text: name ; id: order_id",
        _sets("original_total_set"),
        "id: product_id ; number: quantity ; flag: requires_shipping ; text: sku ; flag: taxable",
        "text: title",
        _sets("total_discount_set"),
        "number: unfulfilled_quantity ; id: variant_id ; text: variant_title vendor",
    ),
    "product": schema(
        "flag: _fivetran_deleted ; utc: _fivetran_synced created_at ; text: handle ; id: id",
        "text: product_type ; utc: published_at ; text: status title ; utc: updated_at ; text: vendor",
    ),
    "refund": schema(
        "utc: _fivetran_synced created_at ; id: id ; text: note ; id: order_id return_id staff_member_id",
        _sets("total_refunded_set"),
        "utc: updated_at",
    ),
    "transaction": schema(
        "utc: _fivetran_synced",
        _sets("amount_set"),
        "text: authorization_code ; utc: authorization_expires_at created_at ; text: error_code gateway",
        "id: id ; text: kind ; id: order_id parent_id ; text: payment_avs_result_code",
        "text: payment_credit_card_bin payment_credit_card_company payment_credit_card_number",
        "text: payment_cvv_result_code ; utc: processed_at ; id: refund_id staff_member_id ; text: status",
        "flag: test ; text: device_id ; id: currency_exchange_id ; money: currency_exchange_adjustment",
        "money: currency_exchange_original_amount currency_exchange_final_amount",
        "text: currency_exchange_currency",
    ),
    "abandoned_checkout": schema(
        "flag: _fivetran_deleted ; utc: _fivetran_synced ; text: abandoned_checkout_url",
        _address("billing_address_"),
        "utc: created_at completed_at ; id: customer_id id ; text: name note",
        _address("shipping_address_"),
        _sets("subtotal_price_set"),
        "flag: taxes_included",
        _sets("total_discount_set", "total_duties_set", "total_line_items_price_set", "total_price_set"),
        _sets("total_tax_set"),
        "utc: updated_at",
    ),
    "customer_visit": schema(
        "utc: _fivetran_synced ; id: id order_id ; text: type landing_page landing_page_html",
        "utc: occurred_at ; text: referral_code referral_info_html referrer_url source source_description",
        "text: source_type",
        prefixed("text", "utm_parameters_", "campaign content medium source term"),
    ),
}

HUBSPOT = {
    "contact": schema(
        "flag: _fivetran_deleted ; utc: _fivetran_synced ; id: id",
        "text: property_email property_firstname property_lastname property_phone property_company",
        # A text, as HubSpot's API sends it: what people import there is not always a date.
        "text: property_createdate property_lifecyclestage",
        "flag: property_hs_email_optout ; utc: property_lastmodifieddate",
        "text: property_address property_city property_state property_zip property_country",
        "text: property_date_of_birth property_hs_merged_object_ids ; id: property_associatedcompanyid",
    ),
    "form": schema(
        "text: guid action ; utc: created_at ; text: form_type method name ; id: portal_id ; text: redirect",
        "text: submit_text ; utc: updated_at _fivetran_synced",
    ),
    "contact_form_submission": schema(
        "utc: timestamp ; text: form_id ; id: contact_id ; text: conversion_id page_id page_url",
        "id: portal_id ; text: title ; utc: _fivetran_synced",
    ),
    "contact_merge_audit": schema(
        "id: canonical_vid contact_id vid_to_merge ; utc: _fivetran_synced ; text: entity_id first_name",
        "text: last_name ; number: num_properties_moved ; utc: timestamp ; id: user_id",
    ),
}

ZENDESK = {
    "user": schema(
        "id: id ; utc: _fivetran_synced ; flag: active ; text: alias ; flag: chat_only ; utc: created_at",
        "text: details email external_id ; utc: last_login_at ; text: locale ; flag: moderator",
        "text: name notes ; id: organization_id ; text: phone role ; flag: shared suspended",
        "text: time_zone ; utc: updated_at ; text: url ; flag: verified",
    ),
    "ticket": schema(
        "id: id ; utc: _fivetran_synced ; flag: allow_channelback ; id: assignee_id brand_id",
        "utc: created_at ; text: description ; utc: due_at ; text: external_id ; id: group_id",
        "flag: has_incidents is_public ; id: organization_id ; text: priority ; id: problem_id",
        "text: recipient ; id: requester_id ; text: status subject ; id: submitter_id ticket_form_id",
        "text: type ; utc: updated_at ; text: url via_channel merged_ticket_ids followup_ids",
    ),
    "ticket_comment": schema(
        "id: id ; utc: _fivetran_synced ; text: body ; utc: created ; flag: facebook_comment public",
        "id: ticket_id ; flag: tweet ; id: user_id ; flag: voice_comment",
    ),
    "organization": schema(
        "id: id ; utc: _fivetran_synced created_at ; text: details external_id ; id: group_id",
        "text: name notes ; flag: shared_comments shared_tickets ; utc: updated_at ; text: url",
    ),
}

SCHEMAS: dict[str, dict[str, pa.Schema]] = {
    "segment": SEGMENT,
    "shopify": SHOPIFY,
    "hubspot": HUBSPOT,
    "zendesk": ZENDESK,
}
TRUTH = pa.schema([(name, pa.string()) for name in ("source", "record_type", "record_id", "entity_id")])
