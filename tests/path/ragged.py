"""Raw tables in the shapes that loaders write, as ragged as real ones: made here, row by row.

Segment has `pages` alone; Shopify is of the REST generation; HubSpot has custom columns that nobody declared;
e-mail columns hold digests; most tables have a bad row or a row that came twice; Shopify's have one of each
kind of bad value.
"""

from __future__ import annotations

DIGEST = "0cc175b9c0f1b6a831c399e269772661"
LONG = "x" * 1_048_576

TABLES = {
    "segment/pages.csv": (
        "id,anonymous_id,user_id,received_at,sent_at,timestamp,url,path,title,referrer,context_ip,sku_42\n"
        "m1,a1,u1,2026-11-01 10:00:00,2026-11-01 10:00:00,2026-11-01 9:59:58,https://shop.example/x,/x,X,,,q\n"
        "m1,a1,u1,2026-11-01 10:00:00,2026-11-01 10:00:00,2026-11-01 9:59:58,https://shop.example/x,/x,X,,,q\n"
        "m2,a1,,2026-11-01 10:20:00,2026-11-01 10:20:00,2026-11-01 10:19:00,https://shop.example/y,/y,Y,,,\n"
        "m3,a2,,2026-11-01 10:20:00,2026-11-01 10:20:00,the day before yesterday,https://shop.example/,/,,,,\n"
    ),
    "shopify/customer.csv": (
        "\ufeffid,first_name,last_name,email,phone,created_at,updated_at,accepts_marketing,_fivetran_synced\n"
        f"7,{DIGEST},{DIGEST},{DIGEST},,2026-01-02 03:04:05.000 ,2026-01-02 03:04:05.000 ,TRUE,2026-02-01\n"
        "8,Bo,Li,bo@example.com,612345678,2026-01-02 03:04:05,2026-01-02 03:04:05,FALSE,2026-02-01\n"
        ",No,Id,nobody@example.com,,2026-01-02 03:04:05,2026-01-02 03:04:05,FALSE,2026-02-01\n"
        "9,N\0a,Ro,na.example.com,123,2026-01-02 03:04:05,2026-01-02 03:04:05,FALSE,2026-02-01\n"
        f"10,{LONG},Sy,lu@@example.com,,2026-01-02 03:04:05,2026-01-02 03:04:05,FALSE,2026-02-01\n"
    ),
    "shopify/order.csv": (
        "id,email,currency,total_price,created_at,updated_at,processed_at,customer_id,financial_status,"
        "source_name,test,cancelled_at,_fivetran_synced\n"
        "100,bo@example.com,EUR,20.50,2026-03-01 10:00:00,2026-03-01 10:00:00,2026-03-01 10:00:00,8,paid,web,"
        "FALSE,,2026-03-02\n"
        "100,bo@example.com,EUR,20.50,2026-03-01 10:00:00,2026-03-01 10:00:00,2026-03-01 10:00:00,8,refunded,"
        "web,FALSE,,2026-03-09\n"
        "101,bo@example.com,EUR,twenty,2026-03-01 10:00:00,2026-03-01 10:00:00,2026-03-01 10:00:00,8,paid,"
        "web,FALSE,,2026-03-02\n"
        f"102,{DIGEST},EUR,5,2026-03-01 10:00:00,2026-03-01 10:00:00,2026-03-01 10:00:00,,paid,web,FALSE,,"
        "2026-03-02\n"
        "103,bo@example.com,EUR,-3,2026-03-01 10:00:00,,2026-03-01 10:00:00,,paid,web,FALSE,,2026-03-02\n"
        "104,bo@example.com,ZZZ,7,2026-03-01 10:00:00,,2026-03-01 10:00:00,,paid,web,FALSE,,2026-03-02\n"
        "105,bo@example.com,EUR,7,2026-03-01 10:00:00,,2031-03-01 10:00:00,,paid,web,FALSE,,2026-03-02\n"
        "106,bo@example.com,EUR,7,2026-03-01 10:00:00,,2026-02-30 10:00:00,,paid,web,FALSE,,2026-03-02\n"
    ),
    "hubspot/contact.csv": (
        "_fivetran_deleted,_fivetran_synced,property_email,id,property_firstname,property_lastname,"
        "property_createdate,property_hs_all-funky-a9384-syntax\n"
        f"FALSE,2026-04-02 11:16:05,{DIGEST},501,Ann,Lee,2026-04-01 17:32:47,1\n"
        f"FALSE,2026-04-02 11:16:05,{DIGEST},502,Cy,Moe,2026-04-01 17:32:47,\n"
        "TRUE,2026-04-02 11:16:05,bo@example.com,503,Bo,Li,2026-04-01 17:32:47,\n"
    ),
    "hubspot/contact_merge_audit.csv": (
        "canonical_vid,contact_id,vid_to_merge,_fivetran_synced,timestamp\n"
        "501,501,499,2026-04-02 11:20:31,2026-04-02 10:00:00\n"
    ),
    "zendesk/user.csv": (
        "id,_fivetran_synced,created_at,email,external_id,name,phone,role,updated_at,suspended\n"
        "9001,2026-05-05 05:03:34.208,2026-02-26 22:55:12,BO@example.com ,,Bo Li,,end-user,2026-02-26,FALSE\n"
        "9002,2026-05-05 05:03:34.208,2026-02-26 22:55:12,agent@example.com,,An Agent,,agent,,FALSE\n"
    ),
    "zendesk/ticket.csv": (
        "id,_fivetran_synced,created_at,requester_id,status,subject,updated_at\n"
        "1595,2026-05-20 02:32:49.426,2026-02-19 01:54:52,9001,open,Size,2026-02-19 01:55:11\n"
        "1596,2026-05-20 02:32:49.426,31 February,9001,open,Size,2026-02-19 01:55:11\n"
    ),
}
