# Woorden die het scherm en de volledigheidsverklaring delen, Nederlands.
# Zeg verzegeld, nooit gearchiveerd of forensisch; nooit dat alles binnen is.

## Stand van de uitlezing
verify-complete = Uitlezing: volledig volgens plan
verify-incomplete = Uitlezing: ONVOLLEDIG
verify-refused = Uitlezing: onderdelen geweigerd
status-volledig = volledig volgens plan
status-onvolledig = ONVOLLEDIG
status-onderdelen-geweigerd = onderdelen geweigerd

## Gaten
gap = { $subject }: { $count } × { $reason } ({ $detail })
gap-refused = geweigerd
gap-absent = niet op de telefoon
gap-not-interpreted = niet geïnterpreteerd
gap-locked = op slot
gap-damaged = beschadigd
gap-changing = veranderde tijdens het lezen
gap-broken = niet tot het einde gelezen

## Bevindingen
finding-backup-old = { $app }: de reservekopie is { $hours } uur oud; latere berichten staan er niet in.
    .do = Laat de houder in WhatsApp een nieuwe reservekopie maken en lees opnieuw uit.
finding-clock-off = De klok van de telefoon wijkt { $seconds } seconden af.
    .do = Houder: zet Datum en tijd op automatisch. De uitlezing noteert de tijden zoals de telefoon ze schreef.
finding-written-while-read = De database werd beschreven terwijl hij werd gekopieerd; { $pages } bladen zijn in het geheugen teruggezet.
    .do = Niets. Wilt u ook de laatste berichten, lees dan opnieuw uit terwijl de app stil is.
finding-attachment-differs = { $count ->
        [one] 1 bijlage verschilt
       *[other] { $count } bijlagen verschillen
    } van het controlegetal dat de app noteerde.
    .do = Laat DIV bij het onder beheer brengen naar deze bijlagen kijken.
finding-attachment-missing = { $count ->
        [one] 1 bijlage staat
       *[other] { $count } bijlagen staan
    } niet (meer) op de telefoon.
    .do = Vraag de houder of de bijlagen in de app nog te openen zijn (opnieuw ophalen) en lees opnieuw uit; anders heeft een gesprekspartner ze misschien nog.
finding-wireless-debugging = Draadloze foutopsporing staat aan op een telefoon met een bekend lek. Zet die uit en werk de telefoon bij.
    .do = Houder: Instellingen → Ontwikkelaarsopties → Draadloze foutopsporing uit; installeer de laatste beveiligingsupdate.
finding-other-profile = { $count ->
        [one] 1 ander profiel
       *[other] { $count } andere profielen
    } op deze telefoon is niet gelezen.
    .do = Vraag de beheerder van de telefoon of in het andere profiel zakelijke chats staan.
finding-unknown-kinds = { $app }: { $count ->
        [one] 1 bericht van een onbekende soort,
       *[other] { $count } berichten van een onbekende soort,
    } geteld; een uitlezing bewaart ze ruw.
    .do = Meld het bij de helpdesk: een nieuwere versie leest ze misschien. Lees later opnieuw uit.
finding-not-decoded = { $app }: { $count ->
        [one] 1 bericht dat
       *[other] { $count } berichten die
    } de app zelf niet kon lezen.
    .do = Houder: werk de app bij, open de gesprekken, maak een nieuwe reservekopie; lees opnieuw uit.
finding-battery-low = De batterij van de telefoon staat op { $percent } %: laad hem op tijdens het uitlezen.
    .do = Laad de telefoon op.

## Automatisch verwijderen
verdict-how-off = Uitzetten: open het gesprek → tik op de naam → Verdwijnende berichten → Uit. Voor nieuwe gesprekken: Instellingen → Privacy → Standaardtimer voor berichten → Uit.
duration-days = { $n ->
        [one] 1 dag
       *[other] { $n } dagen
    }
duration-hours = { $n ->
        [one] 1 uur
       *[other] { $n } uur
    }
duration-seconds = { $n ->
        [one] 1 seconde
       *[other] { $n } seconden
    }
timer-column-missing = de database heeft die kolom niet
timer-value-not-understood = de waarde is niet te begrijpen
timer-after-read-timer-not-interpreted = timer na het lezen, nog niet geïnterpreteerd
timer-conversation-row-missing = het gesprek zelf ontbreekt in de database
timer-not-in-increment = staat niet in de aanvulling
timer-no-event = de telefoon noteerde geen instelling van de timer
timer-no-event-consistent-with-off = geen instelling van de timer genoteerd; er staan berichten van meer dan 90 dagen oud, dat past bij 'uit'
timer-keep-notice-without-event = geen instelling van de timer genoteerd, wel een melding die alleen bij een timer hoort
timer-event-and-contact-disagree = de melding in het gesprek en de notitie bij het contact spreken elkaar tegen
timer-not-read-whole = de berichten waren niet tot het eind te lezen, dus een melding kan ontbreken

## Waarover
subject-phone = telefoon
subject-msgstore = berichten
subject-msgstore-log = schrijflogboek van de database
subject-metadata = kenmerken van de reservekopie
subject-answers = antwoorden van de telefoon over berichten
subject-wa = namen in de app
subject-increment = aanvulling
subject-contacts = adresboek
subject-media = bijlagen
subject-folders = mappen
subject-names = bestandsnamen

## Waardoor
detail-keeps-itself-out-of-the-backup = de app houdt zich buiten elke reservekopie van de telefoon; de houder kan er in de app zelf een maken
detail-only-a-readable-export = er is alleen een leesbare export; daarin ontbreekt elk bericht met een timer, dus die is niet gelezen
detail-files-not-looked-into = bestanden waarin niet is gekeken of zij een reservekopie zijn
detail-texts-in-files = lange teksten die in een eigen bestand liggen
detail-passphrase-form = geen wachtwoordzin van 30 cijfers
detail-passphrase-missing = de wachtwoordzin van 30 cijfers is niet gegeven
detail-wrong-passphrase = de wachtwoordzin past niet
detail-recovery-key-form = geen herstelsleutel van 64 tekens
detail-recovery-key-missing = de herstelsleutel van 64 tekens is niet gegeven
detail-wrong-recovery-key = de herstelsleutel past niet
detail-from-server = een reservekopie van de servers van de app
detail-left-out-of-adb-backup = bijlagen van mms, mms zonder tekst en de oudste berichten zet de telefoon niet in een bestand van adb backup; over de kabel geeft zij ze wel
detail-no-messages-in-the-backup = in het bestand van adb backup staat geen enkele sms of mms
detail-backup-password-missing = het wachtwoord van de reservekopie is niet gegeven
detail-wrong-backup-password = het wachtwoord van de reservekopie past niet
detail-only-an-unfinished-backup = er is alleen een reservekopie die de app niet heeft afgemaakt
detail-which-threema = van welke Threema de reservekopie is; op de telefoon of in het plan is er meer dan één, en in de reservekopie staat het niet
detail-no-backup = geen reservekopie
detail-no-backup-and-not-known-whether-there = geen reservekopie; of de app op de telefoon staat, is niet te zeggen
detail-end-to-end-backup = de app houdt haar gesprekken buiten de reservekopie, met haar eigen end-to-end versleutelde back-up
detail-left-out-of-the-backup = de app staat niet in de reservekopie: de beheerder heeft dat verboden, of zij is nooit geopend
detail-refused-folders = mappen die de telefoon niet toont
detail-refused-names = namen die niet worden aangenomen
detail-listing-cut-off = de lijst was te lang
detail-files = bestanden
detail-users = andere profielen
detail-address-book = namen van deelnemers
detail-address-book-rows = regels
detail-temporary-file = fout van het programma
detail-entries = onderdelen
detail-dropped-messages = weggelaten berichten
detail-dropped-rows = weggelaten regels
detail-cut-texts = ingekorte teksten
detail-attachments-damaged = bijlagen die in de reservekopie beschadigd zijn
detail-attachments-not-in-the-backup = bijlagen die niet in de reservekopie staan, en op de telefoon kunnen zijn: laat de houder een reservekopie met media maken
detail-attachments-no-number = bijlagen zonder nummer in de opslag van de telefoon
detail-attachments-path-outside-attachments = bijlagen die buiten de map van de app liggen
detail-attachments-path-outside-media = bijlagen die buiten de map van de app liggen
detail-attachments-inside-the-database = bijlagen die in de database zelf staan
detail-attachments-attribute-not-understood = bijlagen waarvan de plaats niet te lezen is
detail-messages-without-conversation = berichten zonder gesprek
detail-call-log = oproepenlijst
detail-drafts = concepten
detail-profile-photos = profielfoto's
detail-key-form = geen 64-cijferige sleutel
detail-key-missing = sleutel ontbreekt
detail-legacy-key-missing = sleutelbestand ontbreekt
detail-wrong-key = de sleutel past niet
detail-password-mode = wachtwoord of toegangssleutel
detail-truncated = afgekapt
detail-altered = veranderd
detail-not-a-backup = geen reservekopie
detail-unsupported = onbekende soort
detail-too-large = te groot
detail-not-a-message-store = geen berichten
detail-database-damaged = database beschadigd
detail-evidence-unreadable = niet te lezen
detail-internal = fout van het programma

## Eerdere zegels
finding-attachment-gone = { $count ->
        [one] 1 bijlage staat niet meer op de telefoon en ligt
       *[other] { $count } bijlagen staan niet meer op de telefoon en liggen
    } in een eerder, gecontroleerd zegel.
    .do = Bewaar het eerdere zegel: deze bijlagen staan alleen nog daar.
finding-earlier-seal = { $seals ->
        [one] Op 1 eerder zegel
       *[other] Op { $seals } eerdere zegels
    } kan niet worden gesteund: { $why }. { $count ->
        [one] De bijlage daarin is
       *[other] De { $count } bijlagen daarin zijn
    } opnieuw overgehaald, voor zover die nog op de telefoon staan.
    .do = Zoek het eerdere zegel op of haal een reservekopie ervan terug, en meld het bij wie de zegels bewaart.
earlier-missing = niet gevonden
earlier-changed = onder die naam ligt een ander zegel
earlier-damaged = beschadigd
finding-earlier-unknown = De lijst van eerdere zegels van deze telefoon is niet bruikbaar ({ $why }). Alles is opnieuw overgehaald.
    .do = Niets voor deze uitlezing. Meld het bij de helpdesk.
earlier-list-damaged = beschadigd
earlier-list-other-key = van een andere telefoon of onder een andere sleutel
earlier-list-newer = van een nieuwere versie van dit programma

## Scheiding
finding-separation-changed = { $count ->
        [one] Van 1 gesprek is
       *[other] Van { $count } gesprekken is
    } de klasse gewijzigd voor een tijd die al was uitgelezen. Controleer het besluit in het register.
    .do = Laat DIV het besluit in het register nakijken: wie besliste, wanneer en waarom.
