"""The tables of Salesforce with NPSP, as Fivetran writes them."""

from __future__ import annotations

import pyarrow as pa

from kith.demo.columns import Ints, numbered, synced, times
from kith.demo.schemas import schema
from kith.demo.sources.room import World

_ROW = (
    "flag: is_deleted _fivetran_deleted ; "
    "utc: created_date last_modified_date system_modstamp _fivetran_synced"
)
TABLES = {
    "account": schema(
        "text: id name record_type_id npe_01_system_account_type_c billing_street billing_city",
        "text: billing_postal_code billing_state billing_country",
        _ROW,
    ),
    "contact": schema(
        "text: id account_id first_name last_name ; day: birthdate ; text: email npe_01_home_email_c",
        "text: npe_01_work_email_c npe_01_alternate_email_c npe_01_preferred_email_c phone mobile_phone",
        "text: mailing_street mailing_city mailing_postal_code mailing_state mailing_country",
        "flag: has_opted_out_of_email npsp_do_not_contact_c npsp_deceased_c ; text: master_record_id",
        _ROW,
    ),
    "lead": schema(
        "text: id first_name last_name email phone mobile_phone street city postal_code state country",
        "text: lead_source status utm_source_c utm_medium_c utm_campaign_c gclid_c",
        "flag: is_converted ; text: converted_contact_id converted_account_id ; utc: converted_date",
        "flag: has_opted_out_of_email ; text: master_record_id",
        _ROW,
    ),
    "record_type": schema("text: id name developer_name sobject_type", _ROW),
    "opportunity": schema(
        "text: id name account_id record_type_id ; money: amount ; day: close_date ; text: stage_name",
        "flag: is_won is_closed ; text: npsp_primary_contact_c npe_03_recurring_donation_c campaign_id",
        "flag: npe_01_do_not_automatically_create_payment_c",
        _ROW,
    ),
    "opportunity_contact_role": schema("text: id opportunity_id contact_id role ; flag: is_primary", _ROW),
    "npe_01_opp_payment_c": schema(
        "text: id npe_01_opportunity_c ; money: npe_01_payment_amount_c ; day: npe_01_payment_date_c",
        "day: npe_01_scheduled_date_c ; text: npe_01_payment_method_c",
        "flag: npe_01_paid_c npe_01_written_off_c",
        _ROW,
    ),
    "npe_03_recurring_donation_c": schema(
        "text: id name npe_03_contact_c ; money: npe_03_amount_c ; text: npe_03_installment_period_c",
        "day: npe_03_date_established_c ; text: npe_03_open_ended_status_c",
        _ROW,
    ),
    "campaign": schema("text: id name type ; flag: is_active", _ROW),
    "campaign_member": schema(
        "text: id campaign_id lead_id contact_id status ; flag: has_responded ; day: first_responded_date",
        _ROW,
    ),
}
DONATION, MEMBERSHIP = "012000000000001", "012000000000002"


def contact_id(world: World, owner: Ints) -> pa.Array:
    """The id of each person's contact; the next number is one that was merged into it."""
    return numbered("003", world.people.key[owner] * 2, 15)


def stamps(world: World, created: Ints, changed: Ints | None = None) -> dict[str, object]:
    """The columns that every table has."""
    changed = created if changed is None else changed
    return {
        **{"is_deleted": False, "_fivetran_deleted": False},
        "created_date": times(created, None, "UTC"),
        "last_modified_date": times(changed, None, "UTC"),
        "system_modstamp": times(changed, None, "UTC"),
        "_fivetran_synced": times(synced(changed, world.now), None, "UTC"),
    }
