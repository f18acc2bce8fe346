//! The messages of a folder backup, by number, name and kind. A name marked `Secret` may go nowhere.

mod account;
mod chat;
mod content;
mod group_update;
mod item;
mod recipient;
mod update;

pub(crate) use account::{BACKUP_INFO, FRAME};
#[cfg(test)]
pub(crate) use item::CHAT_ITEM;

macro_rules! table {
    (@kind Number) => { ::uitlezen_protobuf::Kind::Number };
    (@kind Bool) => { ::uitlezen_protobuf::Kind::Bool };
    (@kind Text) => { ::uitlezen_protobuf::Kind::Text };
    (@kind Bytes) => { ::uitlezen_protobuf::Kind::Bytes };
    (@kind Fixed32) => { ::uitlezen_protobuf::Kind::Fixed32 };
    (@kind Float) => { ::uitlezen_protobuf::Kind::Float };
    (@kind Secret) => { ::uitlezen_protobuf::Kind::Secret };
    (@kind $inner:ident) => { ::uitlezen_protobuf::Kind::Message(&$inner) };
    (@repeated) => { false };
    (@repeated many) => { true };
    ($($table:ident $name:literal { $($number:literal $field:ident $([$many:ident])? : $kind:ident),* $(,)? })*) => {
        $(pub(crate) static $table: ::uitlezen_protobuf::Schema = ::uitlezen_protobuf::Schema {
            name: $name,
            fields: &[$(::uitlezen_protobuf::Entry {
                number: $number,
                name: stringify!($field),
                kind: $crate::schema::table!(@kind $kind),
                repeated: $crate::schema::table!(@repeated $($many)?),
            }),*],
        };)*
    };
}
pub(crate) use table;
