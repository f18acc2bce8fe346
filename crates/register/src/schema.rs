//! The tables. Nothing in them is ever changed or deleted but `current` and `lookup`, which only say what counts now and are
//! made anew from the rest.

/// `version` holds every form that an entry ever had; `change` says who made it, when and why. The digest of a change covers
/// the change before it, so that one digest stands for the whole history. `current` refers to `version` without a foreign key:
/// while the key of a change waits for its row, every new version would look through all of `current`.
pub(crate) const SCHEMA: &str = "
CREATE TABLE change (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    clock_back INTEGER NOT NULL,
    digest TEXT NOT NULL
);
CREATE TABLE version (
    number INTEGER PRIMARY KEY,
    change INTEGER NOT NULL REFERENCES change (number),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    ended INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX version_of_entry ON version (kind, id, number);
CREATE INDEX version_of_change ON version (change);
CREATE TABLE current (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE lookup (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (name, value, kind, id)
) WITHOUT ROWID;
CREATE INDEX lookup_of_entry ON lookup (kind, id);
CREATE TRIGGER change_stays BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER change_is_kept BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER version_stays BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER version_is_kept BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'append only'); END;
";

/// Of the tables; stands in the database's `user_version`. Another file version comes with another schema.
pub(crate) const SCHEMA_VERSION: i32 = 1;
