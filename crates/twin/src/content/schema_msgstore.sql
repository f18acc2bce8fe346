-- msgstore.db as the WhatsApp of about spring 2026 lays it out: the tables that we fill and those that other people's
-- programs ask for. Column names, types and defaults are facts of the format (reference/android.md §2.6); the order of
-- tables and the grouping are ours. Tables for payments, advertisements, shops and assistants are left out.

-- Settings, accounts and hidden ids
CREATE TABLE props (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, value TEXT
);
CREATE TABLE jid (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, server TEXT NOT NULL, agent INTEGER, device INTEGER,
    type INTEGER, raw_string TEXT
);
CREATE TABLE jid_map (
    lid_row_id INTEGER PRIMARY KEY NOT NULL, jid_row_id INTEGER NOT NULL, sort_id INTEGER
);
CREATE TABLE jid_user_metadata (
    jid_row_id INTEGER PRIMARY KEY NOT NULL, country_code TEXT
);
CREATE TABLE lid_display_name (
    lid_row_id INTEGER PRIMARY KEY NOT NULL, display_name TEXT NOT NULL, username TEXT
);
CREATE TABLE lid_chat_state (
    jid_row_id INTEGER PRIMARY KEY NOT NULL, is_pn_shared INTEGER NOT NULL DEFAULT 0,
    pn_requested_ts INTEGER NOT NULL DEFAULT 0, pnh_duplicate_lid_thread INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE user_device (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, user_jid_row_id INTEGER, device_jid_row_id INTEGER,
    key_index INTEGER NOT NULL DEFAULT 0
);

-- Conversations
CREATE TABLE chat (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER UNIQUE, hidden INTEGER, subject TEXT,
    created_timestamp INTEGER, display_message_row_id INTEGER, last_message_row_id INTEGER,
    last_read_message_row_id INTEGER, last_read_receipt_sent_message_row_id INTEGER,
    last_important_message_row_id INTEGER, archived INTEGER, sort_timestamp INTEGER, mod_tag INTEGER, gen REAL,
    spam_detection INTEGER, unseen_earliest_message_received_time INTEGER, unseen_message_count INTEGER,
    unseen_missed_calls_count INTEGER, unseen_row_count INTEGER, plaintext_disabled INTEGER,
    vcard_ui_dismissed INTEGER, change_number_notified_message_row_id INTEGER, show_group_description INTEGER,
    ephemeral_expiration INTEGER, last_read_ephemeral_message_row_id INTEGER, ephemeral_setting_timestamp INTEGER,
    ephemeral_displayed_exemptions INTEGER, ephemeral_disappearing_messages_initiator INTEGER,
    unseen_important_message_count INTEGER NOT NULL DEFAULT 0, group_type INTEGER NOT NULL DEFAULT 0,
    last_message_reaction_row_id INTEGER, last_seen_message_reaction_row_id INTEGER,
    unseen_message_reaction_count INTEGER, unseen_comment_message_count INTEGER, growth_lock_level INTEGER,
    growth_lock_expiration_ts INTEGER, last_read_message_sort_id INTEGER, display_message_sort_id INTEGER,
    last_message_sort_id INTEGER, last_read_receipt_sent_message_sort_id INTEGER,
    has_new_community_admin_dialog_been_acknowledged INTEGER NOT NULL DEFAULT 0, history_sync_progress INTEGER,
    chat_lock INTEGER, chat_origin TEXT, participation_status INTEGER, account_jid_row_id INTEGER,
    chat_encryption_state INTEGER, group_member_count INTEGER, limited_sharing INTEGER,
    limited_sharing_setting_timestamp INTEGER, is_contact INTEGER, ephemeral_after_read_duration INTEGER,
    business_chat_state INTEGER
);
CREATE TABLE chat_ephemeral (
    chat_row_id INTEGER PRIMARY KEY, ephemeral_trigger INTEGER, ephemeral_initiated_by_me BOOLEAN,
    after_read_duration INTEGER
);
CREATE TABLE community_chat (
    chat_row_id INTEGER PRIMARY KEY, last_activity_ts INTEGER, last_activity_seen_ts INTEGER, join_ts INTEGER,
    closed INTEGER NOT NULL DEFAULT 0, nesting_state INTEGER
);
CREATE TABLE labels (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER NOT NULL DEFAULT 0, label_name TEXT, predefined_id INTEGER,
    color_id INTEGER, sort_id INTEGER NOT NULL DEFAULT 0, hidden INTEGER, mute_end_time INTEGER,
    mute_schedule_enabled_days INTEGER, mute_schedule_time_from INTEGER, mute_schedule_time_to INTEGER,
    is_immutable INTEGER, is_aura_benefit_enabled INTEGER
);
CREATE TABLE labeled_jid (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, label_id INTEGER NOT NULL, jid_row_id INTEGER NOT NULL
);
CREATE TABLE status (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER UNIQUE, message_table_id INTEGER,
    last_read_message_table_id INTEGER, last_read_receipt_sent_message_table_id INTEGER,
    first_unread_message_table_id INTEGER, autodownload_limit_message_table_id INTEGER, timestamp INTEGER,
    unseen_count INTEGER, total_count INTEGER, unseen_count_close_friends INTEGER
);
CREATE TABLE deleted_chat_job (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, block_size INTEGER,
    singular_message_delete_rows_id TEXT, deleted_message_row_id INTEGER, deleted_starred_message_row_id INTEGER,
    deleted_messages_remove_files BOOLEAN, deleted_categories_message_row_id INTEGER,
    deleted_categories_starred_message_row_id INTEGER, deleted_categories_remove_files BOOLEAN,
    deleted_message_categories TEXT, delete_files_singular_delete BOOLEAN
);
CREATE TABLE composition (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, quoted_message_row_id INTEGER,
    timestamp INTEGER NOT NULL, message_type INTEGER NOT NULL, composition_type INTEGER NOT NULL, text TEXT,
    lookup_tables INTEGER NOT NULL DEFAULT 0, last_seen_timestamp INTEGER
);

-- Groups: who is and was in them
CREATE TABLE group_participant_user (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, group_jid_row_id INTEGER NOT NULL, user_jid_row_id INTEGER NOT NULL,
    rank INTEGER, pending INTEGER, add_timestamp INTEGER, label TEXT, join_method INTEGER,
    group_history_send_state INTEGER
);
CREATE TABLE group_participant_device (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, group_participant_row_id INTEGER NOT NULL,
    device_jid_row_id INTEGER NOT NULL, sent_sender_key INTEGER, sent_add_on_sender_key INTEGER
);
CREATE TABLE group_past_participant_user (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, group_jid_row_id INTEGER NOT NULL, user_jid_row_id INTEGER NOT NULL,
    is_leave INTEGER NOT NULL, timestamp INTEGER
);
CREATE TABLE group_notification_version (
    group_jid_row_id INTEGER PRIMARY KEY, subject_timestamp INTEGER NOT NULL, announcement_version INTEGER NOT NULL,
    participant_version INTEGER NOT NULL, group_join_request_timestamp INTEGER
);

-- Calls
CREATE TABLE call_log (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER, from_me INTEGER, call_id TEXT, transaction_id INTEGER,
    timestamp INTEGER, video_call INTEGER, duration INTEGER, call_result INTEGER, is_dnd_mode_on INTEGER,
    bytes_transferred INTEGER, group_jid_row_id INTEGER NOT NULL DEFAULT 0, is_joinable_group_call INTEGER,
    call_creator_device_jid_row_id INTEGER NOT NULL DEFAULT 0, call_random_id TEXT,
    call_link_row_id INTEGER NOT NULL DEFAULT 0, call_type INTEGER, offer_silence_reason INTEGER, scheduled_id TEXT,
    telecom_uuid TEXT, terminated_by_device_switch INTEGER
);
CREATE TABLE call_log_participant_v2 (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, call_log_row_id INTEGER, jid_row_id INTEGER, call_result INTEGER
);
CREATE TABLE call_link (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, creator_jid_row_id INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE call_unknown_caller (
    call_log_row_id INTEGER PRIMARY KEY
);
CREATE TABLE message_call_log (
    message_row_id INTEGER PRIMARY KEY, call_log_row_id INTEGER
);
CREATE TABLE missed_call_logs (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, timestamp INTEGER, video_call INTEGER,
    group_jid_row_id INTEGER NOT NULL DEFAULT 0, is_joinable_group_call INTEGER, is_dnd_mode_on INTEGER,
    offer_silence_reason INTEGER
);
CREATE TABLE missed_call_log_participant (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, call_logs_row_id INTEGER, jid TEXT, call_result INTEGER
);

-- Answers, votes and marks on a message
CREATE TABLE message_add_on (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER, from_me INTEGER, key_id TEXT NOT NULL,
    sender_jid_row_id INTEGER, parent_message_row_id INTEGER, timestamp INTEGER, status INTEGER,
    message_add_on_type INTEGER, received_timestamp INTEGER, expiry_duration_in_secs INTEGER,
    server_timestamp INTEGER, expiry_timestamp INTEGER, expiry_type INTEGER
);
CREATE TABLE message_add_on_reaction (
    message_add_on_row_id INTEGER PRIMARY KEY, reaction TEXT, sender_timestamp INTEGER
);
CREATE TABLE message_add_on_poll_vote (
    message_add_on_row_id INTEGER PRIMARY KEY, sender_timestamp INTEGER
);
CREATE TABLE message_add_on_poll_vote_selected_option (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_add_on_row_id INTEGER, message_poll_option_id INTEGER
);
CREATE TABLE message_add_on_event_response (
    message_add_on_row_id INTEGER PRIMARY KEY, response INTEGER DEFAULT 0, sender_timestamp INTEGER NOT NULL,
    extra_guest_count INTEGER
);
CREATE TABLE message_add_on_pin_in_chat (
    message_add_on_row_id INTEGER PRIMARY KEY, pin_in_chat_state INTEGER NOT NULL DEFAULT 0, sender_timestamp INTEGER
);
CREATE TABLE message_add_on_keep_in_chat (
    message_add_on_row_id INTEGER PRIMARY KEY, keep_in_chat_state INTEGER NOT NULL DEFAULT 0,
    sender_timestamp INTEGER, keep_count INTEGER NOT NULL DEFAULT 0, actor_device_jid_row_id INTEGER
);

-- Notices
CREATE TABLE message_system (
    message_row_id INTEGER PRIMARY KEY, action_type INTEGER NOT NULL
);
CREATE TABLE message_system_value_change (
    message_row_id INTEGER PRIMARY KEY, old_data TEXT
);
CREATE TABLE message_system_group (
    message_row_id INTEGER PRIMARY KEY, is_me_joined INTEGER
);
CREATE TABLE message_system_group_with_parent (
    message_row_id INTEGER PRIMARY KEY, linked_parent_group_name TEXT
);
CREATE TABLE message_system_with_group_nodes (
    message_row_id INTEGER NOT NULL, group_jid_row_id INTEGER NOT NULL, group_node_type INTEGER NOT NULL,
    group_subject TEXT, version INTEGER, PRIMARY KEY (message_row_id, group_jid_row_id, group_node_type)
);
CREATE TABLE message_system_chat_participant (
    message_row_id INTEGER, user_jid_row_id INTEGER
);
CREATE TABLE message_system_number_change (
    message_row_id INTEGER PRIMARY KEY, old_jid_row_id INTEGER, new_jid_row_id INTEGER
);
CREATE TABLE message_system_lid_change (
    message_row_id INTEGER PRIMARY KEY, old_lid_row_id INTEGER, new_lid_row_id INTEGER, display_name TEXT
);
CREATE TABLE message_system_username_change (
    message_row_id INTEGER PRIMARY KEY, user_jid INTEGER, old_username TEXT, new_username TEXT, display_name TEXT
);
CREATE TABLE message_system_photo_change (
    message_row_id INTEGER PRIMARY KEY, new_photo_id TEXT, old_photo BLOB, new_photo BLOB
);
CREATE TABLE message_system_block_contact (
    message_row_id INTEGER PRIMARY KEY, is_blocked INTEGER
);
CREATE TABLE message_system_device_change (
    message_row_id INTEGER PRIMARY KEY, device_added_count INTEGER, device_removed_count INTEGER
);
CREATE TABLE message_system_ephemeral_setting_not_applied (
    message_row_id INTEGER PRIMARY KEY, setting_duration INTEGER
);
CREATE TABLE message_system_initial_privacy_provider (
    message_row_id INTEGER PRIMARY KEY, privacy_provider INTEGER NOT NULL DEFAULT 0, verified_biz_name TEXT,
    biz_state_id INTEGER, is_deprecated INTEGER
);
CREATE TABLE message_system_business_state (
    message_row_id INTEGER PRIMARY KEY, privacy_message_type INTEGER NOT NULL, business_name TEXT,
    is_deprecated INTEGER
);
CREATE TABLE message_system_linked_group_call (
    message_row_id INTEGER PRIMARY KEY, call_id TEXT, is_video_call INTEGER, call_type INTEGER
);

-- Quoted messages
CREATE TABLE message_quoted (
    message_row_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL,
    parent_message_chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL, sender_jid_row_id INTEGER,
    key_id TEXT NOT NULL, timestamp INTEGER, message_type INTEGER, origin INTEGER, text_data TEXT,
    payment_transaction_id TEXT, lookup_tables INTEGER, quoted_source INTEGER, quoted_type INTEGER
);
CREATE TABLE message_quoted_media (
    message_row_id INTEGER PRIMARY KEY, media_job_uuid TEXT, transferred INTEGER, file_path TEXT, file_size INTEGER,
    media_key BLOB, media_key_timestamp INTEGER, width INTEGER, height INTEGER, direct_path TEXT, message_url TEXT,
    mime_type TEXT, file_length INTEGER, media_name TEXT, file_hash TEXT, media_duration INTEGER, page_count INTEGER,
    enc_file_hash TEXT, thumbnail BLOB, media_caption TEXT, accessibility_label TEXT
);
CREATE TABLE message_quoted_text (
    message_row_id INTEGER PRIMARY KEY, thumbnail BLOB
);
CREATE TABLE message_quoted_location (
    message_row_id INTEGER PRIMARY KEY, latitude REAL, longitude REAL, place_name TEXT, place_address TEXT, url TEXT,
    thumbnail BLOB
);
CREATE TABLE message_quoted_vcard (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, vcard TEXT
);
CREATE TABLE message_quoted_mentions (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, jid_row_id INTEGER, display_name STRING,
    mention_type INTEGER
);
CREATE TABLE message_quoted_group_invite (
    message_row_id INTEGER PRIMARY KEY, group_jid_row_id INTEGER NOT NULL, admin_jid_row_id INTEGER NOT NULL,
    group_name TEXT, invite_code TEXT, expiration INTEGER, invite_time INTEGER, expired INTEGER,
    group_type INTEGER NOT NULL DEFAULT 0
);

-- Media
CREATE TABLE message_media (
    message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, autotransfer_retry_enabled INTEGER, transferred INTEGER,
    face_x INTEGER, face_y INTEGER, has_streaming_sidecar INTEGER, page_count INTEGER,
    thumbnail_height_width_ratio REAL, first_scan_sidecar BLOB, first_scan_length INTEGER, message_url TEXT,
    media_upload_handle TEXT, sticker_flags INTEGER, raw_transcription_text TEXT, first_viewed_timestamp INTEGER,
    is_animated_sticker INTEGER, media_caption TEXT, metadata_url TEXT, motion_photo_presentation_offset_ms INTEGER,
    multicast_id TEXT, media_job_uuid TEXT, transcoded INTEGER, file_path TEXT, file_size INTEGER,
    suspicious_content INTEGER, trim_from INTEGER, trim_to INTEGER, media_key BLOB, media_key_timestamp INTEGER,
    width INTEGER, height INTEGER, gif_attribution INTEGER, direct_path TEXT, mime_type TEXT, file_length INTEGER,
    media_name TEXT, file_hash TEXT, media_duration INTEGER, enc_file_hash TEXT, partial_media_hash TEXT,
    partial_media_enc_hash TEXT, original_file_hash TEXT, mute_video INTEGER DEFAULT 0, doodle_id TEXT,
    media_source_type INTEGER, accessibility_label TEXT, media_transcode_quality INTEGER DEFAULT 0, qr_url TEXT,
    media_key_domain INTEGER, e2ee_media_key BLOB, premium_message INTEGER, emoji_tags TEXT
);
CREATE TABLE message_media_map (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER NOT NULL, chat_row_id INTEGER NOT NULL,
    media_row_id INTEGER NOT NULL
);
CREATE TABLE media_hash_thumbnail (
    media_hash TEXT PRIMARY KEY, thumbnail BLOB
);
CREATE TABLE media_refs (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE, ref_count INTEGER
);
CREATE TABLE mms_thumbnail_metadata (
    message_row_id INTEGER PRIMARY KEY, direct_path TEXT, media_key BLOB, media_key_timestamp INTEGER,
    enc_thumb_hash TEXT, thumb_hash TEXT, thumb_width INTEGER, thumb_height INTEGER, transferred INTEGER,
    micro_thumbnail BLOB, insert_timestamp INTEGER, handle TEXT
);
CREATE TABLE audio_data (
    message_row_id INTEGER PRIMARY KEY, waveform BLOB, background_color INTEGER NOT NULL DEFAULT 0,
    background_color_changed INTEGER DEFAULT 0, transcription_status INTEGER, transcription_locale INTEGER,
    transcription_confidence_threshold INTEGER, transcription_request_locale INTEGER,
    transcription_feedback_submitted INTEGER, transcription_id TEXT
);
CREATE TABLE message_thumbnail (
    message_row_id INTEGER PRIMARY KEY, thumbnail BLOB
);
CREATE TABLE message_view_once_media (
    message_row_id INTEGER PRIMARY KEY, state INTEGER NOT NULL
);
CREATE TABLE message_media_vcard_count (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, count INTEGER
);

-- Receipts
CREATE TABLE receipt_user (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER NOT NULL, receipt_user_jid_row_id INTEGER NOT NULL,
    receipt_timestamp INTEGER, read_timestamp INTEGER, played_timestamp INTEGER
);
CREATE TABLE receipt_device (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER NOT NULL,
    receipt_device_jid_row_id INTEGER NOT NULL, receipt_device_timestamp INTEGER, primary_device_version INTEGER
);

-- Messages
CREATE TABLE message (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL,
    key_id TEXT NOT NULL, sender_jid_row_id INTEGER, status INTEGER, broadcast INTEGER, recipient_count INTEGER,
    participant_hash TEXT, origination_flags INTEGER, origin INTEGER, timestamp INTEGER, received_timestamp INTEGER,
    receipt_server_timestamp INTEGER, message_type INTEGER, text_data TEXT, starred INTEGER, lookup_tables INTEGER,
    message_add_on_flags INTEGER, view_mode INTEGER, sort_id INTEGER NOT NULL DEFAULT 0, translated_text TEXT,
    view_replies_thread_id INTEGER, server_sts INTEGER
);
CREATE TABLE message_text (
    message_row_id INTEGER PRIMARY KEY, description TEXT, page_title TEXT, url TEXT, font_style INTEGER,
    text_color INTEGER, background_color INTEGER, preview_type INTEGER,
    invite_link_group_type INTEGER NOT NULL DEFAULT 0, counter_abuse_token TEXT, fb_experiment_id INTEGER,
    social_media_post_type INTEGER, link_media_duration_seconds INTEGER, link_end_index INTEGER
);
CREATE TABLE message_link (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER, message_row_id INTEGER, link_index INTEGER
);
CREATE TABLE message_mentions (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, jid_row_id INTEGER, display_name STRING,
    mention_type INTEGER
);
CREATE TABLE message_location (
    message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, latitude REAL, longitude REAL, place_name TEXT,
    place_address TEXT, url TEXT, live_location_share_duration INTEGER, live_location_sequence_number INTEGER,
    live_location_final_latitude REAL, live_location_final_longitude REAL, live_location_final_timestamp INTEGER,
    map_download_status INTEGER
);
CREATE TABLE message_vcard (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, vcard TEXT
);
CREATE TABLE message_vcard_jid (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, vcard_jid_row_id INTEGER, vcard_row_id INTEGER, message_row_id INTEGER
);
CREATE TABLE message_forwarded (
    message_row_id INTEGER PRIMARY KEY, forward_score INTEGER, forward_origin INTEGER
);
CREATE TABLE message_edit_info (
    message_row_id INTEGER PRIMARY KEY, original_key_id TEXT NOT NULL, edited_timestamp INTEGER NOT NULL,
    sender_timestamp INTEGER NOT NULL
);
CREATE TABLE message_revoked (
    message_row_id INTEGER PRIMARY KEY, revoked_key_id TEXT NOT NULL, admin_jid_row_id INTEGER,
    revoke_timestamp INTEGER
);
CREATE TABLE message_ephemeral (
    message_row_id INTEGER PRIMARY KEY, duration INTEGER NOT NULL, expire_timestamp INTEGER NOT NULL,
    keep_in_chat INTEGER NOT NULL DEFAULT 0, ephemeral_trigger INTEGER, ephemeral_initiated_by_me INTEGER,
    after_read_duration INTEGER
);
CREATE TABLE message_ephemeral_setting (
    message_row_id INTEGER PRIMARY KEY, setting_duration INTEGER, setting_reason INTEGER, user_jid_row_id_csv TEXT,
    ephemeral_trigger INTEGER, ephemeral_initiated_by_me INTEGER, pre_setting_duration INTEGER,
    after_read_duration INTEGER
);
CREATE TABLE message_details (
    message_row_id INTEGER PRIMARY KEY, author_device_jid INTEGER
);
CREATE TABLE message_secret (
    message_row_id INTEGER PRIMARY KEY, message_secret BLOB
);
CREATE TABLE message_send_count (
    message_row_id INTEGER PRIMARY KEY, send_count INTEGER
);
CREATE TABLE message_album (
    message_row_id INTEGER PRIMARY KEY, image_count INTEGER NOT NULL DEFAULT 0,
    video_count INTEGER NOT NULL DEFAULT 0, expected_image_count INTEGER, expected_video_count INTEGER
);
CREATE TABLE message_association (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, child_message_row_id INTEGER NOT NULL,
    parent_message_row_id INTEGER NOT NULL, association_type INTEGER NOT NULL
);
CREATE TABLE message_parent_association (
    message_row_id INTEGER PRIMARY KEY, parent_message_row_id INTEGER NOT NULL, association_type INTEGER NOT NULL
);
CREATE TABLE message_comment (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, parent_message_row_id INTEGER, message_row_id INTEGER
);
CREATE TABLE message_comment_parent (
    message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, number_of_comments INTEGER NOT NULL,
    last_comment_ts INTEGER, last_comment_message_row_id INTEGER
);
CREATE TABLE message_group_invite (
    message_row_id INTEGER PRIMARY KEY, group_jid_row_id INTEGER NOT NULL, admin_jid_row_id INTEGER NOT NULL,
    group_name TEXT, invite_code TEXT, expiration INTEGER, invite_time INTEGER, expired INTEGER,
    group_type INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE message_poll (
    message_row_id INTEGER PRIMARY KEY, enc_key BLOB, selectable_options_count INTEGER,
    invalid_state INTEGER NOT NULL DEFAULT 0, poll_logging_id INTEGER NOT NULL DEFAULT 0, poll_type INTEGER,
    correct_option_id INTEGER, content_type INTEGER, hide_participant_names INTEGER, end_time INTEGER,
    allow_add_option INTEGER
);
CREATE TABLE message_poll_option (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, option_sha256 TEXT, option_name TEXT,
    vote_total INTEGER, option_hash TEXT
);
CREATE TABLE message_event (
    message_row_id INTEGER PRIMARY KEY, is_canceled INTEGER DEFAULT 0, name TEXT NOT NULL, description TEXT,
    location_latitude REAL, location_longitude REAL, location_name TEXT, location_address TEXT, join_link TEXT,
    start_time DATETIME NOT NULL, end_time DATETIME, chat_row_id INTEGER, event_state INTEGER NOT NULL DEFAULT 0,
    allow_extra_guests INTEGER, is_schedule_call INTEGER, has_reminder INTEGER, reminder_offset_sec INTEGER,
    show_upcoming_banner INTEGER
);
CREATE TABLE message_event_invite (
    message_row_id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, event_title TEXT NOT NULL, start_time INTEGER,
    is_canceled INTEGER DEFAULT 0, caption TEXT, end_time INTEGER
);
CREATE TABLE newsletter_message (
    message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER NOT NULL, server_message_id INTEGER NOT NULL,
    comments_count INTEGER NOT NULL DEFAULT 0, reaction_from_me TEXT,
    extra_newsletter_tables INTEGER NOT NULL DEFAULT 0, extra_table_last_update_ts INTEGER,
    reactions_from_me_ts INTEGER, view_count INTEGER, is_autodelete_eligible INTEGER, is_wamo_sub INTEGER,
    forwards_count INTEGER, admin_profile_id INTEGER, admin_profile_name TEXT, admin_profile_picture_id INTEGER,
    admin_profile_picture_url TEXT, is_paid_partnership INTEGER
);
CREATE TABLE newsletter_message_reaction (
    _id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER NOT NULL, reaction TEXT NOT NULL,
    reaction_count INTEGER NOT NULL
);
CREATE TABLE forwarded_newsletter_message_info (
    message_row_id INTEGER PRIMARY KEY, newsletter_jid_row_id INTEGER NOT NULL,
    newsletter_server_message_id INTEGER NOT NULL, newsletter_name TEXT NOT NULL DEFAULT '', profile_name TEXT
);
CREATE TABLE message_ui_elements (
    _id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, message_row_id INTEGER NOT NULL, element_type INTEGER,
    element_content TEXT, description TEXT, template_id TEXT, hsm_tag TEXT, footer_text TEXT, button_text TEXT,
    message_type INTEGER
);
CREATE TABLE message_future (
    message_row_id INTEGER PRIMARY KEY, version INTEGER, data BLOB, future_message_type INTEGER,
    future_proof_stanza BLOB, edit_version INTEGER, message_stanza_data BLOB
);

-- Lookups. Names and columns as the real database of 2022 had them; the dump of 2026 lists no indexes, so that they are
-- still the same is our assumption.
CREATE UNIQUE INDEX jid_raw_string_index ON jid (raw_string);
CREATE UNIQUE INDEX jid_key_new_index ON jid (user, server, agent, device, type);
CREATE UNIQUE INDEX message_key_index ON message (chat_row_id, from_me, key_id, sender_jid_row_id);
CREATE INDEX message_chat_sort_id_index ON message (chat_row_id, sort_id);
CREATE INDEX message_sort_id_index ON message (sort_id);
CREATE INDEX message_chat_id_index ON message (chat_row_id, _id);
CREATE INDEX message_type_chat_index ON message (chat_row_id, message_type);
CREATE INDEX message_type_index ON message (message_type);
CREATE INDEX message_starred_index ON message (starred);
CREATE INDEX message_media_chat_index ON message_media (chat_row_id);
CREATE INDEX message_media_hash_index ON message_media (file_hash);
CREATE UNIQUE INDEX message_add_on_key_index ON message_add_on (chat_row_id, from_me, key_id, sender_jid_row_id);
CREATE INDEX message_add_on_parent_message_row_id_index ON message_add_on (parent_message_row_id);
CREATE UNIQUE INDEX receipt_user_index ON receipt_user (message_row_id, receipt_user_jid_row_id);
CREATE UNIQUE INDEX mentions_index ON message_mentions (message_row_id, jid_row_id);
CREATE UNIQUE INDEX message_vcard_index ON message_vcard (message_row_id, vcard);
CREATE UNIQUE INDEX group_participant_user_index ON group_participant_user (group_jid_row_id, user_jid_row_id);
CREATE UNIQUE INDEX call_log_key_index ON call_log (jid_row_id, from_me, call_id, transaction_id);
CREATE INDEX message_system_chat_participant_index ON message_system_chat_participant (message_row_id);
