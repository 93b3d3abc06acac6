"""Ready mappings for the contact exports of other services. Each says where what it knows is from."""

from msgspec import Struct

from botfolk.imports.headers import plain


class Preset(Struct, frozen=True, kw_only=True):
    """A service's export: the headers it is known by, what its columns become, and what a prefix of a header says.

    Headers are plain (small letters, words). "identity:<kind>" is the bot's only channel of that kind.
    """

    name: str
    label: str
    known_by: frozenset[str]
    columns: dict[str, str]
    prefixes: dict[str, str] = {}


PRESETS = (
    # github.com/rapidpro/rapidpro, temba/contacts/models.py, ContactExport: "Contact UUID",
    # "Name", "Language", "Status", "Created On", "Last Seen On", then "URN:<Scheme>", "Field:<name>", "Group:<name>"
    # with True or False. The languages are ISO 639-3 ("eng"), and its own import clears with "--".
    Preset(
        name="textit",
        label="RapidPro or TextIt",
        known_by=frozenset({"contact uuid", "name", "language"}),
        columns={
            "contact uuid": "attribute:textit_uuid:text", "name": "name", "language": "language", "status": "status",
            "created on": "attribute:textit_created_on:datetime",
            "last seen on": "attribute:textit_last_seen_on:datetime", "urn tel": "phone", "urn mailto": "email",
            "urn telegram": "identity:telegram", "urn facebook": "identity:messenger",
            "urn instagram": "identity:instagram", "urn whatsapp": "identity:whatsapp", "urn webchat": "skip",
            "scheme": "skip", "id": "skip",
        },
        prefixes={"field:": "attribute", "group:": "tag", "urn:": "attribute"},
    ),
    # github.com/chatwoot/chatwoot: the columns asked for, by their names in the table of contacts, or else id, name,
    # email, phone_number (app/jobs/account/contacts_export_job.rb), by now with labels, joined by commas, after a mark
    # of UTF-8 (app/services/data_exports/contact_selection.rb, app/jobs/data_exports/contacts_job.rb).
    Preset(
        name="chatwoot",
        label="Chatwoot",
        known_by=frozenset({"id", "name", "email", "phone number"}),
        columns={
            "id": "attribute:chatwoot_id:text", "name": "name", "last name": "skip", "middle name": "skip",
            "email": "email", "phone number": "phone", "labels": "tags",
            "identifier": "attribute:chatwoot_identifier:text",
            "account id": "skip", "additional attributes": "skip", "custom attributes": "skip",
            "pubsub token": "skip", "created at": "attribute:chatwoot_created_at:text", "updated at": "skip",
            "last activity at": "skip", "contact type": "skip", "blocked": "skip",
        },
    ),
    # No list of the columns of Manychat's export could be found. These are the names of its API's subscriber
    # (/fb/subscriber/getInfo), as public programs keep it whole, with the words its contact page shows; those that say
    # how they read its CSV call the id "Subscriber ID".
    Preset(
        name="manychat",
        label="Manychat",
        known_by=frozenset({"subscribed", "last interaction"}),
        columns={
            "id": "attribute:manychat_id:text", "contact id": "attribute:manychat_id:text",
            "user id": "attribute:manychat_id:text", "subscriber id": "attribute:manychat_id:text",
            "psid": "identity:messenger", "page id": "skip", "name": "skip",
            "full name": "skip", "first name": "first_name", "last name": "last_name",
            "gender": "attribute:gender:text", "profile pic": "skip", "locale": "language", "language": "skip",
            "timezone": "timezone", "live chat url": "skip", "last input text": "skip", "email": "email",
            "phone": "phone", "optin email": "skip", "optin phone": "skip", "optin whatsapp": "skip",
            "whatsapp phone": "attribute:whatsapp_phone:text", "ig id": "identity:instagram",
            "ig username": "attribute:ig_username:text", "tags": "tags", "status": "status",
            "subscribed": "attribute:manychat_subscribed:text",
            "last interaction": "attribute:manychat_last_interaction:text", "last seen": "skip", "key": "skip",
            "user refs": "skip", "ig last interaction": "skip", "ig last seen": "skip", "is followup enabled": "skip",
            "phone country code": "skip", "last growth tool": "skip", "custom fields": "skip",
        },
    ),
    # The header of Intercom's CSV is documented nowhere we could read. These are the labels of its standard attributes
    # (help: "Standard data attributes"), by which its list names the columns; github.com/weld-io/intercom-datamanager,
    # lib/config.json, reads the CSV by them: Name, Email, User ID, Tags, Signed up, Last seen.
    Preset(
        name="intercom",
        label="Intercom",
        known_by=frozenset({"name", "email", "last seen", "signed up"}),
        columns={
            "name": "name", "email": "email", "phone": "phone", "phone number": "phone",
            "user id": "attribute:intercom_user_id:text", "id": "attribute:intercom_id:text",
            "type": "attribute:intercom_type:text", "owner": "attribute:owner:text",
            "signed up": "attribute:signed_up:text", "first seen": "skip", "last seen": "skip",
            "last contacted": "skip", "last heard from": "skip", "last opened email": "skip",
            "last clicked on link in email": "skip", "web sessions": "skip", "city": "attribute:city:text",
            "country": "attribute:country:text", "browser language": "language", "language override": "skip",
            "unsubscribed from emails": "attribute:unsubscribed_from_emails:yes_no", "tag": "tags", "tags": "tags",
            "os": "skip", "browser": "skip", "browser version": "skip", "twitter followers": "skip",
        },
    ),
    # HubSpot's export names columns by the labels of the properties (knowledge.hubspot.com, "Export your records" and
    # "HubSpot's default contact properties").
    Preset(
        name="hubspot",
        label="HubSpot",
        known_by=frozenset({"record id", "first name", "last name", "email"}),
        columns={
            "record id": "attribute:hubspot_id:text", "record id contact": "attribute:hubspot_id:text",
            "first name": "first_name", "last name": "last_name", "email": "email", "phone number": "phone",
            "mobile phone number": "attribute:mobile_phone:text", "preferred language": "language",
            "time zone": "timezone", "contact owner": "attribute:owner:text",
            "lead status": "attribute:lead_status:text", "lifecycle stage": "attribute:lifecycle_stage:text",
            "job title": "attribute:job_title:text", "company name": "attribute:company:text",
            "associated company": "attribute:company:text", "country region": "attribute:country:text",
            "state region": "attribute:state:text", "city": "attribute:city:text",
            "create date": "attribute:hubspot_created:text", "last activity date": "skip",
            "last modified date": "skip", "associated company ids": "skip", "associated note": "skip",
            "associated note ids": "skip",
        },
    ),
    # docs.botdistrikt.com/overview/users says that users are exported to CSV, not with which header. These are the
    # fields as its Edit Users page names them; every other column is taken for an attribute.
    Preset(
        name="botdistrikt",
        label="BotDistrikt",
        known_by=frozenset({"first name", "last name", "time spent", "last message at"}),
        columns={
            "id": "attribute:botdistrikt_id:text", "user id": "attribute:botdistrikt_id:text",
            "profile picture": "skip", "channel": "attribute:botdistrikt_channel:text", "group": "skip",
            "created at": "attribute:botdistrikt_created_at:text", "first name": "first_name",
            "last name": "last_name", "email": "email", "phone": "phone", "timezone": "timezone", "tags": "tags",
            "notes": "note", "pause bot": "skip", "infinite session": "skip", "sessions": "skip", "messages": "skip",
            "clicks": "skip", "time spent": "skip", "average sentiment": "skip", "last message": "skip",
            "last message at": "skip",
        },
    ),
)  # fmt: skip


def find_preset(names: list[str]) -> Preset | None:
    """Return the service whose export a file with these columns is: the one that knows the most of them."""
    given = {plain(name) for name in names}
    found = [preset for preset in PRESETS if preset.known_by <= given]
    return max(found, key=lambda preset: len(preset.columns.keys() & given), default=None)
