# The completeness statement and the receipt, English.
# Say sealed, never archived or forensic; never that everything is in.

statement-title = Completeness statement
statement-of = Readout { $run }
statement-sealed = Sealed, not public, not looked into: nobody read along. This statement names no chat partners; conversations have a number.
statement-outside = This page also lies in the seal, under role verantwoording, without the digest of the seal itself.
mark-demo = DEMO: this is not a real readout.
mark-lab = LAB: this comes from a test setup.
mark-unregistered = The phone is not in the register. Reason: { $reason } Approved by: { $who }.

## Who, which phone, when
section-who = Who, which phone, when
who-person = Of
who-organisation = Organisation
who-operator = Read out by
who-purpose = Occasion
purpose-periodiek = periodic
purpose-crisis = crisis
purpose-incidenteel = incidental
purpose-einde-ambtstermijn = end of term
purpose-woo = request under the Woo
who-holder = Holder present
holder-present = yes
holder-absent = no
holder-not-recorded = not recorded
who-phone = Phone
who-serial = Serial number
who-android = Android
who-ios = iOS
android-patched = { $android }, security patch { $patch }
who-route = Way
route-usb = USB
route-adb-server = USB, through an adb server
route-tcp = network address (virtual phone)
route-files = folder or zip of files, not the phone itself
who-clock = The phone's clock
clock-ahead = { $seconds } seconds ahead of the station's (± { $unsure } ms)
clock-behind = { $seconds } seconds behind the station's (± { $unsure } ms)
clock-equal = the same as the station's, within a second (± { $unsure } ms)
who-profiles = Other profiles
profiles-none = none
profiles-some = { $count }, not read
who-started = Begun
who-resumed = Broken off and resumed at
who-acquired = Phone could be unplugged
who-made = Statement made
said-refused = the phone would not say
said-unreadable = not to be understood
said-not-asked = cannot be asked this way
not-known = not known
none = none

## Asked and got
section-got = Asked and got
got-caption = For each app asked for
got-app = App
got-answer = Answer
got-conversations = Conversations
got-messages = Messages
got-attachments = Attachments
got-attachments-of = { $here } of { $wanted }
answer-read = read
answer-empty = read, not a single message
answer-not-installed = not installed
answer-no-data = installed, no backup
answer-refused = refused
answer-not-read = not read: { $why }
answer-not-known = nothing found; whether the app is there cannot be told
scope-asked = Also asked: { $what }.
scope-not-asked = Not asked: { $what }.
scope-media = attachments
scope-participant-names = names of participants from the address book
scope-call-log = call log
scope-status-updates = status updates
scope-channels = channels
scope-drafts = drafts
scope-profile-photos = profile photos
scope-address-book = the whole address book
scope-sources = the raw databases
section-negative = Negative report
negative-empty = { $app }: the data were read and hold not a single message.
negative-not-installed = { $app }: by the phone's word not on the phone (main user), and nothing of it was found.
negative-no-data = { $app }: is on the phone, but there is no backup or database of it that this way reaches. That does not say that there are no messages.
negative-refused = { $app }: the phone refused. That says nothing about what is there.
negative-not-read = { $app }: something was found that could not be read ({ $why }). That says nothing about the messages in it.
negative-not-known = { $app }: nothing was found. Whether the app is on the phone could not be asked this way.

## Each app
app-version = Version on the phone
app-backup = What was read
backup-line = { $kind ->
        [provider-answers] answers of the phone itself
        [iphone-backup] backup of the iPhone
        [signal-file] backup (file)
        [signal-folder] backup (folder)
        [adb-backup] file of adb backup
        [adb-backup-encrypted] encrypted file of adb backup
        [threema-backup] data backup (zip)
       *[other] { $kind }
    }, { $bytes } bytes{ $version ->
        [none] {""}
       *[other] , made by version { $version }
    }
app-backup-digest = Its SHA-256
app-backup-made = Made (the phone's clock)
app-backup-age = Age at the start
app-newest = Newest message
app-oldest = Oldest message
app-last-use = In use on the phone
last-use-line = until { $time } at least (newest file of the app){ $after ->
        [0] {""}
        [one] . NOTE: 1 file is of after the newest message; what was written after it is not in this readout
       *[other] . NOTE: { $after } files are of after the newest message; what was written after it is not in this readout
    }
last-use-not-known = not known; compare the newest message with the backup
app-increments = Increments (incremental backups)
app-rcs = RCS complete
rcs-unknown = unknown: the phone does not say which RCS messages the messaging app keeps to itself; compare one conversation with the screen
rcs-no = no: not everything that RCS may be in was read to its end
increments-line = { $found } found, { $read } read, { $new } new messages
app-parts = Parts of them not interpreted
app-logs = The database's write-ahead log (WAL)
logs-line = { $found } found, { $read } read along
app-names = Names in the app
names-read = read
names-not-read = not read
app-attachments = Attachments
attachments-line = { $wanted } named: { $present } fetched, { $held } in an earlier seal, { $differs } other than the app recorded, { $missing } not on the phone, { $refused } refused, { $broken } not read
attachments-not-asked = { $wanted } named, not asked
app-never-there = Never on the phone
app-confirmed = Digest confirmed by the phone
app-view-once = View once
view-once-line = { $count } (the content is never there)
app-recently-deleted = In "Recently Deleted": counted, not read
app-revoked = Deleted for everyone
app-edited = Edited
app-unknown-kinds = Of an unknown kind (kept raw)
app-undecoded = Unreadable to the app itself
app-tables = Tables not interpreted
table-line = { $table }: { $rows }
app-undated = Without a usable time
months-caption = Messages by month (Dutch time)
months-year = Year
months-names = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
months-sum = total

## Not got
section-gaps = Refused, absent, not interpreted
gaps-none = There are no gaps between what was asked and what was got.
gaps-caption = What was asked and is not (wholly) here
gaps-what = What
gaps-why = Why
gaps-count = Count
gaps-detail = Particulars
section-findings = Findings and what to do
findings-none = No findings.

## Automatic deletion
section-timers = Automatic deletion
timers-line = { $app }: off in { $off }, ON in { $on }, cannot be told in { $none } conversations. On before, off now: { $before }.
timers-by-contact = { $app }: of what is off, { $count } rest on the note beside the contact only (weaker evidence).
timer-on-line = Conversation { $number }: ON, after { $duration }{ $since ->
        [none] {""}
       *[other] , since { $since }
    }
timer-on-more = … and { $count } more conversations; they stand in the report.
keeping-must-show = { $app }: how long messages are kept: not shown.
audio-must-show = { $app }: whether voice messages go after two minutes: not shown.
codes-must-show = { $app }: whether one-time codes are deleted by themselves: not shown.
bin-must-show = { $app }: what lies in the bin of the messaging app: not shown.
administrator-must-show = { $app }: whether the administrator has messages deleted after a time: not shown.
default-must-show = { $app }: default timer for new chats: not shown.
default-shown-off = { $app }: default timer for new chats: OFF, as the holder showed { $by }.
default-shown-on = { $app }: default timer for new chats: ON, as the holder showed { $by }.
default-indirect = { $app }: default timer for new chats: an increment says { $duration }; the holder did not show the screen.
default-set-off = { $app }: keeping messages: for ever, by the app's own settings.
default-set-on = { $app }: the app deletes its messages after { $duration }, by its own settings.
default-never-set = { $app }: keeping messages: never set, so the default (for ever) should hold; the holder did not show the screen.
default-administered-off = { $app }: keeping messages: for ever, as the administrator enforces it; so says the plan, not the phone.
default-administered-on = { $app }: the app deletes its messages after { $duration }, as the administrator enforces it; so says the plan.
default-indirect-off = { $app }: default timer for new chats: an increment says off; the holder did not show the screen.

## Other apps
section-others = Other chat apps on this phone
others-none = None of the { $count } chat apps that were looked for is on the phone, apart from what was asked.
others-not-known = Which other chat apps are on the phone is not known ({ $why }).
others-caption = Installed and not read out (list of { $date })
others-version = Version
others-reach = Can be secured
others-note = Note
reach-readable = readable, not asked
reach-from-holder = readable with what only the holder can give, not asked
reach-via-export = by export
reach-administered = administered elsewhere
reach-none = cannot be secured
others-in-profile = { $app } (profile { $profile })
others-closed-profile = Profile { $profile } of the phone does not say which apps are in it: what is there is not known and was not read out.

## Earlier seals
section-earlier = What this readout relies on
earlier-none = All that was fetched lies in this seal.
earlier-caption = Attachments that lie in an earlier, verified seal of this phone
earlier-seal = Seal
earlier-digest = Digest
earlier-verified = Verified
earlier-unusable = Found unusable: { $file } ({ $why }).
previous-phone = Previous seal of this phone
previous-station = Previous seal of this station

## Blind spots
section-blind = What can never be found this way
blind-intro = Date of the table: { $date }. Each row was last checked on the date it names.
blind-caption = Known blind spots
blind-what = Cannot be there
blind-checked = Checked
blind-source = Source

## Basis
section-basis = On what basis
basis-none = No register data: { $how }.
how-register = registered phone
how-unregistered = unregistered phone
how-demo = demonstration
how-settings = settings check
basis-how = Let in as
basis-doel = Purpose
basis-grondslag = Legal basis
basis-dpia = DPIA
basis-fg = Advice of the data protection officer of
basis-term = Term of office
term-line = { $from } up to and including { $to }
term-open = from { $from }
basis-register = State of the register
register-line = change { $change }, { $digest }
basis-policy = Separation
policy-tenzij-uitgesloten = everything, unless excluded beforehand
policy-alleen-zakelijk = only what was marked as business beforehand

## Checking
section-check = Checking
check-versions = Versions
versions-line = { $tool }; readers of the same version
check-confined = Confinement of the reading processes
confined-fully = full
confined-partly = partial (older kernel)
confined-not-by-kernel = memory limits only (kernel without Landlock)
check-seal = Seal
check-digest = Digest of the seal
check-size = Size
check-how = An independent officer checks the seal without a key, with the station's certificate (station.pem) obtained by another way:
check-compare = With --json the first command also shows the digest; it must equal the digest above. Without this program:
check-compare-outside = The last command shows the same digest: SHA-256 of the signed list.
check-inside = The digest of the seal itself cannot stand in the seal. It stands on the page beside the seal, on the receipt and in the station's ledger.

## Receipt
receipt-title = Receipt
receipt-intro = { $organisation } read out this phone on { $date }. Reading out changes or erases nothing in the apps.
receipt-times = At the station
receipt-times-line = from { $from } to { $to }
receipt-not-read = Nobody read messages: the screen showed counts only. The result is sealed, not public, not looked into. This station cannot open the seal itself.
receipt-counts = { $app }: { $conversations } conversations, { $messages } messages, { $attachments } attachments; newest message { $newest }
section-receipt-got = What was secured
section-receipt-do = What you can do now
receipt-nothing-to-do = There is nothing to do.
receipt-timers-on = { $app }: automatic deletion is ON in conversation { $numbers }. Which one that is the operator can show you only on the screen (uitlezen settings --to-holder).
receipt-timers-on-more = { $numbers } and { $count } more
receipt-show-default = { $app }: show the default timer: Settings → Privacy → Default message timer. Switch it off.
receipt-show-sms = { $app }: show in the messaging app whether old messages and one-time codes are deleted, and the bin.
receipt-more = … and { $count } more findings; they stand in the completeness statement.
section-receipt-seal = Seal
receipt-keep = Keep this sheet. With the digest it can be established later that the seal is the same.
sign-holder = Holder: seen, phone received back
sign-operator = Operator
sign-date = Date

## Separation
section-separation = Separation decided beforehand
separation-none = Nothing was left out of the readout.
separation-caption = Left out of the readout (counts only)
separation-what = By virtue of
separation-rule = decision { $rule } ({ $class })
separation-undecided = not decided yet; waits in role scheiding
separation-councillors = council members among themselves
separation-repeats = { $count } quotes, forwarded messages, attachments or names repeated something of it and were left empty there.
separation-note = Who decided, when and why stands in the register under the number of the decision.
class-zakelijk = business
class-prive = private
class-partijpolitiek = party-political
class-gemengd = mixed
class-onbekend = unknown
who-managed = Management of the iPhone
managed-yes = there is management (profiles: { $profiles }); it can keep an app out of the backup without that being visible
managed-no = none (profiles: { $profiles })
who-backed-up = Backup of the iPhone
backed-up = { $kept } files kept and { $passed } others passed by unread

## Signal
app-others = Other backups
others-line = { $backups } older or of the other kind, not read{ $unfinished ->
        [0] {""}
       *[other] ; { $unfinished } unfinished
    }{ $exports ->
        [0] {""}
       *[other] ; { $exports } readable exports, not read: every message with a timer is missing from them
    }
timer-set-off = { $app }: default timer for new chats: OFF, by the app's own settings.
timer-set-on = { $app }: default timer for new chats: ON, { $duration }, by the app's own settings.
timer-never-set = { $app }: default timer for new chats: never set, so the default (off) should hold; the holder did not show the screen.
keep-set-off = { $app }: keeping messages: for ever, by the app's own settings.
keep-never-set = { $app }: keeping messages: never set, so the default (for ever) should hold; the holder did not show the screen.
keep-must-show = { $app }: how long messages are kept: not in this backup, and not shown.
trim-set-off = { $app }: cutting chats to a length: off, by the app's own settings.
trim-set-on = { $app }: every chat is CUT to { $messages } messages, by the app's own settings.
trim-never-set = { $app }: cutting chats to a length: never set, so the default (off) should hold; the holder did not show the screen.
trim-must-show = { $app }: whether chats are cut to a length: not in this backup, and not shown.
receipt-show-signal = { $app }: show Settings → Privacy → Disappearing messages, and Settings → Data and storage → Manage storage.

## Threema
receipt-show-threema = { $app }: show in the app's settings how long messages are kept.
