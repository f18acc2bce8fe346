//! The statements over the other tables, one a table, prepared once per file from what the file's schema has.

use super::{
    MessageTable, ReadError, Scope,
    kept::KeptTables,
    schema::{Schema, Side},
};

/// The ways to all side tables, prepared once per file.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    pub media: Option<Side>,
    pub link: Option<Side>,
    pub location: Option<Side>,
    pub cards: Option<Side>,
    pub legacy_cards: Option<Side>,
    pub quoted: Option<Side>,
    pub legacy_quotes: Option<Side>,
    pub mentions: Option<Side>,
    pub forwarded: Option<Side>,
    pub edited: Option<Side>,
    pub first_text: Option<Side>,
    pub revoked: Option<Side>,
    pub expiring: Option<Side>,
    pub timer: Option<Side>,
    pub view_once: Option<Side>,
    pub album: Option<Side>,
    pub parent: Option<Side>,
    pub system: Option<Side>,
    pub affected: Option<Side>,
    pub call: Option<Side>,
    pub callers: Option<Side>,
    pub missed: Option<Side>,
    pub poll: Option<Side>,
    pub options: Option<Side>,
    pub add_ons: Option<Side>,
    pub votes: Option<Side>,
    pub invite: Option<Side>,
    pub event: Option<Side>,
    pub elements: Option<Side>,
    pub reply: Option<Side>,
    pub template: Option<Side>,
    pub buttons: Option<Side>,
    pub order: Option<Side>,
    pub product: Option<Side>,
    pub future: Option<Side>,
    pub quoted_place: Option<Side>,
    pub quoted_cards: Option<Side>,
    pub comment: Option<Side>,
    pub former_questions: Option<Side>,
    pub missed_callers: Option<Side>,
    /// Tables that no reader understands.
    pub kept: KeptTables,
}

impl Sides {
    #[allow(clippy::too_many_lines, reason = "one statement a table, nothing else")]
    pub(crate) fn prepare(schema: &Schema<'_>, table: MessageTable, scope: &Scope) -> Result<Self, ReadError> {
        let plain = |name: &str, key: &str, columns: &[&str]| -> Result<Option<Side>, ReadError> {
            let Some(list) = schema.columns(name, "s", columns) else { return Ok(None) };
            Side::new(schema, name, key, &list, "")
        };
        let by_message = |name: &str, columns: &[&str]| plain(name, "message_row_id", columns);
        // A LEFT JOIN by the same key; left out with its columns NULL when the table is missing.
        let also = |name: &str, alias: &str, key: &str, on: &str| {
            if schema.has_column(name, key) {
                format!(" LEFT JOIN {name} {alias} ON {alias}.{key} = {on}")
            } else {
                String::new()
            }
        };
        let joined = |name: &str, alias: &str, key: &str, columns: &[&str]| {
            if schema.has_column(name, key) {
                schema.joined(name, alias, columns)
            } else {
                vec!["NULL"; columns.len()].join(", ")
            }
        };
        let legacy = table == MessageTable::Legacy;
        let quoted = match schema.columns(
            "message_quoted",
            "s",
            &["chat_row_id", "from_me", "sender_jid_row_id", "key_id", "timestamp", "message_type", "text_data"],
        ) {
            Some(list) => {
                let key = "message_row_id";
                let caption = joined("message_quoted_media", "qm", key, &["media_caption", "media_name", "mime_type"]);
                let join = also("message_quoted_media", "qm", key, "s.message_row_id");
                Side::new(schema, "message_quoted", key, &format!("{list}, {caption}"), &join)?
            }
            None => None,
        };
        let system = match schema.columns("message_system", "s", &["action_type"]) {
            Some(list) => {
                let key = "message_row_id";
                let parts: [(&str, &str, &[&str]); 7] = [
                    ("message_system_value_change", "v", &["old_data"]),
                    ("message_system_number_change", "n", &["old_jid_row_id", "new_jid_row_id"]),
                    ("message_system_photo_change", "ph", &["message_row_id"]),
                    ("message_system_block_contact", "b", &["is_blocked"]),
                    ("message_system_ephemeral_setting_not_applied", "e", &["setting_duration"]),
                    ("message_system_username_change", "u", &["old_username", "new_username"]),
                    ("message_system_group", "g", &["is_me_joined"]),
                ];
                let columns: String =
                    parts.iter().map(|(name, alias, cols)| format!(", {}", joined(name, alias, key, cols))).collect();
                let joins: String = parts.iter().map(|(name, alias, _)| also(name, alias, key, "s.message_row_id")).collect();
                Side::new(schema, "message_system", key, &format!("{list}{columns}"), &joins)?
            }
            None => None,
        };
        let add_ons = match schema.columns(
            "message_add_on",
            "s",
            &["_id", "from_me", "sender_jid_row_id", "timestamp", "message_add_on_type", "expiry_timestamp"],
        ) {
            Some(list) => {
                let key = "message_add_on_row_id";
                let parts: [(&str, &str, &[&str]); 5] = [
                    ("message_add_on_reaction", "r", &["message_add_on_row_id", "reaction", "sender_timestamp"]),
                    ("message_add_on_poll_vote", "v", &["message_add_on_row_id", "sender_timestamp"]),
                    ("message_add_on_pin_in_chat", "p", &["pin_in_chat_state", "sender_timestamp"]),
                    ("message_add_on_keep_in_chat", "k", &["keep_in_chat_state", "sender_timestamp"]),
                    ("message_add_on_event_response", "e", &["response", "sender_timestamp", "extra_guest_count"]),
                ];
                let columns: String =
                    parts.iter().map(|(name, alias, cols)| format!(", {}", joined(name, alias, key, cols))).collect();
                let joins: String = parts.iter().map(|(name, alias, _)| also(name, alias, key, "s._id")).collect();
                Side::new(schema, "message_add_on", "parent_message_row_id", &format!("{list}{columns}"), &joins)?
            }
            None => None,
        };
        let call = if schema.has_column("message_call_log", "call_log_row_id") {
            let list = joined("call_log", "c", "_id", &["_id", "video_call", "duration", "call_result", "group_jid_row_id"]);
            let join = also("call_log", "c", "_id", "s.call_log_row_id");
            Side::new(schema, "message_call_log", "message_row_id", &list, &join)?
        } else {
            None
        };
        let parent_of = |name: &str, key: &str| -> Result<Option<Side>, ReadError> {
            if legacy || !schema.has_column(name, "parent_message_row_id") {
                return Ok(None);
            }
            let list = schema.joined("message", "p", &["key_id", "from_me", "message_type"]);
            Side::new(schema, name, key, &list, "CROSS JOIN message p ON p._id = s.parent_message_row_id")
        };
        let parent = match parent_of("message_parent_association", "message_row_id")? {
            Some(side) => Some(side),
            None => parent_of("message_association", "child_message_row_id")?,
        };
        let media = [
            "file_path",
            "media_name",
            "mime_type",
            "file_size",
            "file_length",
            "file_hash",
            "media_duration",
            "width",
            "height",
            "media_caption",
            "raw_transcription_text",
        ];
        let quoted_place = ["latitude", "longitude", "place_name", "place_address", "url"];
        let place = [
            "latitude",
            "longitude",
            "place_name",
            "place_address",
            "url",
            "live_location_share_duration",
            "live_location_final_latitude",
            "live_location_final_longitude",
            "live_location_final_timestamp",
        ];
        let event = [
            "name",
            "description",
            "location_latitude",
            "location_longitude",
            "location_name",
            "location_address",
            "join_link",
            "start_time",
            "end_time",
            "is_canceled",
        ];
        let legacy_quote = [
            "key_from_me",
            "remote_resource",
            "key_id",
            "timestamp",
            "media_wa_type",
            "data",
            "media_caption",
            "key_remote_jid",
            "media_name",
            "media_mime_type",
        ];
        Ok(Self {
            media: by_message("message_media", &media)?,
            link: by_message("message_text", &["description", "page_title", "url"])?,
            location: by_message("message_location", &place)?,
            cards: by_message("message_vcard", &["vcard"])?,
            legacy_cards: if legacy { by_message("messages_vcards", &["vcard"])? } else { None },
            quoted,
            legacy_quotes: if legacy { plain("messages_quotes", "_id", &legacy_quote)? } else { None },
            mentions: by_message("message_mentions", &["jid_row_id", "display_name", "mention_type"])?,
            forwarded: by_message("message_forwarded", &["forward_score"])?,
            edited: by_message("message_edit_info", &["original_key_id", "edited_timestamp"])?,
            first_text: plain("message_ftsv2_content", "docid", &["c0content"])?,
            revoked: by_message("message_revoked", &["revoked_key_id", "admin_jid_row_id", "revoke_timestamp"])?,
            expiring: by_message("message_ephemeral", &["duration", "expire_timestamp", "keep_in_chat"])?,
            timer: by_message(
                "message_ephemeral_setting",
                &["setting_duration", "pre_setting_duration", "ephemeral_initiated_by_me"],
            )?,
            view_once: by_message("message_view_once_media", &["state"])?,
            album: by_message("message_album", &["image_count", "video_count", "expected_image_count", "expected_video_count"])?,
            parent,
            system,
            affected: by_message("message_system_chat_participant", &["user_jid_row_id"])?,
            call,
            callers: plain("call_log_participant_v2", "call_log_row_id", &["jid_row_id"])?,
            missed: by_message("missed_call_logs", &["_id", "video_call", "group_jid_row_id"])?,
            poll: by_message("message_poll", &["selectable_options_count"])?,
            options: by_message("message_poll_option", &["_id", "option_name", "vote_total"])?,
            add_ons,
            votes: plain("message_add_on_poll_vote_selected_option", "message_add_on_row_id", &["message_poll_option_id"])?,
            invite: by_message("message_group_invite", &["group_name", "expiration"])?,
            event: by_message("message_event", &event)?,
            elements: by_message("message_ui_elements", &["element_content", "description", "footer_text", "button_text"])?,
            reply: by_message("message_ui_elements_reply", &["reply_description", "reply_values"])?,
            template: by_message("message_template", &["content_text_data", "footer_text_data"])?,
            buttons: by_message("message_template_button", &["text_data"])?,
            order: by_message("message_order", &["order_title", "message"])?,
            product: by_message("message_product", &["title", "description", "body", "footer", "url"])?,
            future: by_message("message_future", &["version"])?,
            quoted_place: by_message("message_quoted_location", &quoted_place)?,
            quoted_cards: by_message("message_quoted_vcard", &["vcard"])?,
            comment: parent_of("message_comment", "message_row_id")?,
            former_questions: plain("poll_edit_snapshot", "parent_message_row_id", &["previous_poll_name"])?,
            missed_callers: plain("missed_call_log_participant", "call_logs_row_id", &["jid"])?,
            kept: KeptTables::prepare(schema, scope)?,
        })
    }

    fn all(&self) -> [Option<&Side>; 40] {
        [
            &self.media,
            &self.link,
            &self.location,
            &self.cards,
            &self.legacy_cards,
            &self.quoted,
            &self.legacy_quotes,
            &self.mentions,
            &self.forwarded,
            &self.edited,
            &self.first_text,
            &self.revoked,
            &self.expiring,
            &self.timer,
            &self.view_once,
            &self.album,
            &self.parent,
            &self.system,
            &self.affected,
            &self.call,
            &self.callers,
            &self.missed,
            &self.poll,
            &self.options,
            &self.add_ons,
            &self.votes,
            &self.invite,
            &self.event,
            &self.elements,
            &self.reply,
            &self.template,
            &self.buttons,
            &self.order,
            &self.product,
            &self.future,
            &self.quoted_place,
            &self.quoted_cards,
            &self.comment,
            &self.former_questions,
            &self.missed_callers,
        ]
        .map(Option::as_ref)
    }

    /// Rows that no lookup of ours could hold.
    pub(crate) fn refused(&self) -> u64 {
        self.all().into_iter().flatten().map(Side::refused).sum()
    }

    #[cfg(test)]
    pub(crate) fn statements(&self) -> Vec<String> {
        self.all().into_iter().flatten().map(|side| side.statement().to_owned()).collect()
    }
}
