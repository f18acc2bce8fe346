# Register and admission, English.
# The holder's presence is recorded; it is no legal basis. Write nothing else about it.

## Help
help-register = The register: key officials, phones, contacts, separation decisions, and the legal basis. Every change keeps who, when, why and the old value.
help-register-init = Sets the register up, with questions or with a file.
help-register-show = Shows what stands in it; without a kind: the organisation and counts.
help-register-set = Adds or changes. KIND is organisation, official, phone, account, contact, group or decision.
help-register-end = Makes something count no longer. It stays in the history.
help-register-separate = Records a separation decision: what a whole conversation is, from day to day. The reason is --why.
help-register-import = Reads a table in: all or nothing, with every faulty line named.
help-register-export = Writes the register to a file (TOML: everything; CSV: one kind).
help-register-history = Shows every change, with the old value, and whether the history is intact.
help-register-dpia = Makes the DPIA fact sheet from what is set now.
help-arg-by = Who makes the change.
help-arg-why = Why.
help-arg-with = A file (TOML) in place of questions.
help-arg-kind = Kind: organisation, official, phone, account, contact, group or decision.
help-arg-id = Id: of a phone the serial number, of a decision its number.
help-arg-fields = Fields, for instance name="A. Jansen"; without a value the field goes.
help-arg-table = The table (.toml or .csv).
help-arg-of = The kind of a CSV file, when the name of the file does not say it.
help-arg-preview = Says what would change and writes nothing.
help-arg-contact = Id of the contact.
help-arg-group = Id of the group.
help-arg-class = zakelijk (business), prive (private), partijpolitiek (party-political), gemengd (mixed) or onbekend (unknown).
help-arg-phone = Serial number of the one phone it is about; else every phone.
help-arg-first-day = First day, for instance 2026-11-28; else from the beginning.
help-arg-last-day = Last day, itself included; else without end.
help-arg-decider = Who decided.
help-arg-second = Who decided with them; needed for prive and partijpolitiek.
help-arg-decided-on = Day of the decision; else today.
help-arg-purpose = Purpose of this time: periodiek, crisis, incidenteel, einde-ambtstermijn or woo; else the plan's.
help-arg-reason = Why a phone is read that does not stand in the register.
help-arg-approved-by = Who approved that.
help-arg-hotspot = The event of a crisis.
help-arg-holder-present = Whether the holder is there: yes or no.

## Kinds
register-kind-organisation = organisation
register-kind-official = official
register-kind-phone = phone
register-kind-account = account
register-kind-contact = contact
register-kind-group = group
register-kind-decision = decision
register-kinds-organisation = Organisation
register-kinds-official = Officials
register-kinds-phone = Phones
register-kinds-account = Accounts
register-kinds-contact = Contacts
register-kinds-group = Groups
register-kinds-decision = Separation decisions

## Changing
register-preview = Preview: nothing is written.
register-added = { $kind }: { $count } added
register-changed = { $kind }: { $count } changed
register-ended = { $kind }: { $count } no longer count
register-unchanged = Unchanged: { $count }
register-clock-back = Mind: this station's clock stands before the previous change ({ $moment }). The change was recorded with that remark. Set the clock.
register-state = State of the register: change { $change }, value { $digest }
register-exported = { $count } lines written to { $file }. The file holds names: keep it like the register itself.
register-has-ended = (no longer counts)
register-nothing = (nothing)
register-change = Change { $number }, { $date }, { $who }: { $why } { $back }
register-clock-was-back = (the clock stood before the previous change)
register-change-entries = { $head } [{ $count }]
register-history-holds = The history is as it was written.
register-history-broken = The history is not as it was written. Keep the file and have the CISO look at it.
register-line = line { $line }
register-more-faults = … and { $count } more

## What is wrong with a field
register-fault-empty = is missing
register-fault-too-long = is too long
register-fault-control = contains a line end or another control character
register-fault-spaces = begins or ends with spaces
register-fault-bar = contains a |; that character divides the parts of a list
register-fault-id = may only hold letters, digits, point, dash, colon and _
register-fault-no-plus = is a number without + and country code; write +31612345678
register-fault-spreadsheet = was rounded by a spreadsheet; make the column text and enter the number again
register-fault-not-a-number = is not a number; write +31612345678
register-fault-identifier = is neither a number nor an app's identifier
register-fault-number-of-group = is a number; a group has an identifier of the app (…@g.us)
register-fault-backwards = lies before the first day
register-fault-weeks = is a number of weeks from 1 to 520
register-fault-retention = V needs a retention period
register-fault-selection-list = V needs a selection list and a category
register-fault-councillor = is a council member's; council members and council groups are outside. If somebody left the council, end that period first
register-fault-one-subject = a decision is about one contact or one group
register-fault-second-person = this class needs a second person
register-fault-same-person = must be somebody else than who decided
register-fault-twice = stands there twice
register-fault-unknown = { $kind } { $id } does not stand in the register
register-fault-taken = is { $kind } { $id }'s already
register-fault-in-use = is still named by { $kind } { $id }; change that first
register-fault-absent = does not stand in the register or no longer counts
register-fault-not-a-date = is not a date; write 2026-11-28
register-fault-not-a-whole-number = is not a whole number
register-fault-not-one-of = must be one of: { $list }
register-fault-unknown-field = field { $name } does not exist
register-fault-form = has a wrong form ({ $why })

## Admission
gate-no-end = without end
gate-stop-contact = the security officer (BVA) or CISO
gate-no-register = There is no register yet.
    .do = Make it: uitlezen register init. Without a register only the demonstration runs.
gate-no-organisation = The organisation has not been set up yet.
    .do = uitlezen register init
gate-no-doel = The aim of reading out is missing.
    .do = uitlezen register set organisation organisatie doel="…"
gate-no-grondslag = The legal basis is missing.
    .do = uitlezen register set organisation organisatie grondslag="…"
gate-no-dpia = The reference of the DPIA is missing.
    .do = uitlezen register set organisation organisatie dpia="…"
gate-no-fg-advice = The date of the data protection officer's advice is missing.
    .do = uitlezen register set organisation organisatie fg_advice=2026-11-28
gate-fg-advice-to-come = The data protection officer's advice is dated after today ({ $date }).
    .do = Wait for the advice or correct the date.
gate-not-registered = This phone does not stand in the register.
    .do = Register it (uitlezen register set phone …), or read it by way of exception: --purpose incidenteel or crisis, with --reason and --approved-by.
gate-no-term = The holder's term of office ({ $from } up to { $to }) does not cover today.
    .do = Record a new term, or read by way of exception: --purpose incidenteel or crisis, with --reason and --approved-by.
gate-not-for-purpose = Outside the register a phone is read for purpose incidenteel or crisis only.
    .do = Give --purpose incidenteel or --purpose crisis.
gate-no-reason = The reason is missing.
    .do = Give --reason.
gate-no-approval = Who approved this is missing.
    .do = Give --approved-by.
gate-no-hotspot = A crisis names its event.
    .do = Give --hotspot with the name of the event.
gate-councillor = This is a council member's phone. Council members and council groups are outside; their phones are not read out.
    .do = Give the phone back. If that is wrong, correct the contact in the register.
gate-clock-behind = This station's clock stands before the last change of the register ({ $moment }); whether a term covers today cannot be told.
    .do = Set the clock.
gate-other-person = The plan names { $plan }, the register { $register }.
    .do = Correct the plan or the register.
gate-other-function = The plan names the function { $plan }, the register { $register }.
    .do = Correct the plan or the register.
gate-other-number = The plan names number { $plan }, the register { $register }.
    .do = Correct the plan or the register.
gate-number-of-other = The number in the plan is that of phone { $serial }.
    .do = Correct the plan or the register.
gate-other-platform = The plan and the register name different kinds of phone.
    .do = Correct the plan or the register.
gate-other-code = The plan names organisation { $plan }, the register { $register }.
    .do = Correct the plan or the register.
guided-holder = Is the holder of the phone there?

## Errors
error-gate = Nothing is read:
    { $list }
    .do = Settle each point above and begin again.
error-gate-state-secret = State secrets are concerned here. This program does not handle them.
    .do = Stop. Do nothing further with the phone or with what was read out before; keep seals closed; report to { $contact }.
error-plan-sources = The plan asks for the raw databases (keep_sources), while conversations of this phone are left out. They do stand in the raw databases.
    .do = Turn keep_sources off, or give the reference of the decision in [apps]: sources_decision = "…".
error-register-absent = There is no register yet.
    .do = Make it: uitlezen register init.
error-register-newer = The register is of a newer version ({ $version }). Nothing of it was changed.
    .do = Update uitlezen on this station.
error-register-key = The register belongs to another vault.
    .do = Put the register and the vault of the same station together. Nothing of it was changed.
error-register-damaged = The register is damaged ({ $why }).
    .do = Put the last backup back and report this; do not throw the damaged file away.
error-register-large = The register or the change is larger than this version handles.
    .do = Divide the table.
error-register-refused = { $count } fault(s); nothing was changed:
    { $list }
    .do = Correct these and try again.
error-register-field = `{ $text }` is not FIELD=VALUE.
    .do = Write for instance name="A. Jansen".
error-register-kind = What kind of table { $file } is cannot be told.
    .do = Give --of, for instance --of contacts.
error-register-ending = { $file } is no .toml and no .csv.
    .do = Save the table as .csv (UTF-8) or .toml.
error-register-file = { $file } cannot be used: { $why }
    .do = See whether the path is right; for exporting the file may not exist yet.
error-register-answers = There is no keyboard to answer questions.
    .do = Give --with FILE.toml, with --by and --why.
error-table-utf16 = { $file } is UTF-16.
    .do = Save the table again as "CSV UTF-8 (comma delimited)".
error-table-not-utf8 = { $file }, line { $line }: not UTF-8.
    .do = Save the table again as "CSV UTF-8 (comma delimited)".
error-table-large = { $file } is too large.
    .do = Divide the table.
error-table-no-header = { $file } has no line with column names.
    .do = Put the column names on the first line; uitlezen register export shows which.
error-table-column = { $file }: column `{ $name }` does not exist in this table.
    .do = Correct the column name; uitlezen register export shows which there are.
error-table-column-twice = { $file }: column `{ $name }` stands twice.
    .do = Take one away.
error-table-column-missing = { $file }: column `{ $name }` is missing.
    .do = Add the column.
error-table-open-quote = { $file }, line { $line }: a quote is not closed.
    .do = Close it, or save the table from the spreadsheet again.
error-table-stray-quote = { $file }, line { $line }: a quote stands in the middle of a cell.
    .do = Put the whole cell in quotes and double the character, or save the table from the spreadsheet again.
error-table-cells = { $file }, line { $line }: { $found } cells, there are { $expected } columns.
    .do = Look at what divides the cells and at empty cells at the end.
error-table-toml = { $file }, line { $line }: { $what }
    .do = Correct that line.
error-table-format = { $file } is of format { $format }; this version reads format 1.
    .do = Put format = 1 at the top, or update uitlezen.

## Doctor
doctor-register = Register
doctor-register-no = not made yet: uitlezen register init. Until then only the demonstration runs.
doctor-register-unseen = there; with --secret vault=… it is also seen whether the basis is complete.
doctor-register-ok = the basis is complete; registered phones: { $phones }
doctor-register-secret = The classification is state secret: this station reads nothing.

## Questions when setting up
ask-welcome = The register says who is read out, on what basis, and what is left out. Nothing is written before the last question is answered. Enter skips what may stay empty.
ask-by = Who are you (name or function)?
ask-why = first set-up
ask-again = So once more:
ask-official = Add a key official?
ask-phone = Add a phone of this official?
ask-write = Write { $count } entries into the register?
ask-organisation-name = Name of the organisation:
ask-organisation-code = Code of the organisation, for instance gm0000:
ask-organisation-doel = Aim of reading out:
ask-organisation-grondslag = Legal basis:
ask-organisation-dpia = Reference of the DPIA:
ask-organisation-fg-advice = Date of the data protection officer's advice, for instance 2026-11-28:
ask-organisation-policy = What happens to conversations about which nothing was decided? tenzij-uitgesloten: they are read. alleen-zakelijk: they are left out.
ask-organisation-stop-contact = Whom to call about a state secret (BVA or CISO):
ask-official-name = Name of the official:
ask-official-function = Function:
ask-official-from = First day of the term of office, for instance 2026-11-28:
ask-official-to = Last day (empty: not known yet):
ask-official-set-by = Who put the official on the list, for instance the management team:
ask-official-decision = Reference of that decision:
ask-official-decided = Day of that decision:
ask-official-appraisal = Appraisal. B: to be kept permanently. V: to be destroyed after a time. N: to be determined.
ask-official-retention = Retention period:
ask-official-selection-list = Selection list (may be empty for B and N):
ask-official-category-code = Code of the category:
ask-official-category-title = Name of the category:
ask-official-hotspots = Hotspots, divided by | (may be empty):
ask-phone-serial = Serial number, as `uitlezen phones` shows it:
ask-phone-number = Business number, for instance +31612345678 (may be empty):
ask-phone-platform = Kind of phone:
ask-phone-mdm = How the phone is managed (MDM, may be empty):

## DPIA fact sheet
dpia-title = Fact sheet for the data protection impact assessment: reading out business phones
dpia-missing = **missing**
dpia-made = Made on { $date } from this station's settings (register: change { $change }, value { $digest }; uitlezen { $version })
dpia-basis = Aim and legal basis
dpia-basis-controller = Controller: { $value }
dpia-basis-doel = Aim: { $value }
dpia-basis-grondslag = Legal basis: { $value }
dpia-basis-dpia = Reference of the DPIA: { $value }
dpia-basis-fg = Advice of the data protection officer: { $value }
dpia-basis-stop = About a state secret: stop and report to { $value }
dpia-basis-purposes = Each time one purpose out of a closed list is recorded: periodic, crisis, incidental, end of term, FOI (Woo). There are no other purposes, and no scores of persons.
dpia-collected = What is collected
dpia-collected-conversations = Whole conversations out of messaging apps on business phones of appointed key officials: messages, participants, times, reactions and what surrounds them.
dpia-collected-no-plan = Which items stands in the plan of each phone; give --plan to see them here.
dpia-scope = { $what }: { $yes }
dpia-scope-whatsapp = WhatsApp
dpia-scope-whatsapp-business = WhatsApp Business
dpia-scope-imessage = iMessage, SMS and RCS
dpia-scope-signal = Signal, from its holder's backup
dpia-scope-sms = SMS and MMS (Android)
dpia-scope-threema = Threema
dpia-scope-threema-work = Threema Work
dpia-scope-threema-onprem = Threema OnPrem
dpia-scope-media = Attachments of conversations
dpia-scope-participant-names = Names of participants from the address book
dpia-scope-call-log = Call log
dpia-scope-status-updates = Status updates
dpia-scope-channels = Channels
dpia-scope-drafts = Drafts
dpia-scope-profile-photos = Profile photos
dpia-scope-address-book = The whole address book
dpia-scope-sources = The raw databases (role bronnen)
dpia-excluded = What is left out
dpia-policy-tenzij-uitgesloten = Policy tenzij-uitgesloten: everything is read but conversations that were decided beforehand to be private or party-political.
dpia-policy-alleen-zakelijk = Policy alleen-zakelijk: only conversations that were decided beforehand to be business or mixed. Of undecided ones only title and participants, in role scheiding.
dpia-decisions = Separation decisions { $class }: { $count }
dpia-decisions-none = There are no separation decisions.
dpia-councillors = Council members and council groups are outside; registered council members: { $count }
dpia-excluded-whole = Decisions are about whole conversations, with a day, a reason and (to leave out) a second person; never about single messages. What is left out is counted and not copied.
dpia-retained = How long it is kept
dpia-appraisal-b = to be kept permanently (B)
dpia-appraisal-v = to be destroyed (V)
dpia-appraisal-n = to be determined (N)
dpia-retained-line = Officials { $appraisal }: { $count }; { $ground }
dpia-retained-weeks = A full readout at least every { $weeks } weeks; in between only what is new.
dpia-retained-sealed = A seal is not yet records management: retention periods run from when it is brought under management. This program destroys no seal.
dpia-opened = Who can open it
dpia-opened-no-plan = The recipients of each role stand in the plan of each phone; give --plan to see them here.
dpia-opened-each = Role { $role }: { $count } recipient(s) and { $recovery } for recovery, each alone
dpia-opened-two = Role { $role }: only two persons together ({ $a } keys for one half, { $b } for the other)
dpia-opened-station = The station that reads out and whoever operates it cannot open a closed seal; the screen shows counts, no content.
dpia-where = Where it lies and how it is protected
dpia-where-state = Register, vault and ledger: { $dir }
dpia-where-seals = Seals of a guided readout: { $dir }
dpia-where-partial = A readout that broke off stays, encrypted, for seven days at most and is then destroyed; how much was destroyed stands in the ledger.
dpia-where-encrypted = Everything is encrypted from the first byte (AES-256-GCM); seals are signed. The station has no key of a role.
dpia-where-offline = The program connects to no internet and no cloud.
dpia-blind = What a readout cannot hold
dpia-rights = Rights of data subjects (GDPR)
dpia-rights-access = Access, rectification and restriction: with the controller; a conversation is found after an authorised role opened it.
dpia-rights-erasure = Erasure does not apply where keeping is a legal task or archiving in the public interest (article 17(3)(b) and (d)).
dpia-rights-notice = Whoever writes with an official is told that business messages are kept and can be requested (articles 13 and 14).
dpia-rights-holder = The holder unlocks the phone, may look along and gets a receipt. Whether the holder was there is recorded; it is no legal basis.
dpia-rights-council = For civil servants the works council may have a say about a system that follows staff; look into it.
dpia-never = What this program never does
dpia-never-bypass = Get round a lock, or open a phone without its holder.
dpia-never-delete = Erase or change anything on the phone.
dpia-never-pick = Let anybody pick single messages.
dpia-never-read = Show content while reading out.
dpia-never-purpose = Read phones for a purpose that is not in the list.
dpia-never-secret = Handle state secrets.

register-party-without-end = NOTE: a party-political conversation can become business; the stance that a minister takes in the end is business. Record a new decision from that day on (register separate … --class zakelijk --first-day DAY).
