# Words that the screen and the completeness statement share, English.
# Say sealed, never archived or forensic; never that everything is in.

## How the readout stands
verify-complete = Readout: complete according to plan
verify-incomplete = Readout: INCOMPLETE
verify-refused = Readout: parts refused
status-volledig = complete according to plan
status-onvolledig = INCOMPLETE
status-onderdelen-geweigerd = parts refused

## Gaps
gap = { $subject }: { $count } × { $reason } ({ $detail })
gap-refused = refused
gap-absent = not on the phone
gap-not-interpreted = not interpreted
gap-locked = locked
gap-damaged = damaged
gap-changing = changed while it was read
gap-broken = not read to the end

## Findings
finding-backup-old = { $app }: the backup is { $hours } hours old; later messages are not in it.
    .do = Have the holder make a new backup in WhatsApp and read out again.
finding-clock-off = The phone's clock is { $seconds } seconds off.
    .do = Holder: set date and time to automatic. The readout notes times as the phone wrote them.
finding-written-while-read = The database was being written while it was copied; { $pages } pages were rolled back in memory.
    .do = Nothing. For the very last messages, read out again while the app is quiet.
finding-attachment-differs = { $count ->
        [one] 1 attachment differs
       *[other] { $count } attachments differ
    } from the checksum that the app recorded.
    .do = Have the records department look at these attachments when the readout comes under management.
finding-attachment-missing = { $count ->
        [one] 1 attachment is
       *[other] { $count } attachments are
    } not on the phone (any more).
    .do = Ask the holder whether the attachments still open in the app (download again) and read out again; otherwise a chat partner may still have them.
finding-wireless-debugging = Wireless debugging is on, on a phone with a known fault. Switch it off and update the phone.
    .do = Holder: Settings → Developer options → Wireless debugging off; install the latest security update.
finding-other-profile = { $count ->
        [one] 1 other profile
       *[other] { $count } other profiles
    } on this phone not read.
    .do = Ask the phone's administrator whether there are business chats in the other profile.
finding-unknown-kinds = { $app }: { $count ->
        [one] 1 message of an unknown kind,
       *[other] { $count } messages of an unknown kind,
    } counted; a readout keeps them raw.
    .do = Tell the helpdesk: a newer version may read them. Read out again later.
finding-not-decoded = { $app }: { $count ->
        [one] 1 message that
       *[other] { $count } messages that
    } the app itself could not read.
    .do = Holder: update the app, open the chats, make a new backup; read out again.
finding-battery-low = The phone's battery is at { $percent } %: charge it while it is read out.
    .do = Charge the phone.

## Automatic deletion
verdict-how-off = To switch off: open the chat → tap the name → Disappearing messages → Off. For new chats: Settings → Privacy → Default message timer → Off.
duration-days = { $n ->
        [one] 1 day
       *[other] { $n } days
    }
duration-hours = { $n ->
        [one] 1 hour
       *[other] { $n } hours
    }
duration-seconds = { $n ->
        [one] 1 second
       *[other] { $n } seconds
    }
timer-column-missing = the database does not have that column
timer-value-not-understood = the value cannot be understood
timer-after-read-timer-not-interpreted = a timer after reading, not interpreted yet
timer-conversation-row-missing = the conversation itself is missing in the database
timer-not-in-increment = it is not in the increment
timer-no-event = the phone noted no setting of the timer
timer-no-event-consistent-with-off = no setting of the timer noted; there are messages older than 90 days, which fits 'off'
timer-keep-notice-without-event = no setting of the timer noted, but a notice that belongs to a timer
timer-event-and-contact-disagree = the notice in the conversation and the note beside the contact contradict each other
timer-not-read-whole = the messages could not be read to the end, so a notice may be missing

## About what
subject-phone = phone
subject-msgstore = messages
subject-msgstore-log = the database's write-ahead log
subject-metadata = marks of the backup
subject-answers = what the phone answered about messages
subject-wa = names in the app
subject-increment = increment
subject-contacts = address book
subject-media = attachments
subject-folders = folders
subject-names = file names

## Why
detail-keeps-itself-out-of-the-backup = the app keeps itself out of every backup of the phone; the holder can make one in the app itself
detail-only-a-readable-export = there is only a readable export; every message with a timer is missing from it, so it was not read
detail-files-not-looked-into = files that were not looked into for being a backup
detail-texts-in-files = long texts that lie in a file of their own
detail-passphrase-form = no passphrase of 30 digits
detail-passphrase-missing = the passphrase of 30 digits was not given
detail-wrong-passphrase = the passphrase does not fit
detail-recovery-key-form = no recovery key of 64 characters
detail-recovery-key-missing = the recovery key of 64 characters was not given
detail-wrong-recovery-key = the recovery key does not fit
detail-from-server = a backup from the app's servers
detail-left-out-of-adb-backup = attachments of MMS, MMS without text and the oldest messages are not put into a file of adb backup by the phone; over the cable it gives them
detail-no-messages-in-the-backup = there is not one SMS or MMS in the file of adb backup
detail-backup-password-missing = the password of the backup was not given
detail-wrong-backup-password = the password of the backup does not fit
detail-only-an-unfinished-backup = there is only a backup that the app did not finish
detail-which-threema = which Threema the backup is of; there is more than one on the phone or in the plan, and the backup does not say
detail-no-backup = no backup
detail-no-backup-and-not-known-whether-there = no backup; whether the app is on the phone cannot be told
detail-end-to-end-backup = the app keeps its conversations out of the backup, by its own end-to-end encrypted backup
detail-left-out-of-the-backup = the app is not in the backup: the administrator has forbidden it, or it was never opened
detail-refused-folders = folders that the phone does not show
detail-refused-names = names that are not accepted
detail-listing-cut-off = the list was too long
detail-files = files
detail-users = other profiles
detail-address-book = names of participants
detail-address-book-rows = rows
detail-temporary-file = a fault of the program
detail-entries = entries
detail-dropped-messages = messages left out
detail-dropped-rows = rows left out
detail-cut-texts = texts cut short
detail-attachments-damaged = attachments that are damaged in the backup
detail-attachments-not-in-the-backup = attachments that are not in the backup and may be on the phone: have the holder make a backup with media
detail-attachments-no-number = attachments without a number in the phone's storage
detail-attachments-path-outside-attachments = attachments that lie outside the app's folder
detail-attachments-path-outside-media = attachments that lie outside the app's folder
detail-attachments-inside-the-database = attachments that stand in the database itself
detail-attachments-attribute-not-understood = attachments whose place cannot be read
detail-messages-without-conversation = messages without a conversation
detail-call-log = call log
detail-drafts = drafts
detail-profile-photos = profile photos
detail-key-form = not a 64-digit key
detail-key-missing = key missing
detail-legacy-key-missing = key file missing
detail-wrong-key = the key does not fit
detail-password-mode = password or passkey
detail-truncated = cut off
detail-altered = changed
detail-not-a-backup = not a backup
detail-unsupported = unknown kind
detail-too-large = too large
detail-not-a-message-store = no messages
detail-database-damaged = database damaged
detail-evidence-unreadable = unreadable
detail-internal = a fault of the program

## Earlier seals
finding-attachment-gone = { $count ->
        [one] 1 attachment is no longer on the phone and lies
       *[other] { $count } attachments are no longer on the phone and lie
    } in an earlier seal that was verified.
    .do = Keep the earlier seal: these attachments stand nowhere else.
finding-earlier-seal = { $seals ->
        [one] 1 earlier seal
       *[other] { $seals } earlier seals
    } cannot be relied on: { $why }. { $count ->
        [one] The attachment in it was
       *[other] The { $count } attachments in it were
    } transferred again, where still on the phone.
    .do = Find the earlier seal or restore a copy of it, and tell whoever keeps the seals.
earlier-missing = not found
earlier-changed = another seal has that name
earlier-damaged = damaged
finding-earlier-unknown = The list of earlier seals of this phone cannot be used ({ $why }). Everything was transferred again.
    .do = Nothing for this readout. Tell the helpdesk.
earlier-list-damaged = damaged
earlier-list-other-key = of another phone or under another key
earlier-list-newer = from a newer version of this program

## Separation
finding-separation-changed = { $count ->
        [one] The class of 1 conversation was
       *[other] The class of { $count } conversations was
    } changed for a time that had been read out before. Check the decision in the register.
    .do = Have the records department look at the decision in the register: who decided, when and why.
