//! The users and profiles of a phone: work profile, secure folder, private space, cloned apps (reference/android.md §1.4).

use super::link::AndroidLink;
use crate::{Fact, error::PhoneError};
use serde::{Deserialize, Serialize};

/// Profiles beyond this are not believed.
const MOST_USERS: usize = 32;

/// One user. Its name stays on the phone: it may be a person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: u32,
    /// `None` where the flags could not be read. The bit (0x20, managed profile) is unverified on a real phone.
    pub work_profile: Option<bool>,
    pub running: bool,
}

impl User {
    /// The user that owns the phone, 0 on every Android.
    pub const OWNER: Self = Self { id: 0, work_profile: Some(false), running: true };

    /// Where this user's shared storage lies.
    #[must_use]
    pub fn storage(&self) -> String {
        if self.id == 0 { "/sdcard".into() } else { format!("/storage/emulated/{}", self.id) }
    }
}

/// `pm list users`.
pub fn users(link: &mut dyn AndroidLink) -> Result<Fact<Vec<User>>, PhoneError> {
    let output = match link.run("pm list users", 64 * 1024) {
        Ok(output) => output,
        Err(error) if error.ends_the_link() => return Err(error),
        Err(PhoneError::Refused(why)) => return Ok(Fact::Refused(why)),
        Err(_) => return Ok(Fact::Unreadable),
    };
    Ok(match output.text() {
        Ok(text) => parse(&text).map_or(Fact::Unreadable, Fact::Known),
        Err(why) => Fact::Refused(why),
    })
}

/// Lines `UserInfo{10:Work profile:1030} running`; the name may itself hold colons and braces.
fn parse(text: &str) -> Option<Vec<User>> {
    let one = |line: &str| {
        let (inside, after) = line.trim().strip_prefix("UserInfo{")?.rsplit_once('}')?;
        let (id, rest) = inside.split_once(':')?;
        let flags = rest.rsplit_once(':').and_then(|(_, flags)| u32::from_str_radix(flags, 16).ok());
        Some(User { id: id.parse().ok()?, work_profile: flags.map(|f| f & 0x20 != 0), running: after.trim() == "running" })
    };
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("UserInfo{")).collect();
    let users: Vec<User> = lines.iter().filter_map(|line| one(line)).collect();
    // A line we cannot read is a user we would forget: then nothing is known.
    (!users.is_empty() && users.len() == lines.len() && users.len() <= MOST_USERS).then_some(users)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_told_apart_and_an_unreadable_line_spoils_the_answer() {
        let users = parse("Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{10:Work: the {profile}:1030} running\n\tUserInfo{150:Secure Folder:1010}\n").unwrap();
        assert_eq!(
            users.iter().map(|u| (u.id, u.work_profile, u.running)).collect::<Vec<_>>(),
            [(0, Some(false), true), (10, Some(true), true), (150, Some(false), false)]
        );
        assert_eq!(users[1].storage(), "/storage/emulated/10");
        assert!(parse("Users:\n\tUserInfo{0:Owner:13} running\n\tUserInfo{x:?:10}\n").is_none());
        assert!(parse("").is_none());
    }
}
