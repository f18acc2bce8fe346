//! What the entries of a backup are, by their names.

/// An entry. What follows a prefix is an id that the app made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry<'n> {
    Settings,
    /// The holder's identity with its private key, encrypted a second time. Never opened.
    Identity,
    Contacts,
    Groups,
    Lists,
    Ballots,
    Choices,
    Votes,
    ContactReactions,
    GroupReactions,
    /// Messages with one contact.
    Messages(&'n str),
    GroupMessages(&'n str),
    ListMessages(&'n str),
    /// The file of a message.
    Media(&'n str),
    Thumbnail,
    /// Pictures of people and groups.
    Picture,
    /// Numbers that were used once, and counts of rows.
    Technical,
    Unknown,
}

impl<'n> Entry<'n> {
    #[must_use]
    pub fn of(name: &'n str) -> Self {
        // A prefix may begin another: the longer ones stand first.
        const FILES: [&str; 3] = ["distribution_list_message_media_", "group_message_media_", "message_media_"];
        const THUMBNAILS: [&str; 4] = [
            "distribution_list_message_thumbnail_",
            "distribution_list_thumbnail_",
            "group_message_thumbnail_",
            "message_thumbnail_",
        ];
        const PICTURES: [&str; 3] = ["contact_avatar_", "contact_profile_pic_", "group_avatar_"];
        match name {
            "settings" => return Self::Settings,
            "identity" => return Self::Identity,
            "contacts.csv" => return Self::Contacts,
            "groups.csv" => return Self::Groups,
            "distribution_list.csv" => return Self::Lists,
            "ballot.csv" => return Self::Ballots,
            "ballot_choice.csv" => return Self::Choices,
            "ballot_vote.csv" => return Self::Votes,
            "contact_reactions.csv" => return Self::ContactReactions,
            "group_reactions.csv" => return Self::GroupReactions,
            _ => {}
        }
        let behind = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| name.strip_prefix(prefix));
        if let Some(id) = behind(&FILES) {
            return Self::Media(id);
        }
        if behind(&THUMBNAILS).is_some() {
            return Self::Thumbnail;
        }
        if behind(&PICTURES).is_some() {
            return Self::Picture;
        }
        if name.starts_with("nonce") || name.starts_with("reaction_counts") {
            return Self::Technical;
        }
        let Some(table) = name.strip_suffix(".csv") else { return Self::Unknown };
        if let Some(id) = table.strip_prefix("distribution_list_message_") {
            return Self::ListMessages(id);
        }
        if let Some(id) = table.strip_prefix("group_message_") {
            return Self::GroupMessages(id);
        }
        table.strip_prefix("message_").map_or(Self::Unknown, Self::Messages)
    }

    /// How the kind is called where no id may stand.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Identity => "identity",
            Self::Contacts => "contacts.csv",
            Self::Groups => "groups.csv",
            Self::Lists => "distribution_list.csv",
            Self::Ballots => "ballot.csv",
            Self::Choices => "ballot_choice.csv",
            Self::Votes => "ballot_vote.csv",
            Self::ContactReactions => "contact_reactions.csv",
            Self::GroupReactions => "group_reactions.csv",
            Self::Messages(_) => "message_*.csv",
            Self::GroupMessages(_) => "group_message_*.csv",
            Self::ListMessages(_) => "distribution_list_message_*.csv",
            Self::Media(_) => "*_media_*",
            Self::Thumbnail => "*_thumbnail_*",
            Self::Picture => "*_avatar_*",
            Self::Technical => "nonces, counts",
            Self::Unknown => "other entries",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn the_longest_prefix_decides() {
        for (name, entry) in [
            ("message_01.csv", Entry::Messages("01")),
            ("message_media_01", Entry::Media("01")),
            ("message_thumbnail_01", Entry::Thumbnail),
            ("group_message_02.csv", Entry::GroupMessages("02")),
            ("group_message_media_02", Entry::Media("02")),
            ("group_message_thumbnail_02", Entry::Thumbnail),
            ("distribution_list.csv", Entry::Lists),
            ("distribution_list_message_3.csv", Entry::ListMessages("3")),
            ("distribution_list_message_media_3", Entry::Media("3")),
            ("distribution_list_thumbnail_3", Entry::Thumbnail),
            ("contact_avatar_me", Entry::Picture),
            ("contacts.csv", Entry::Contacts),
            ("nonces_csp.csv", Entry::Technical),
            ("reaction_counts.csv", Entry::Technical),
            ("identity", Entry::Identity),
            ("message_01", Entry::Unknown),
            ("iets.csv", Entry::Unknown),
        ] {
            assert_eq!(Entry::of(name), entry, "{name}");
        }
    }
}
