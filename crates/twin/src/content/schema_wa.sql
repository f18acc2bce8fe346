-- wa.db: the app's own copy of the address book (reference/android.md §2.7). wa_contacts and wa_vnames as of 2026, the
-- others as of 2021; column names and types are facts of the format, the selection is ours.

CREATE TABLE wa_contacts (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT NOT NULL, is_whatsapp_user BOOLEAN NOT NULL, status TEXT,
    status_timestamp INTEGER, number TEXT, raw_contact_id INTEGER, display_name TEXT, phone_type INTEGER,
    phone_label TEXT, photo_ts INTEGER, thumb_ts INTEGER, photo_id_timestamp INTEGER, given_name TEXT,
    family_name TEXT, wa_name TEXT, sort_name TEXT, nickname TEXT, company TEXT, title TEXT,
    status_autodownload_disabled INTEGER, keep_timestamp INTEGER, is_spam_reported INTEGER,
    is_sidelist_synced BOOLEAN DEFAULT 0, is_business_synced BOOLEAN DEFAULT 0, disappearing_mode_duration INTEGER,
    disappearing_mode_timestamp LONG, history_sync_initial_phash TEXT, is_starred BOOLEAN,
    is_wa_created_contact BOOLEAN, sync_policy INTEGER, status_emoji TEXT, is_contact_synced INTEGER,
    is_reachable INTEGER, external_user_state INTEGER, disappearing_mode_support_disabled INTEGER
);
CREATE TABLE wa_vnames (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT NOT NULL, serial INTEGER NOT NULL, issuer TEXT NOT NULL,
    expires INTEGER, verified_name TEXT NOT NULL, industry TEXT, city TEXT, country TEXT, verified_level INTEGER,
    identity_unconfirmed_since INTEGER, cert_blob BLOB, host_storage INTEGER DEFAULT 0,
    actual_actors INTEGER DEFAULT 0, privacy_mode_ts INTEGER DEFAULT 0
);
CREATE TABLE wa_block_list (
    jid TEXT NOT NULL
);
CREATE TABLE wa_group_admin_settings (
    jid TEXT NOT NULL, restrict_mode BOOLEAN NOT NULL, announcement_group BOOLEAN NOT NULL,
    no_frequently_forwarded BOOLEAN NOT NULL, ephemeral_duration INTEGER DEFAULT NULL, creator_jid TEXT,
    in_app_support BOOLEAN NOT NULL
);
CREATE TABLE wa_group_descriptions (
    jid TEXT NOT NULL, description TEXT NOT NULL, description_id INTEGER, description_time INTEGER,
    description_setter_jid TEXT NOT NULL, description_id_string TEXT NOT NULL
);

CREATE INDEX jid_index ON wa_contacts (jid);
CREATE INDEX is_wa_index ON wa_contacts (is_whatsapp_user);
CREATE UNIQUE INDEX vname_jid_index ON wa_vnames (jid);
CREATE UNIQUE INDEX wa_group_descriptions_jid_index ON wa_group_descriptions (jid);
