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
