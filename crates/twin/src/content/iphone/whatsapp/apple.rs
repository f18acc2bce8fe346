//! Core Data's habits: entities by number, times since 2001.

/// Number, name, and table of each entity. The numbers are our choice; a reader takes none for granted.
pub(super) const ENTITIES: &[(i64, &str, &str)] = &[
    (1, "WABlacklistItem", "ZWABLACKLISTITEM"),
    (2, "WAChatProperties", "ZWACHATPROPERTIES"),
    (3, "WAChatPushConfig", "ZWACHATPUSHCONFIG"),
    (4, "WAChatSession", "ZWACHATSESSION"),
    (5, "WAGroupInfo", "ZWAGROUPINFO"),
    (6, "WAGroupMember", "ZWAGROUPMEMBER"),
    (7, "WAGroupMembersChange", "ZWAGROUPMEMBERSCHANGE"),
    (8, "WAMediaItem", "ZWAMEDIAITEM"),
    (9, "WAMessage", "ZWAMESSAGE"),
    (10, "WAMessageDataItem", "ZWAMESSAGEDATAITEM"),
    (11, "WAMessageInfo", "ZWAMESSAGEINFO"),
    (12, "WAProfilePictureItem", "ZWAPROFILEPICTUREITEM"),
    (13, "WAProfilePushName", "ZWAPROFILEPUSHNAME"),
    (14, "WAVCardMention", "ZWAVCARDMENTION"),
    (15, "WAZ1PaymentTransaction", "ZWAZ1PAYMENTTRANSACTION"),
];

/// Number of the entity that a table holds.
pub(super) fn entity(table: &str) -> i64 {
    ENTITIES.iter().find(|(.., of)| *of == table).map_or(0, |(number, ..)| *number)
}

/// Seconds since 2001 of a Unix time in milliseconds: whole for what came in, with a fraction for own messages, as measured.
pub(super) fn time(ms: i64, own: bool) -> f64 {
    let since = ms - 978_307_200_000;
    #[allow(clippy::cast_precision_loss, reason = "a time of this century")]
    let seconds = if own { since as f64 / 1000.0 } else { since.div_euclid(1000) as f64 };
    seconds
}
