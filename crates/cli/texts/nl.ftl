# Teksten van uitlezen, Nederlands. Elke fout heeft een `.do`: wat nu te doen.
# Zeg uitlezen, verzegelen, veiligstellen; nooit tappen, hacken, archiveren (vóór beheer).

## Hulp
help = Leest zakelijke telefoons van sleutelfunctionarissen uit en verzegelt wat erop staat.
help-heading-commands = Opdrachten
help-heading-options = Opties
help-demo = Virtuele telefoon, sleutels ter plekke, de hele keten: uitlezen, verzegelen, controleren, openen.
help-phones = Telefoons aan USB: welke, in welke staat, wat ze nodig hebben.
help-settings = Controleert of automatisch verwijderen uit staat.
help-readout = Leest een telefoon uit volgens een plan en verzegelt het resultaat.
help-verify = Controleert een zegel. Er is geen sleutel voor nodig.
help-unseal = Opent een zegel voor één rol en schrijft wat die rol mag zien.
help-keys = Sleutels van het station, de rollen en het herstel.
help-keys-new = Maakt een sleutel.
help-keys-new-station = De kluis, de ondertekensleutel en het certificaat van dit station.
help-keys-new-role = Een sleutel die een rol opent.
help-keys-new-recovery = Een herstelsleutel: opent wat door verlies van andere sleutels onbereikbaar zou worden.
help-keys-certificate = Toont het certificaat van dit station (PEM), voor wie zegels controleert.
help-probe = Beantwoordt de open vragen over een aangesloten telefoon, zonder inhoud, als één JSON-bestand voor de helpdesk.
help-doctor = Kijkt na of dit station kan uitlezen: USB, rechten, adb, afscherming, wisselgeheugen, ruimte, sleutels. Eindigt met 0 als het kan en met 2 als het nog niet kan.
help-twin = Virtuele telefoons, voor tests en lessen.
help-twin-android = Een virtuele Android-telefoon.
help-twin-iphone = Een virtuele iPhone, achter een eigen usbmuxd.
help-arg-lang = Taal van de teksten: nl of en.
help-arg-json = Eén gebeurtenis per regel als JSON op de standaarduitvoer; tekst gaat naar de foutuitvoer.
help-arg-state = Map met kluis en logboek van dit station.
help-arg-help = Toont deze hulp.
help-arg-version = Toont de versie.
help-arg-dir = Map waarin de demonstratie alles zet.
help-arg-messages = Aantal berichten op de virtuele telefoon.
help-arg-adb = Adres van een virtuele telefoon op deze machine, bijvoorbeeld 127.0.0.1:5600.
help-arg-lab = Staat een adres buiten deze machine toe; het zegel zegt dan LAB.
help-arg-plan = Het plan (TOML): wie, welke telefoon, waarom, door wie, voor wie.
help-arg-from = Een map of zip met de bestanden van een telefoon, of een reservekopie die de houder in een app maakte, in plaats van een telefoon.
help-arg-out = Waar het resultaat komt.
help-arg-to-holder = Toont namen aan de houder die meekijkt; bewaart niets.
help-arg-shown = Wat de houder op het eigen scherm toonde, bijvoorbeeld whatsapp-standaardtimer=uit.
help-arg-given = Een geheim: naam=fd:N, naam=cred:ID of naam=@BESTAND (alleen voor de eigenaar leesbaar).
help-arg-file = Het zegel (.uitlezing).
help-arg-files = De zegels (.uitlezing).
help-arg-signer = Certificaat van een station dat u vertrouwt (PEM), niet uit het zegel zelf.
help-arg-allow-demo = Aanvaardt een zegel van de demonstratie.
help-arg-threads = Aantal rekenkernen.
help-arg-identity = Bestand met een sleutel die de rol opent. Bij een rol voor twee personen: van elk één, met twee keer --identity.
help-arg-role = verantwoording, gesprekken, scheiding of bronnen.
help-arg-serial = Serienummer van de telefoon.
help-arg-organisation = Naam van de organisatie.
help-arg-code = Code van de organisatie, bijvoorbeeld gm0000.
help-arg-name = Naam van dit station.
help-arg-recovery = Ontvanger van het herstel (age1…); mag vaker.
help-arg-years = Geldigheid van het certificaat in jaren.
help-arg-listen = Adres op deze machine waarop de virtuele telefoon luistert.
help-arg-functionfs = Map met een FunctionFS-koppeling: de virtuele telefoon aan USB.
help-arg-seed = Begingetal; hetzelfde getal geeft dezelfde telefoon.
help-arg-socket = Pad van een socket in plaats van een adres.
help-arg-udid = UDID van de virtuele iPhone.
help-arg-backup-password-file = Bestand met het wachtwoord waarmee reservekopieën versleuteld worden.
help-arg-passcode = Vraagt voor een reservekopie om de toegangscode, die de virtuele houder na een seconde intikt.
help-arg-fails = Laat elke reservekopie eindigen met deze foutcode.
help-arg-accept = Wat de virtuele houder doet met "USB-foutopsporing toestaan?".
help-arg-key-out = Schrijft de 64-cijferige sleutel van de virtuele telefoon naar dit bestand.
help-arg-expected-out = Schrijft wat een uitlezing moet vinden naar dit bestand (JSON).
help-arg-canary = Plant deze tekst in berichten, namen en media.
help-arg-big-file = Voegt een groot bestand toe: NAAM:BYTES.

## Algemeen
say-error = Fout: { $what }
say-do = Nu doen: { $what }
unknown = onbekend
yes = ja
no = nee

## Fouten: gebruik en plan
error-usage = De opdracht is niet begrepen.
    .do = Kijk bij `uitlezen --help` of bij `uitlezen OPDRACHT --help`.
error-plan-read = Het plan { $file } kan niet worden gelezen: { $why }.
    .do = Controleer de bestandsnaam na --plan.
error-plan-recipients = Het plan { $file } noemt voor rol { $role } niet genoeg ontvangers.
    .do = Noem er ten minste twee, waarvan één met `recovery = true`.
error-plan-no-app = Het plan { $file } vraagt geen enkele app.
    .do = Zet onder [apps] `whatsapp = true` of `whatsapp_business = true`, of `signal`, `sms`, `threema`, `threema_work` of `threema_onprem`; voor een iPhone ook `imessage`.
error-secret = Het geheim { $name } kan niet worden gelezen: { $why }.
    .do = Geef het als { $name }=fd:N, { $name }=cred:ID of { $name }=@BESTAND; een bestand mag alleen voor u leesbaar zijn (chmod 600).
error-secret-needed = Het geheim { $name } is nodig en er is niemand om het aan te vragen.
    .do = Geef --secret { $name }=fd:N, { $name }=cred:ID of { $name }=@BESTAND mee.
error-shown = `{ $text }` is niet te begrijpen na --shown.
    .do = Schrijf bijvoorbeeld --shown whatsapp-standaardtimer=uit (of =aan).
error-to-holder-json = --to-holder en --json gaan niet samen: namen mogen nergens in terechtkomen.
    .do = Laat --json weg en doe dit op een scherm waar de houder bij zit.
error-to-holder-output = De uitvoer gaat niet naar een scherm waarvan namen weer kunnen verdwijnen.
    .do = Laat `>`, `|` en `tee` weg en start dit in een gewoon terminalvenster.
error-not-a-terminal = Hiervoor is een scherm met een toetsenbord nodig.
    .do = Geef een opdracht, bijvoorbeeld `uitlezen readout --plan … --out …`. Zie `uitlezen --help`.
error-no-configuration = Dit station is nog niet ingericht: { $file } ontbreekt.
    .do = Zet het plan voor deze telefoon als `plannen/NAAM.toml` in { $dir }; een voorbeeld staat in fixtures/plan.voorbeeld.toml.

## Fouten: kluis en sleutels
error-vault-absent = Dit station heeft nog geen kluis.
    .do = Maak die met `uitlezen keys new station …`.
error-vault-exists = Dit station heeft al een kluis.
    .do = Gebruik de bestaande, of kies met --state een andere map.
error-vault-secret = Het wachtwoord van de kluis klopt niet.
    .do = Probeer het opnieuw. Vergeten? De herstelsleutel van de organisatie opent de kluis.
error-vault-recovery = Een kluis heeft ten minste één herstelontvanger nodig.
    .do = Maak die met `uitlezen keys new recovery --out BESTAND` en geef --recovery age1….
error-vault-damaged = De kluis is beschadigd: { $why }.
    .do = Zet een reservekopie van de kluis terug, of meld het bij de helpdesk. Open runs zijn met de herstelsleutel te redden.
error-no-station-key = Dit station heeft nog geen ondertekensleutel.
    .do = Maak die met `uitlezen keys new station …`.
error-key-file = De sleutel { $file } kan niet worden gebruikt: { $why }.
    .do = Geef het bestand dat `uitlezen keys new role` of `recovery` maakte.
error-key-exists = { $file } bestaat al.
    .do = Kies een andere naam; een sleutel wordt nooit overschreven.

## Fouten: telefoon
error-phone-no-usb = Deze computer biedt geen toegang tot USB.
    .do = Sluit de telefoon aan op een computer met USB, of start `uitlezen doctor`.
error-phone-none = De telefoon { $serial } is niet gevonden.
    .do = Sluit de telefoon aan met een datakabel, ontgrendel hem en zet USB-foutopsporing aan (Instellingen → Ontwikkelaarsopties).
error-phone-permission = Dit account mag USB-apparaten niet openen.
    .do = Laat de beheerder udev/51-uitlezen-android.rules installeren en steek de telefoon opnieuw in.
error-phone-busy = Een ander programma houdt de telefoon vast.
    .do = Sluit andere telefoonprogramma's; draait er een adb-server, dan gaat uitlezen daar vanzelf doorheen.
error-phone-not-allowed = De houder heeft niet op tijd op Toestaan getikt.
    .do = Ontgrendel de telefoon, start opnieuw en tik op Toestaan bij "USB-foutopsporing toestaan?".
error-phone-denied = De telefoon weigert: de houder of een beleid zei nee.
    .do = Vraag de houder opnieuw, of de beheerder van de telefoon (MDM) om USB-foutopsporing toe te staan.
error-phone-gone = De verbinding met de telefoon is weg.
    .do = Controleer de kabel, sluit de telefoon weer aan en start opnieuw.
error-phone-silent = De telefoon geeft geen antwoord.
    .do = Ontgrendel de telefoon, steek hem opnieuw in en start opnieuw.
error-phone-garbage = De telefoon antwoordt niet zoals het protocol voorschrijft.
    .do = Herstart de telefoon en probeer een andere kabel. Blijft het, stuur dan de uitvoer van `uitlezen probe` aan de helpdesk.
error-phone-not-loopback = { $address } is niet deze machine.
    .do = Lees over USB uit. Alleen in een proefopstelling: --lab.
error-phone-other = Er is een andere telefoon aangesloten dan het plan noemt. Er is niets gelezen.
    .do = Sluit de telefoon uit het plan aan, of gebruik het plan van deze telefoon.
error-files = { $path } kan niet als telefoonmap of zip worden gelezen.
    .do = Geef een map of zip met daarin de map WhatsApp (Databases, Backups, Media).
error-files-hostile = De zip bevat onderdelen die geweigerd worden (versleuteld, dubbel, of te groot uitgepakt).
    .do = Pak de zip uit in een map en geef die map, of vraag een nieuwe zip.
error-iphone-backup-locked = De reservekopie van de iPhone is versleuteld, en er is geen wachtwoord gegeven.
    .do = Vraag de houder om het wachtwoord van de lokale reservekopie en geef het met --secret iphone-backup=… of typ het als erom gevraagd wordt. Het is niet de toegangscode van de telefoon.
error-iphone-backup-password = Dit is niet het wachtwoord van deze reservekopie.
    .do = Vraag de houder welk wachtwoord bij het maken van de reservekopie is ingesteld en probeer het opnieuw. Er wordt nooit geraden.
error-iphone-backup-too-old = De reservekopie komt van iOS 9 of ouder; die wordt niet gelezen.
    .do = Werk de telefoon bij en maak een nieuwe, versleutelde reservekopie.
error-iphone-backups-several = In { $path } liggen meerdere reservekopieën van iPhones.
    .do = Geef de map van één reservekopie: die waarin Manifest.db ligt.
error-iphone-backup-damaged = De reservekopie van de iPhone is beschadigd of niet compleet: de lijst van bestanden is niet te lezen.
    .do = Maak een nieuwe reservekopie, laat het maken helemaal aflopen, en lees die uit.
error-iphone-backup-refused = De reservekopie vraagt meer werk of ruimte dan een echte ooit doet en wordt geweigerd.
    .do = Gebruik deze map niet. Maak zelf een nieuwe reservekopie van de telefoon.

## Fouten: uitlezen
error-no-app = Er is geen reservekopie van { $app } gevonden.
    .do = { $app ->
        [signal] Laat de houder in Signal een reservekopie op het toestel maken (Instellingen → Back-ups), en start opnieuw.
        [threema] Laat de houder in Threema een gegevensreservekopie maken (onder de back-ups van de app), en start opnieuw.
        [threema-work] Laat de houder in Threema Work een gegevensreservekopie maken, als de beheerder dat toestaat, en start opnieuw.
        [threema-onprem] Laat de houder in Threema OnPrem een gegevensreservekopie maken, als de beheerder dat toestaat, en start opnieuw.
       *[other] Laat de houder in WhatsApp tikken op Instellingen → Chats → Chatback-up → Back-up maken, en start opnieuw.
    }
error-key-needed = Voor { $app } is de 64-cijferige sleutel nodig.
    .do = Houder: WhatsApp → Instellingen → Chats → Chatback-up → End-to-end versleutelde back-up: kies de 64-cijferige sleutel, noteer hem en maak een nieuwe back-up. Geef hem als --secret { $app }=….
error-key-wrong = De 64-cijferige sleutel opent de reservekopie van { $app } niet.
    .do = Controleer de sleutel. Is de versleuteling uit- en aangezet, dan geldt een nieuwe sleutel: laat de houder die tonen en een nieuwe back-up maken.
error-key-form = Dit is geen 64-cijferige sleutel.
    .do = Typ de 64 tekens (0-9, a-f) over; spaties mogen. Een wachtwoord of toegangssleutel (passkey) opent geen bestand.
error-backup-truncated = De reservekopie van { $app } is afgekapt.
    .do = Laat de houder opnieuw "Back-up maken" tikken en wacht tot die klaar is.
error-backup-altered = De reservekopie van { $app } is beschadigd of veranderd.
    .do = Laat een nieuwe reservekopie maken en lees opnieuw uit. Blijft het, meld het bij de beveiligingsfunctionaris.
error-backup-legacy = De reservekopie van { $app } is van een soort (crypt12/crypt14) die alleen met een sleutelbestand van de telefoon opengaat.
    .do = Houder: zet de end-to-end versleutelde back-up met 64-cijferige sleutel aan en maak een nieuwe back-up.
error-disk-full = De schijf is vol.
    .do = Maak ruimte vrij; de werkmap blijft bewaard.
error-disk = Schrijven lukt niet: { $why }.
    .do = Controleer de uitvoermap en de schijf; de werkmap blijft bewaard.
error-child = Een deelproces is gestopt terwijl het las wat van de telefoon kwam ({ $which }).
    .do = Probeer het opnieuw. Gebeurt het weer, dan is een bestand op de telefoon beschadigd of vijandig: meld het bij de helpdesk.
error-child-silent = Een deelproces gaf te lang geen teken ({ $which }).
    .do = Controleer of de telefoon ontgrendeld en aangesloten is en probeer opnieuw.
error-cancelled = Afgebroken. Er is niets verzegeld.
    .do = Start opnieuw wanneer het uitkomt; stond er al iets, dan gaat `uitlezen runs resume` verder.
error-internal = Er ging iets mis in het programma zelf: { $why }.
    .do = Meld deze regel bij de helpdesk.

## Fouten: zegel
error-seal-read = { $file } kan niet worden gelezen: { $why }.
    .do = Controleer de bestandsnaam.
error-seal-damaged = Het zegel is beschadigd: { $what } ({ $where }).
    .do = Gebruik het niet. Haal het opnieuw op waar het bewaard wordt en meld de beschadiging bij de beveiligingsfunctionaris.
error-seal-signer = Het zegel is ongeschonden, maar de ondertekenaar ({ $subject }) is hier niet bekend.
    .do = Geef met --signer het certificaat van het station, dat u langs een andere weg hebt gekregen.
error-seal-demo = Dit is een zegel van de demonstratie.
    .do = Geef --allow-demo als dat de bedoeling is.
error-unseal-role = Het zegel heeft geen rol { $role }.
    .do = Kies een van: { $roles }.
error-unseal-key = Deze sleutel opent rol { $role } niet.
    .do = Gebruik de sleutel van een ontvanger van die rol, of de herstelsleutel.
error-unseal-not-empty = { $dir } is niet leeg.
    .do = Kies een nieuwe map; er wordt nooit iets overschreven.
error-unseal = Openen lukt niet: { $why }.
    .do = Controleer het zegel met `uitlezen verify`.

## Voortgang
stage-connect = Verbinden
stage-preflight = Vooronderzoek
stage-databases = Databases ophalen
stage-unlock = Ontsleutelen
stage-read = Lezen
stage-media = Bijlagen ophalen
stage-seal = Verzegelen
holder-connect = Sluit de telefoon aan met een datakabel.
holder-unlock = Houder: ontgrendel de telefoon.
holder-allow = Houder: tik op Toestaan bij "USB-foutopsporing toestaan?" op de telefoon.
holder-make-signal-backup = Houder: Signal → Instellingen → Back-ups → Back-up op dit apparaat → Nu een back-up maken. Er wordt op de nieuwe back-up gewacht.
holder-make-threema-backup = Houder: maak in Threema, onder de back-ups van de app, een nieuwe gegevensreservekopie, met het wachtwoord dat hier is gegeven. Er wordt op de nieuwe reservekopie gewacht.
holder-make-backup = Houder: WhatsApp → Instellingen → Chats → Chatback-up → Back-up maken. Er wordt op de nieuwe back-up gewacht.
phone-found = Telefoon: { $name }, { $system } { $version }, serienummer { $serial }
phone-through-server = Een adb-server op deze machine heeft de telefoon in handen: de uitlezing gaat daardoorheen.
backup-others = { $app }: er { $count ->
        [one] ligt nog 1 andere reservekopie
       *[other] liggen nog { $count } andere reservekopieën
    }; de nieuwste wordt gelezen.
backup-found = { $app }: { $kind ->
        [provider-answers] antwoorden van de telefoon zelf
        [iphone-backup] reservekopie van de iPhone
        [signal-file] reservekopie (bestand)
        [signal-folder] reservekopie (map)
        [adb-backup] bestand van adb backup
        [adb-backup-encrypted] versleuteld bestand van adb backup
        [threema-backup] gegevensreservekopie (zip)
       *[other] reservekopie { $kind }
    }{ $increments ->
        [0] {""}
       *[other] {" "}met { $increments } aanvullingen
    }, { $age ->
        [0] minder dan een uur
       *[other] { $age } uur
    } oud
backup-found-no-age = { $app }: { $kind ->
        [provider-answers] antwoorden van de telefoon zelf
        [iphone-backup] reservekopie van de iPhone
        [signal-file] reservekopie (bestand)
        [signal-folder] reservekopie (map)
        [adb-backup] bestand van adb backup
        [adb-backup-encrypted] versleuteld bestand van adb backup
        [threema-backup] gegevensreservekopie (zip)
       *[other] reservekopie { $kind }
    }{ $increments ->
        [0] {""}
       *[other] {" "}met { $increments } aanvullingen
    }
counts = { $app }: { $conversations ->
        [one] 1 gesprek
       *[other] { $conversations } gesprekken
    }, { $messages ->
        [one] 1 bericht
       *[other] { $messages } berichten
    }, { $attachments ->
        [one] 1 bijlage
       *[other] { $attachments } bijlagen
    }
may-unplug = Van de telefoon is niets meer nodig: hij mag eruit.
sealed = Verzegeld: { $file } ({ $size })

## Oordeel
verdict-off = { $app }: automatisch verwijderen staat uit in { $count ->
        [one] 1 gesprek
       *[other] { $count } gesprekken
    }.
verdict-off-by-contact = { $app }: in { $count ->
        [one] 1 daarvan rust
       *[other] { $count } daarvan rust
    } dat alleen op de notitie bij het contact (een zwakker bewijs).
verdict-on = { $app }: automatisch verwijderen staat AAN in gesprek { $number }: na { $duration }.
verdict-none = { $app }: gesprek { $number }: geen uitspraak mogelijk ({ $why }).
verdict-on-since = { $app }: automatisch verwijderen staat AAN in gesprek { $number }: na { $duration }, sinds { $since }.
verdict-holder = { $app }: de standaardtimer voor nieuwe gesprekken staat in geen enkel bestand. Houder: toon Instellingen → Privacy → Standaardtimer voor berichten.
verdict-holder-keep = { $app }: in de reservekopie staat niet hoe lang berichten worden bewaard. Houder: toon Instellingen → (Apps →) Berichten → Bewaar berichten.
verdict-holder-keep-in-app = { $app }: in de reservekopie staat niet hoe lang berichten worden bewaard. Houder: toon in de instellingen van de app hoe lang berichten bewaard blijven.
verdict-holder-sms = { $app }: of oude berichten worden gewist, of codes vanzelf verdwijnen en wat er in de prullenbak ligt, staat in geen enkel bestand. Houder: toon de instellingen en de prullenbak van de berichtenapp.
verdict-holder-administrator = { $app }: geen bestand zegt of de beheerder berichten na een tijd laat wissen. Houder: toon in de instellingen van de app hoe lang berichten bewaard blijven; een instelling van de beheerder staat daar als zodanig.
verdict-holder-audio = { $app }: geen bestand zegt zeker of spraakberichten na twee minuten verdwijnen. Houder: toon Instellingen → (Apps →) Berichten → Audioberichten → Verloop.
verdict-set-off = { $app }: berichten worden altijd bewaard, volgens de instellingen van de app zelf.
verdict-set-on = { $app }: berichten worden GEWIST na { $duration }, volgens de instellingen van de app zelf.
verdict-administered-off = { $app }: berichten worden altijd bewaard, want de beheerder legt dat op; zo staat het in het plan.
verdict-administered-on = { $app }: berichten worden GEWIST na { $duration }, want de beheerder legt dat op; zo staat het in het plan.
verdict-never-set = { $app }: berichten bewaren is nooit ingesteld, dus de standaard (altijd) hoort te gelden. Houder: toon de instelling "Bewaar berichten".
verdict-never-set-in-app = { $app }: berichten bewaren is nooit ingesteld, dus de standaard (altijd) hoort te gelden. Houder: toon in de instellingen van de app hoe lang berichten bewaard blijven.
verdict-holder-on = { $app }: de standaardtimer voor nieuwe gesprekken staat AAN.
verdict-holder-off = { $app }: de houder toonde dat de standaardtimer voor nieuwe gesprekken uit staat.
verdict-indirect-off = { $app }: een tussentijdse back-up zegt dat de standaardtimer voor nieuwe gesprekken uit stond.
verdict-indirect = { $app }: een tussentijdse back-up noemt een standaardtimer van { $duration } voor nieuwe gesprekken.
verdict-view-once = { $app }: { $count ->
        [one] 1 bericht voor eenmalige weergave; de inhoud staat
       *[other] { $count } berichten voor eenmalige weergave; de inhoud staat
    } in geen enkele reservekopie.
to-holder-ask = Kijkt de houder nu mee op dit scherm? Er komen namen in beeld, die nergens worden bewaard.
to-holder-done = Druk op Enter als de houder klaar is met kijken: dan verdwijnen de namen van het scherm.
to-holder-more = Druk op Enter voor de volgende gesprekken ({ $page } van { $pages }).
to-holder-line = gesprek { $number }: { $name }: { $verdict }

## Zegel
verify-intact = Zegel: ongeschonden
verify-damaged = Zegel: beschadigd ({ $what }, { $where })
verify-demo = DEMO: dit zegel komt uit de demonstratie
verify-lab = LAB: dit zegel komt uit een proefopstelling
verify-expired = Het certificaat is verlopen; de ondertekentijd { $time } is een eigen opgave van het station.
unsealed = Geopend voor { $role }: { $files ->
        [one] 1 bestand
       *[other] { $files } bestanden
    }, { $size }, in { $dir }
unsealed-conversations = { $conversations ->
        [one] 1 gesprek
       *[other] { $conversations } gesprekken
    }, { $messages ->
        [one] 1 bericht
       *[other] { $messages } berichten
    }, { $attachments ->
        [one] 1 bijlage
       *[other] { $attachments } bijlagen
    }

## Sleutels
key-made = Sleutel gemaakt: { $file }
key-public = Ontvanger (zet deze in het plan): { $key }
key-keep = Bewaar dit bestand op een veilige plaats, niet op dit station. Wie het heeft, kan openen wat ervoor is verzegeld.
key-passphrase-ask = Wachtwoord voor dit sleutelbestand (leeg laten voor geen)
station-made = Station ingericht: kluis in { $dir }
station-certificate = Certificaat: { $file }. Geef dit bestand aan wie zegels controleert.
vault-passphrase = Wachtwoord van de kluis
vault-passphrase-new = Nieuw wachtwoord van de kluis
vault-passphrase-again = Nog eens hetzelfde wachtwoord
secret-prompt = Geheim { $name }
iphone-backup-ask = Wachtwoord van de lokale reservekopie van de iPhone (wordt niet getoond; leeg als die niet versleuteld is)
key-ask = 64-cijferige sleutel van { $app } (wordt niet getoond)

## Telefoons
phones-none = Geen telefoon gevonden.
phones-line = { $serial }  { $name }  { $state }
phone-state-ready = bereikbaar
phone-state-permission = geen rechten (udev-regel ontbreekt)
phone-state-busy = bezet door een ander programma
phone-state-server = in handen van een adb-server; uitlezen gaat daardoorheen

## Demonstratie
demo-start = Demonstratie: een virtuele Android-telefoon en een virtuele iPhone van een wethouder. Niets hiervan is echt.
demo-step-phone = 1. Virtuele telefoon gestart op { $address }, met { $messages } berichten in WhatsApp, en daarbij meldingen van de app en aanvullingen sinds de reservekopie; ernaast sms, en reservekopieën van Signal en Threema, waar de houder ze neerzette.
demo-step-keys = 2. Sleutels gemaakt: station "DEMO", ontvanger DIV, herstel.
demo-step-gate = 3. Uitlezen zonder register: de poort laat niets door.
demo-step-register = 4. Het register vullen (register.toml): wie, welke telefoon, op welke grondslag, en één privégroep die wordt uitgesloten.
demo-register-why = demonstratie
demo-step-readout = 5. Uitlezen over het echte adb-protocol; onderweg gaat de kabel eruit:
demo-step-resume = 6. De kabel gaat er weer in, en de uitlezing gaat verder:
demo-step-week = 7. Een week later, dezelfde telefoon:
demo-week = Van de bijlagen liggen er { $held } al in het vorige zegel; die zijn niet opnieuw gehaald. Van de telefoon kwam nu { $now } kB, de vorige week { $then } kB.
demo-step-verify = 8. De zegels controleren (zonder sleutel):
demo-step-unseal = 9. Het tweede zegel openen met de sleutel van de ontvanger; wat in het eerste ligt, komt daaruit:
demo-look = Kijk nu zelf:
demo-look-seal = { $path }   het zegel; `unzip -l` toont wat erin zit
demo-look-report = { $path }   het verslag (rol verantwoording, zonder namen)
demo-look-conversation = { $path }   een gesprek met zijn contextregels; bijlagen ernaast
demo-real = Met een echte telefoon zou deze uitlezing eindigen met code { $code }: { $why }.
demo-code-0 = wat het plan vroeg is gelezen en er zijn geen bevindingen
demo-code-3 = automatisch verwijderen staat ergens aan
demo-code-6 = niet alles wat gevraagd was, is gelezen
demo-code-8 = de houder moet nog iets tonen
demo-done = Klaar in { $seconds ->
        [one] 1 seconde
       *[other] { $seconds } seconden
    }.

## Diagnose
doctor-can = Dit station kan uitlezen.
doctor-cannot = Dit station kan nog geen telefoon uitlezen: zie de regels met "!!".
doctor-usb = USB
doctor-usb-ok = bereikbaar, { $count ->
        [0] geen telefoon
        [one] 1 telefoon
       *[other] { $count } telefoons
    }
doctor-usb-none = deze computer biedt geen USB; uitlezen kan hier alleen uit een map of zip
doctor-permission = udev-regel
doctor-permission-ok = telefoons mogen worden geopend
doctor-permission-no = een telefoon mag niet worden geopend: installeer udev/51-uitlezen-android.rules
doctor-permission-unknown = niet te zeggen zonder aangesloten telefoon
doctor-adb-server = adb-server
doctor-adb-server-yes = draait; uitlezen gaat erdoorheen als hij de telefoon vasthoudt
doctor-adb-server-no = draait niet
doctor-usbmuxd = usbmuxd
doctor-usbmuxd-yes = draait
doctor-usbmuxd-no = draait niet (alleen nodig voor iPhones)
doctor-sandbox = afscherming
doctor-sandbox-fully = deelprocessen zijn volledig afgeschermd (Landlock)
doctor-sandbox-partly = deelprocessen zijn gedeeltelijk afgeschermd (oudere kernel)
doctor-sandbox-not-by-kernel = de kernel kent geen Landlock; alleen geheugengrenzen gelden
doctor-swap = wisselgeheugen
doctor-swap-none = geen
doctor-swap-on = staat aan: versleutel het of zet het uit, want geheugen kan op schijf komen
doctor-space = vrije ruimte
doctor-space-line = { $size } in { $dir }
doctor-vault = kluis
doctor-vault-yes = aanwezig en heel, { $locks ->
        [one] 1 slot
       *[other] { $locks } sloten
    }
doctor-vault-no = nog niet gemaakt: `uitlezen keys new station …`
doctor-ledger = logboek
doctor-ledger-whole = { $lines ->
        [0] nog leeg
        [one] 1 regel, keten heel
       *[other] { $lines } regels, keten heel
    }
doctor-ledger-broken = keten gebroken bij regel { $line }

## Begeleide run
guided-welcome = Uitlezen van een zakelijke telefoon. U ziet alleen aantallen, geen inhoud.
choose-how = (pijltjestoetsen, dan Enter)
guided-which = Welke telefoon?
guided-plan-left-out = Overgeslagen. { $what }
guided-wait = Sluit telefoon { $serial } aan met een datakabel en ontgrendel hem. Er wordt gewacht tot hij er is (Ctrl-C stopt).
guided-wait-long = Nog geen telefoon gezien. Zit de kabel erin? Kijk dan of de telefoon ontgrendeld is, of het een datakabel is (geen laadkabel), en of USB-foutopsporing aan staat (Instellingen → Ontwikkelaarsopties). Er wordt verder gewacht.
guided-wait-other = Telefoon { $found } is aangesloten; het plan is voor telefoon { $serial }. Er wordt op die telefoon gewacht.
guided-wait-permission = Er is een telefoon aangesloten, maar dit account mag hem niet openen. Laat de beheerder udev/51-uitlezen-android.rules installeren en steek de telefoon opnieuw in. Er wordt verder gewacht.
guided-passphrase-again = Dat wachtwoord klopt niet. Typ het nog eens (let op hoofdletters; er verschijnt niets terwijl u typt).
guided-there = De telefoon is er.
guided-person = { $person }, { $function } (telefoon { $serial })
guided-shown = Laat de houder nu in WhatsApp tonen: Instellingen → Privacy → Standaardtimer voor berichten. Staat die uit?
guided-shown-off = Ja, hij staat uit
guided-shown-on = Nee, hij staat aan
guided-shown-not = Niet getoond
guided-receipt = Ontvangstbewijs
guided-receipt-line = { $date }: telefoon { $serial } uitgelezen door { $operator }; { $status }; zegel { $file }; controlegetal { $digest }

## Virtuele telefoon
twin-listening = Virtuele telefoon { $serial } luistert op { $address }
twin-usb = Virtuele telefoon { $serial } aan USB

## More
verdict-more = … en nog { $count } gesprekken; ze staan in het verslag.
verdict-off-one = gesprek { $number }: uit
error-no-space = Er is te weinig vrije ruimte: { $needed } nodig, { $free } vrij.
    .do = Maak ruimte vrij of kies met --out een andere schijf.
error-backup-password = De reservekopie van { $app } zit op slot met een wachtwoord of toegangssleutel (passkey); daarmee is geen bestand te openen.
    .do = Houder: WhatsApp → Instellingen → Chats → Chatback-up → End-to-end versleutelde back-up: kies de 64-cijferige sleutel in plaats van het wachtwoord, noteer hem en maak een nieuwe back-up.
error-backup-unknown = De reservekopie van { $app } heeft een vorm die deze versie niet kent.
    .do = Stuur de uitvoer van `uitlezen probe` aan de helpdesk en kijk of er een nieuwere versie van uitlezen is.
error-backup-unreadable = De reservekopie van { $app } kon niet tot het einde worden gelezen.
    .do = Laat de telefoon ontgrendeld aangesloten en start opnieuw.
verdict-short-off = uit
verdict-short-on = AAN, na { $duration }
verdict-short-none = niet te zeggen ({ $why })
vault-passphrase-differs = De twee wachtwoorden zijn leeg of verschillen. Nog eens.
phone-state-silent = geeft geen antwoord over USB-foutopsporing
help-keys-keep = Bewaart de 64-cijferige sleutel van een app in de kluis, als de houder daarvoor kiest.
help-keys-forget = Wist de sleutel van een app uit de kluis.
help-arg-app = whatsapp of whatsapp-business.
help-arg-chosen-by = Wie koos, zoals de operator het vastlegt.
key-kept = Bewaard in de kluis, op keuze van { $who }: de sleutel van { $app } voor telefoon { $serial }.
key-forgotten = Gewist uit de kluis: de sleutel van { $app } voor telefoon { $serial }.
help-heading-usage = Gebruik
help-heading-arguments = Argumenten
## Woorden
help-default = [standaard: { $value }]
error-usage-unknown = `{ $what }` is hier niet bekend.
    .do = Kijk bij `uitlezen --help` of bij `uitlezen OPDRACHT --help`.
error-usage-near = `{ $what }` is hier niet bekend.
    .do = Bedoelde u `{ $near }`? Kijk anders bij `uitlezen OPDRACHT --help`.
error-usage-missing = Er ontbreekt iets: { $what }
    .do = Vul het aan. Kijk bij `uitlezen OPDRACHT --help` wat het betekent.
error-usage-conflict = { $what } en { $other } gaan niet samen.
    .do = Laat een van beide weg.
error-usage-value = `{ $value }` kan niet na { $what }.
    .do = Kijk bij `uitlezen OPDRACHT --help` wat daar hoort te staan.
error-configuration = De instellingen van dit station ({ $file }) kloppen niet: { $why }
    .do = Verbeter die regel, of haal het bestand weg: dan gelden de gewone instellingen.
error-plan-toml = Het plan { $file } klopt niet op regel { $line }:
    { $why }
    .do = Verbeter die regel. Een voorbeeld staat in fixtures/plan.voorbeeld.toml.
error-plan-format = Het plan { $file } is van vorm { $format }, die deze versie niet kent.
    .do = Schrijf `format = 1`, of kijk of er een nieuwere versie van uitlezen is.
error-plan-empty = Het plan { $file } klopt niet op regel { $line }: `{ $name }` is leeg.
    .do = Vul die regel in.
error-plan-recipient = Het plan { $file } klopt niet op regel { $line }: dat is geen ontvanger (age1…).
    .do = Zet daar de ontvanger die `uitlezen keys new role` of `recovery` toonde.
error-plan-role = Het plan { $file } klopt niet op regel { $line }: `{ $role }` is geen rol.
    .do = Kies uit verantwoording, gesprekken, scheiding en bronnen.
error-plan-twice = Het plan { $file } klopt niet op regel { $line }: die ontvanger staat al bij rol { $role }.
    .do = Geef elke rol twee verschillende sleutels: wie er één verliest, moet de andere nog hebben.
error-vault-newer = De kluis is gemaakt door een nieuwere versie van uitlezen.
    .do = Installeer die versie op dit station.
error-no-holder = Er zijn geen namen getoond.
    .do = Doe dit wanneer de houder meekijkt, of laat --to-holder weg.
why-not-there = dat is er niet
why-there-already = dat is er al
why-no-permission = dit account mag dat niet
why-a-folder = dat is een map
why-no-folder = er staat een bestand waar een map hoort
why-no-text = dat is geen gewone tekst
damage-content = de inhoud is niet wat is ondertekend
damage-checksum = het controlegetal in de zip hoort niet bij de inhoud
damage-not-listed = een onderdeel staat niet in de ondertekende lijst
damage-absent = een ondertekend onderdeel ontbreekt
damage-no-container = dit bestand heeft niet de vorm van een zegel
damage-layout = de opbouw van het bestand klopt niet
damage-manifest = de ondertekende lijst klopt niet
damage-manifest-changed = de lijst is na het ondertekenen veranderd, wat erop staat niet
damage-signature = de handtekening klopt niet
damage-header = de kop van het zegel klopt niet

# De kluis
error-vault-elsewhere = In de statusmap van dit station ligt de kluis van een ander station, of de map is naar een andere machine gekopieerd.
    .do = Zet de eigen kluis terug. Is het station met opzet verhuisd: `uitlezen vault adopt` op de nieuwe machine, en wis de oude; twee stations met één kluis maken twee reeksen zegels die niets van elkaar weten.
error-vault-last-lock = De kluis houdt ten minste één slot; er is niets gewijzigd.
    .do = Voeg eerst een ander slot toe met `uitlezen vault lock add`.
error-vault-no-lock = De kluis heeft geen slot met dat nummer.
    .do = `uitlezen vault status` toont de sloten met hun nummers.
error-vault-no-such-lock = De kluis heeft geen slot van deze soort.
    .do = `uitlezen vault status` toont welke sloten er zijn; ontgrendel met een daarvan, of met de herstelsleutel (`uitlezen vault recover`).
error-vault-not-for-key = De herstelsleutel in { $file } opent deze kluis niet.
    .do = Neem de sleutel van een herstelontvanger van deze kluis; `uitlezen vault status` op een werkend station toont hun vingerafdrukken.
error-passphrase-weak = Dat wachtwoord is te zwak: neem ten minste { $least } tekens, en niet steeds dezelfde.
    .do = Neem een zin van vier of meer woorden die niemand kan raden.
error-token-uri = De plaats van de sleutel op het token is niet te begrijpen.
    .do = Schrijf die als pkcs11:token=NAAM;object=SLEUTEL?module-path=/PAD/NAAR/MODULE.so, zonder pincode erin.
error-token-module = De PKCS#11-module is niet te laden.
    .do = Controleer het pad na module-path= en of het stuurprogramma van het token is geïnstalleerd.
error-token-absent = Het token is niet gevonden.
    .do = Steek het in en probeer het opnieuw. Kwijt: ontgrendel met een ander slot of met de herstelsleutel, en haal het slot van het token weg.
error-token-key = Op het token staat geen of meer dan één RSA-sleutel (ten minste 2048 bits) met die naam.
    .do = Noem de sleutel met object= of id=; toon de sleutels met het programma van het token.
error-token-pin = De pincode van het token klopt niet.
    .do = Let op: na enkele foute pincodes vergrendelt het token zich. Kijk de pincode na voor u het opnieuw probeert.
error-token-locked = Het token heeft zijn pincode vergrendeld.
    .do = Hef dat op met de PUK, of ontgrendel de kluis met een ander slot of met de herstelsleutel.
error-token-refused = Het token weigert te ontsleutelen.
    .do = Controleer of de sleutel op het token mag ontsleutelen (RSA-OAEP), of gebruik een ander slot.
vault-pin = Pincode van het token (leeg: op het token zelf)
clock-set-back = Let op: de klok van dit station loopt { $minutes } minuten achter op de laatste wijziging van de kluis. Dat is vastgelegd; zet de klok goed.
vault-status-locks = Sloten:
lock-passphrase = wachtwoord
lock-credential = systemd-geheim
lock-pkcs11 = token { $token } (serienummer { $serial })
vault-status-recovery = Herstelontvangers (vingerafdrukken):
vault-status-recovery-unknown = Herstelontvangers: niet vastgelegd (kluis van een oudere versie). Stel ze opnieuw in met `uitlezen vault recipients`.
vault-status-kept = Bewaard:
kept-station-key = ondertekensleutel
kept-adb-key = adb-sleutel
kept-iphone-host = bekendheid bij iPhones
kept-pair-records = iPhones die dit station vertrouwen
kept-app-secrets = sleutels van apps, naar keuze van de houder
kept-backup-passwords = wachtwoorden van iPhone-reservekopieën, naar keuze van de houder
kept-open-runs = open uitlezingen
kept-register-key = sleutel van het register
kept-fingerprint-keys = sleutels van bijlagelijsten
vault-passphrase-done = Het wachtwoord van de kluis is gewijzigd. Een oude kopie van de kluis opent nog met het oude wachtwoord: wis oude kopieën.
vault-lock-add-done = Het slot is toegevoegd.
vault-lock-remove-done = Het slot is weggehaald.
vault-recipients-done = De kluis opent voortaan met deze herstelsleutels, en met geen andere. Een oude kopie opent nog met de vorige.
vault-recover-done = De kluis is geopend met de herstelsleutel. Alle oude sloten zijn weg en het nieuwe geldt. Wat alleen op een verloren station stond (onvoltooide uitlezingen) is met dat station weg: lees die telefoons opnieuw uit. Is het station gestolen, vervang dan de ondertekensleutel met `uitlezen keys rotate station`.
vault-adopt-done = Deze kluis is nu van dit station. Wis haar op de oude machine.
help-vault = De kluis van dit station: sloten, herstel, en wat erin bewaard wordt.
help-vault-status = Toont de sloten, de vingerafdrukken van de herstelontvangers en hoeveel er van elke soort bewaard wordt; geen namen.
help-vault-passphrase = Wijzigt het wachtwoord. Zonder vragen: --secret vault=… en --secret vault-new=….
help-vault-lock = Sloten erbij of weg: wachtwoord, systemd-geheim, token.
help-vault-lock-add = Voegt een slot toe: --secret vault-new=cred:ID, vault-new=pkcs11:… of een wachtwoord. Een slot van dezelfde soort wordt vervangen.
help-vault-lock-remove = Haalt een slot weg. Het laatste blijft.
help-vault-recipients = Stelt de herstelontvangers opnieuw in: alleen wie hier genoemd is kan de kluis daarna herstellen.
help-vault-recover = Opent de kluis met een herstelsleutel en stelt een nieuw wachtwoord in: na een vergeten wachtwoord, of op een nieuw station met een kopie van de kluis.
help-vault-adopt = Maakt deze machine de thuisbasis van een kluis die met opzet hierheen is verhuisd.
help-arg-number = Nummer van het slot, zoals `vault status` het toont.
error-vault-busy = Een ander proces houdt de kluis van dit station te lang bezet.
    .do = Wacht tot de andere opdracht klaar is, of sluit het proces dat vastzit, en probeer het opnieuw.
error-vault-full = De kluis is vol; er is niets gewijzigd.
    .do = Wis wat niet meer nodig is, bijvoorbeeld met `uitlezen keys forget …`, of meld het bij de helpdesk.

## Afgebroken uitlezingen
help-runs = Uitlezingen die zijn afgebroken: tonen, hervatten, vernietigen.
help-runs-list = Toont de afgebroken uitlezingen en tot wanneer ze bewaard blijven.
help-runs-resume = Gaat verder met een afgebroken uitlezing; wat al binnen is, wordt niet opnieuw gehaald.
help-runs-discard = Vernietigt wat van een afgebroken uitlezing bewaard is.
help-arg-run = De uitlezing, zoals `runs list` hem noemt; mag weg als er maar één is.
help-arg-media = Hoe groot de bijlagen van de virtuele telefoon zijn: none, small of realistic.
help-arg-yes = Zonder te vragen.
runs-none = Er zijn geen afgebroken uitlezingen.
runs-line = { $run } · telefoon { $serial } · begonnen { $started } · bewaard tot { $ends } · { $state }
run-state-broken-off = afgebroken
run-state-running = bezig
run-state-gone = werkmap niet gevonden
run-kept = De werkmap van uitlezing { $run } is bewaard, versleuteld, zeven dagen lang. Verder gaan: `uitlezen runs resume { $run }`.
run-waits = Van deze telefoon staat nog een afgebroken uitlezing van { $started } ({ $run }), bewaard tot { $ends }. Verder gaan kan met `uitlezen runs resume { $run }`; deze opdracht begint opnieuw.
run-waits-ask = Van deze telefoon staat nog een afgebroken uitlezing van { $started }. Daarmee verder gaan?
run-resumed-begun = De afgebroken uitlezing gaat verder; bestanden die al binnen zijn, worden niet opnieuw gehaald.
run-resumed-databases = De afgebroken uitlezing gaat verder: de databases zijn al binnen.
run-resumed-records = De afgebroken uitlezing gaat verder: de gesprekken zijn al gelezen.
run-resumed-acquired = De afgebroken uitlezing gaat verder: alles is al van de telefoon gehaald, die is niet meer nodig.
run-sealed-already = Deze uitlezing was al verzegeld toen ze werd afgebroken: { $file }. De resten zijn opgeruimd.
run-discard-ask = Uitlezing { $run } van { $started } vernietigen? Wat ervan bewaard is, komt niet terug.
run-discarded = Uitlezing { $run } is vernietigd; het logboek vermeldt wat er weg is.
run-expired = Uitlezing { $run } was ouder dan zeven dagen en is vernietigd; het logboek vermeldt wat er weg is.
run-clock-back = Let op: volgens de klok van dit station begon een afgebroken uitlezing in de toekomst. Controleer datum en tijd.
error-phone-in-use = Telefoon { $serial } wordt op dit station al uitgelezen.
    .do = Wacht tot die uitlezing klaar is, of breek haar af.
error-run-none = Er zijn geen afgebroken uitlezingen.
    .do = Begin een nieuwe met `uitlezen readout`.
error-run-which = Er is meer dan één afgebroken uitlezing.
    .do = Noem er een; `uitlezen runs list` toont ze.
error-run-unknown = Uitlezing { $run } is hier niet bekend.
    .do = `uitlezen runs list` toont welke er zijn.
error-run-in-use = Deze uitlezing is nog bezig.
    .do = Wacht tot ze klaar is, of breek haar af met Ctrl-C waar ze draait.
error-run-not-ours = De werkmap hoort niet bij deze kluis, of haar begin is beschadigd.
    .do = Zet de juiste werkmap terug, of vernietig de uitlezing met `uitlezen runs discard` en begin opnieuw.
error-run-nothing-kept = Van deze uitlezing is niets bewaard waarmee verder gegaan kan worden.
    .do = Vernietig haar met `uitlezen runs discard` en begin opnieuw.
error-run-other-version = De werkmap is van een andere versie van dit programma.
    .do = Ga verder met die versie, of vernietig de uitlezing met `uitlezen runs discard` en begin opnieuw.
error-run-not-agreed = Er is niets vernietigd.
    .do = Antwoord ja, of geef `--yes` mee.

# Oefenen en vervangen
doctor-drill = herstel geoefend
doctor-drill-never = nog niet: `uitlezen keys drill` (ten minste elk jaar, BIO2 8.13)
doctor-drill-late = voor het laatst { $date }; dat is te lang geleden of in de toekomst: `uitlezen keys drill`
doctor-drill-done = voor het laatst { $date }
drill-half = Sleutel { $key } opent van rol { $role } helft { $half }.
drill-opened = Sleutel { $key } opent: { $roles }.
drill-nothing = Sleutel { $key } opent hier niets. Is dit de goede sleutel, en staat zij in het plan?
drill-failed = Sleutel { $key } kreeg rol { $role } niet open: { $why }.
drill-together = Rol { $role } opent met de sleutels samen.
drill-closed = Rol { $role } bleef dicht: geen van de sleutels opent haar.
drill-passed = De oefening is geslaagd: elke rol ging open en elke sleutel deed haar werk. Dat staat in het logboek.
drill-not-passed = De oefening is niet geslaagd. Dat staat in het logboek. Zoek de ontbrekende sleutel, of vervang de ontvanger voor nieuwe zegels met `uitlezen keys rotate recipient`.
error-rotate-issued = Het certificaat van dit station is door een ander uitgegeven; dan geeft die ook het volgende uit.
    .do = Vraag bij de PKI van de organisatie een nieuw certificaat (P-384) aan.
error-rotate-recipient = De oude en de nieuwe ontvanger moeten twee verschillende openbare sleutels zijn (age1…).
    .do = Gebruik wat `uitlezen keys new role` of `recovery` als openbare sleutel toonde, niet de geheime.
error-rotate-not-there = In het plan { $file } staat die oude ontvanger niet; er is geen plan gewijzigd.
    .do = Noem alleen plannen waarin de oude ontvanger staat.
rotate-station-done = Dit station ondertekent voortaan met een nieuwe sleutel. Deel { $file } met wie zegels controleert; { $proof } is de handtekening van de oude sleutel daarover. Eerdere zegels blijven geldig onder het oude certificaat.
rotate-recipient-done = De ontvanger is vervangen in { $plans ->
        [one] 1 plan
       *[other] { $plans } plannen
    }. Bestaande zegels openen nog met de oude sleutel: bewaar die zolang ze er zijn.
key-keep-ask = Wil de houder dat dit station de sleutel van { $app } bewaart voor de volgende keer? Het is de keuze van de houder, en wordt als die keuze vastgelegd.
key-not-kept = De sleutel van { $app } is niet bewaard: er is niets mee geopend.
error-key-not-kept = De kluis bewaart geen sleutel van { $app } voor telefoon { $serial }.
    .do = Kijk het serienummer na met `uitlezen phones`.
help-keys-drill = Oefent het herstel: opent met elke sleutel echt wat voor haar verzegeld is, van zegels of van een proefzegel voor een plan.
help-keys-rotate = Vervangt sleutels voor de zegels die nog komen.
help-keys-rotate-station = Geeft het station een nieuwe ondertekensleutel; de oude ondertekent het nieuwe certificaat.
help-keys-rotate-recipient = Vervangt een ontvanger in plannen. Alle genoemde plannen, of geen.
help-arg-plans = De plannen (TOML).
help-arg-old = De ontvanger die wordt vervangen.
help-arg-new = De ontvanger die ervoor in de plaats komt.
help-arg-phone = Serienummer van de telefoon, zoals `uitlezen phones` het toont.
help-arg-keep-secret = Bewaart de sleutel van deze app in de kluis als zij de reservekopie opende; alleen op keuze van de houder.

# Twee personen
error-plan-half = Het plan { $file } noemt voor helft { $half } van rol { $role } niet genoeg ontvangers.
    .do = Noem voor elke helft ten minste twee, waarvan één met `recovery = true`.
error-plan-halves = Het plan { $file } klopt niet op regel { $line }: rol { $role } heeft ontvangers met en zonder `half`.
    .do = Geef alle ontvangers van die rol `half = "a"` of `half = "b"`, of geen ervan.
error-unseal-half = Rol { $role } opent alleen met twee personen samen: de sleutel van helft { $half } ontbreekt.
    .do = Laat de tweede persoon erbij komen en geef diens sleutelbestand mee met een tweede --identity. De herstelsleutel van helft { $half } kan ook.
key-file-passphrase = Wachtwoord van sleutelbestand { $file }

## De bladzijden bij een zegel
page-statement = Volledigheidsverklaring: { $file }
page-receipt = Ontvangstbewijs voor de houder: { $file }
demo-look-statement = { $path }   de volledigheidsverklaring, om af te drukken
demo-look-receipt = { $path }   het ontvangstbewijs voor de houder
demo-look-register = { $path }   wat het register weet
## Scheiding
separation-left-out = { $app }: uitgesloten door besluit { $rule } ({ $class }): { $conversations ->
        [one] 1 gesprek
       *[other] { $conversations } gesprekken
    }, { $messages ->
        [one] 1 bericht
       *[other] { $messages } berichten
    }, { $attachments ->
        [one] 1 bijlage
       *[other] { $attachments } bijlagen
    }.
separation-undecided = { $app }: nog niet beslist en daarom niet overgenomen: { $conversations ->
        [one] 1 gesprek
       *[other] { $conversations } gesprekken
    }, { $messages ->
        [one] 1 bericht
       *[other] { $messages } berichten
    }. Namen en deelnemers staan in rol scheiding.
separation-councillors = { $app }: alleen tussen raadsleden en daarom buiten de bewaarplicht: { $conversations ->
        [one] 1 gesprek
       *[other] { $conversations } gesprekken
    }, { $messages ->
        [one] 1 bericht
       *[other] { $messages } berichten
    }.
separation-repeats = { $app }: { $count ->
        [one] 1 herhaling
       *[other] { $count } herhalingen
    } van wat is uitgesloten (aanhaling, doorgestuurd bericht, bestand of groepsnaam) { $count ->
        [one] is
       *[other] zijn
    } ook elders weggelaten.
error-sources-beside-exclusions = Het plan bewaart ruwe databases, terwijl er gesprekken worden uitgesloten: die zouden er toch in staan.
    .do = Zet keep_sources op false, of noem in het plan het kenmerk van het besluit dat het toestaat.
error-nobody-decides = Onder beleid alleen-zakelijk noemt het plan niemand die rol scheiding mag openen.
    .do = Geef in het plan ten minste twee ontvangers rol scheiding, onder wie een voor herstel.

## Eerdere zegels: uitlezen, controleren, ontzegelen, vernietigen
help-arg-full = Haalt ook over wat in eerdere zegels ligt.
help-arg-earlier = Map of bestand met eerdere zegels van deze telefoon; mag vaker.
help-seals = De zegels van dit station: tonen, en vernietigen wat niemand meer nodig heeft.
help-seals-list = Toont de zegels en welke op welke steunen.
help-seals-destroy = Vernietigt een zegel waarop geen ander steunt.
full-run-asked = Volledige uitlezing, zoals gevraagd: ook wat in eerdere zegels ligt wordt overgehaald.
full-run-due = Volledige uitlezing: de vorige is dertien weken of langer geleden.
full-run-unknown = Volledige uitlezing: de lijst van eerdere zegels is niet bruikbaar.
full-run-too-many = Volledige uitlezing: er zou op te veel eerdere zegels worden gesteund.
held = { $count ->
        [one] 1 bijlage ligt
       *[other] { $count } bijlagen liggen
    } al in { $seals ->
        [one] een eerder zegel
       *[other] { $seals } eerdere zegels
    } ({ $size }) en { $count ->
        [one] is
       *[other] zijn
    } niet opnieuw overgehaald. Bewaar die zegels samen met dit.
not-remembered = Wat in dit zegel ligt kon niet in de lijst van dit station worden gezet; de volgende uitlezing haalt het opnieuw over.
verify-file = { $file }
verify-relies = Dit zegel steunt op { $count ->
        [one] 1 eerder zegel
       *[other] { $count } eerdere zegels
    }; bewaar ze samen:
verify-relies-line = · { $run }.uitlezing, zegelgetal { $seal }
verify-lacking = Niet erbij: { $run }.uitlezing, zegelgetal { $seal }. Daarin liggen bijlagen van een zegel dat er wel bij is.
unsealed-lacking = { $count ->
        [one] 1 bijlage ligt
       *[other] { $count } bijlagen liggen
    } in { $file } (zegelgetal { $seal }), dat er niet bij is of niet te openen is.
unsealed-differs = { $count ->
        [one] 1 bijlage in { $file } (zegelgetal { $seal }) is
       *[other] { $count } bijlagen in { $file } (zegelgetal { $seal }) zijn
    } niet wat dit zegel ervan zegt, en { $count ->
        [one] is
       *[other] zijn
    } weggelaten.
unsealed-lacking-do = Open dit zegel nog eens in een lege map en noem de genoemde zegels erbij, of hun map met --earlier.
seals-none = Dit station kent geen zegels.
seals-line = { $closed } · telefoon { $serial } · { $file } · { $kind }, { $attachments ->
        [one] 1 bijlage
       *[other] { $attachments } bijlagen
    }, steunt op { $relies }, nodig voor { $needed } · zegelgetal { $digest }
seals-full = volledig overgehaald
seals-incremental = steunend op eerdere
seals-list-unreadable = De lijst van eerdere zegels van telefoon { $serial } is niet te lezen.
seals-destroy-losing = { $count ->
        [one] 1 zegel steunt
       *[other] { $count } zegels steunen
    } op dit zegel en { $count ->
        [one] verliest
       *[other] verliezen
    } bijlagen die sindsdien opnieuw zijn overgehaald, voor zover ze nog op de telefoon stonden: { $runs }.
seals-destroy-means = Vernietigen verwijdert dit bestand. Kopieën elders blijven, en de sleutels van de rollen liggen bij hun houders.
seals-destroy-ask = { $file } van { $closed } vernietigen?
seals-destroyed = { $file } is verwijderd; het logboek zegt het.
error-seals-unknown = Dit station kent { $file } niet en kan niet zeggen of andere zegels het nodig hebben.
    .do = Vraag het het station dat dit zegel maakte.
error-seals-needed = { $file } kan niet weg: { $count } zegels steunen erop ({ $runs }).
    .do = Maak eerst een volledige uitlezing van deze telefoon (`uitlezen readout … --full`).
error-seals-not-agreed = { $file } is niet vernietigd.
    .do = Bevestig de vraag, of geef --yes mee.
error-earlier-list = De lijst van eerdere zegels is niet bruikbaar: { $why }.
    .do = De volgende uitlezing haalt alles over en maakt de lijst opnieuw; bij een nieuwere versie: werk dit programma bij.
error-earlier-busy = Een ander proces houdt de lijst van eerdere zegels te lang bezet.
    .do = Wacht tot de andere opdracht klaar is en probeer het opnieuw.
error-seal-not-kept = Het zegel { $file } is na het sluiten niet ongeschonden: de schijf heeft het niet bewaard zoals het werd geschreven.
    .do = Gebruik dit bestand niet. Controleer de schijf en lees de telefoon opnieuw uit, naar een andere schijf.

# Een iPhone aan de kabel
stage-backup = Reservekopie van de iPhone
holder-trust = Houder: ontgrendel de iPhone, tik op Vertrouw bij "Vertrouw deze computer?" en typ de toegangscode.
holder-passcode = Houder: typ nu de toegangscode op de iPhone; die wacht ongeveer drie minuten.
holder-passcode-for-password = De reservekopieën van deze iPhone zijn nog niet versleuteld. Er wordt nu een wachtwoord op gezet, dat in de kluis staat. Houder: typ zo dadelijk de toegangscode op de iPhone.
run-resumed-backup = De afgebroken uitlezing gaat verder: de reservekopie van de iPhone is al binnen, de telefoon is niet meer nodig.
iphone-password-set = De reservekopieën van deze iPhone zijn versleuteld met het wachtwoord dat in de kluis staat. Het blijft op de telefoon tot het wordt weggehaald.
iphone-password-not-set = Het wachtwoord dat eerder was klaargezet, staat niet op deze iPhone; het is uit de kluis verwijderd.
iphone-password-unsettled = De iPhone is om een wachtwoord gevraagd en gaf geen antwoord. Het wachtwoord blijft in de kluis; de volgende uitlezing van deze telefoon stelt vast of het erop staat.
iphone-password-removed = Het wachtwoord is weer van de reservekopieën van deze iPhone gehaald; de volgende uitlezing haalt daarom weer alles op.
iphone-password-stays = LET OP: het wachtwoord is niet van de iPhone gehaald. Het staat nog in de kluis; lees opnieuw uit met de houder erbij om het weg te halen.
error-adb-for-iphone = --adb is voor Android; het plan noemt een iPhone.
    .do = Laat --adb weg. Een iPhone wordt gevonden via usbmuxd (of USBMUXD_SOCKET_ADDRESS).
error-iphone-no-usbmuxd = Op deze machine draait geen usbmuxd, het programma waardoor een iPhone bereikbaar is.
    .do = Installeer en start usbmuxd (Debian: apt install usbmuxd), sluit de iPhone opnieuw aan en begin opnieuw.
error-iphone-mux-address = USBMUXD_SOCKET_ADDRESS is geen adres.
    .do = Geef HOST:POORT van deze machine of UNIX:/pad, of laat de variabele weg.
error-iphone-mux-permission = Dit account mag usbmuxd niet gebruiken.
    .do = Vraag de beheerder om toegang tot /var/run/usbmuxd voor dit account.
error-iphone-none = iPhone { $serial } is niet aangesloten, of start nog op.
    .do = Sluit hem aan met een datakabel, ontgrendel hem en begin opnieuw. Het plan noemt de UDID als serial; uitlezen phones toont wat er is.
error-iphone-trust-refused = Op de iPhone is op Vertrouw niet getikt, maar op Vertrouw niet.
    .do = Trek de kabel eruit, steek hem er weer in, begin opnieuw en laat de houder op Vertrouw tikken.
error-iphone-trust-not-answered = Niemand tikte op tijd op Vertrouw.
    .do = Ontgrendel de iPhone, begin opnieuw en laat de houder op Vertrouw tikken en de toegangscode typen.
error-iphone-pairing-forbidden = De beheerder van deze iPhone staat niet toe dat hij met deze computer wordt gekoppeld.
    .do = Vraag de beheerder van de toestellen (MDM) om koppelen toe te staan (allowHostPairing), of om de identiteit van de organisatie (.p12), en voer die in met uitlezen keys supervision import.
error-iphone-supervision = Deze iPhone laat zich alleen koppelen met de identiteit van zijn organisatie, en die is hier niet of wordt niet aangenomen.
    .do = Vraag de beheerder van de toestellen (MDM) om de identiteit (.p12) en voer die in met uitlezen keys supervision import, of om koppelen toe te staan.
error-iphone-cancelled-on-phone = Op de iPhone is op Annuleer getikt.
    .do = Begin opnieuw en laat het scherm van de iPhone met rust tot hier staat dat de kabel eruit mag.
error-iphone-other-program = Een ander programma synchroniseert met deze iPhone.
    .do = Sluit Finder, iTunes of wat er verder met de telefoon praat, en begin opnieuw.
error-iphone-not-finished = De iPhone zegt dat de reservekopie niet af is.
    .do = Begin opnieuw; herstart de iPhone als het weer gebeurt.
error-iphone-garbage = De iPhone, of usbmuxd, houdt zich niet aan de afspraken van zijn diensten.
    .do = Herstart de iPhone en begin opnieuw; vraag de helpdesk als het weer gebeurt.
error-iphone-encryption-unknown = De iPhone zegt niet of zijn reservekopieën versleuteld worden.
    .do = Ontgrendel hem en begin opnieuw; vraag de helpdesk als het weer gebeurt. Zonder dat wordt niets gemaakt.
error-iphone-holder-absent = De reservekopieën van deze iPhone zijn niet versleuteld. Een wachtwoord wordt alleen gezet als de houder erbij is.
    .do = Lees uit met de houder erbij (--holder-present yes); die typt de toegangscode op de telefoon.
error-iphone-code-1 = De iPhone kon de reservekopie niet maken (1).
    .do = Herstart de iPhone en begin opnieuw.
error-iphone-code-3 = De iPhone kon geen momentopname maken (3); meestal is een eerdere reservekopie afgebroken.
    .do = Herstart de iPhone en begin opnieuw.
error-iphone-code-100 = De iPhone kon iets niet lezen of schrijven (100).
    .do = Neem een andere kabel of poort, sluit opnieuw aan en begin opnieuw.
error-iphone-code-102 = De iPhone kan met de map van de reservekopie niets beginnen (102).
    .do = Ontgrendel de iPhone en begin opnieuw.
error-iphone-code-103 = De iPhone kan de stand van de vorige reservekopie niet lezen (103).
    .do = Ontgrendel de iPhone en begin opnieuw.
error-iphone-code-104 = De iPhone kon meerdere bestanden niet versturen (104).
    .do = Houd het scherm ontgrendeld en begin opnieuw; herstart de iPhone als het weer gebeurt.
error-iphone-code-105 = De iPhone vindt dat er op dit station te weinig ruimte is (105). Hij rekent met alles wat erop staat, ook met wat niet wordt bewaard.
    .do = Maak ruimte vrij of kies met --out een grotere schijf, en begin opnieuw.
error-iphone-code-205 = De iPhone kan de gegevens van de vorige reservekopie niet lezen (205).
    .do = Begin opnieuw.
error-iphone-code-207 = Op deze iPhone staat een ander wachtwoord voor reservekopieën (207).
    .do = Vraag de houder om het wachtwoord van de lokale reservekopie.
error-iphone-code-208 = De iPhone is vergrendeld, of de toegangscode is niet op tijd getypt (208).
    .do = Ontgrendel de iPhone, begin opnieuw en laat de houder de toegangscode typen zodra hier staat dat het nodig is.
error-iphone-code-211 = De iPhone wil dat Zoek mijn uit staat (211).
    .do = Dat hoort niet bij een reservekopie: vraag de helpdesk.
error-iphone-code-212 = De iPhone is nog niet ingesteld (212).
    .do = Maak de configuratie op de iPhone af en begin opnieuw.
error-iphone-code-other = De iPhone stopte de reservekopie met een onbekende code ({ $code }).
    .do = Herstart de iPhone en begin opnieuw; geef de code door aan de helpdesk als het weer gebeurt.
phones-iphone = { $serial }: iPhone
phones-password-set = { $serial }: de reservekopieën hebben een wachtwoord dat dit station heeft gezet; het staat in de kluis.
phones-password-asked = { $serial }: OPENSTAANDE TAAK: de iPhone is om een wachtwoord gevraagd en gaf geen antwoord. De volgende uitlezing stelt vast of het erop staat.
demo-step-iphone = 10. De andere telefoon van de wethouder, een iPhone, door usbmuxd; de houder tikt op Vertrouw en typt de toegangscode:
demo-iphone-kept = Van de reservekopie zijn { $kept } bestanden bewaard ({ $size }); { $passed } andere ({ $passed_size }) gingen ongelezen voorbij.
help-keys-supervision = De identiteit van de organisatie tegenover iPhones die onder toezicht staan.
help-keys-supervision-import = Neemt de identiteit over uit een .p12-bestand van Apple Configurator of het apparaatbeheer; wachtwoord: geheim supervision.
help-keys-supervision-forget = Wist de identiteit uit de kluis.
kept-supervision = identiteit voor iPhones onder toezicht
supervision-ask = Wachtwoord van het .p12-bestand (wordt niet getoond)
supervision-imported = De identiteit voor iPhones onder toezicht staat in de kluis. Certificaat (SHA-256): { $fingerprint }. Het .p12-bestand hoort niet op dit station te blijven liggen.
supervision-forgotten = De identiteit voor iPhones onder toezicht is uit de kluis gewist.
supervision-none = Er stond geen identiteit voor iPhones onder toezicht in de kluis.
error-supervision-read = { $file } is niet te lezen: { $why }
    .do = Geef het .p12-bestand dat Apple Configurator of het apparaatbeheer heeft gemaakt.
error-supervision-file = { $file } is geen bruikbare identiteit, of het wachtwoord klopt niet.
    .do = Controleer het wachtwoord. Het bestand moet een RSA-sleutel van 2048 bits of meer en zijn certificaat bevatten.
error-iphone-password-is-ours = Dit wachtwoord heeft dit station op iPhone { $serial } gezet; zonder dat zijn de reservekopieën niet te openen.
    .do = Lees uit met backup_password = "remove-after" in het plan en de houder erbij: dan gaat het van de telefoon en uit de kluis.
error-settings-iphone = De instellingen van een iPhone staan in zijn reservekopie, en die maakt alleen een uitlezing.
    .do = Lees uit (uitlezen readout): dat controleert ze ook. Of geef een reservekopie die er al is met --from.
iphone-full-backup = De iPhone maakt toch een hele reservekopie: niet alles wat hij eerder stuurde, is hier nog. De houder typt daarvoor nog een keer de toegangscode.
kept-backup-states = stand van de laatste reservekopie van een iPhone

## Signal
signal-ask = Wachtwoordzin (30 cijfers) of herstelsleutel (64 tekens) van de Signal-reservekopie (wordt niet getoond)
signal-passphrase-ask = Wachtwoordzin van de Signal-reservekopie, 30 cijfers (wordt niet getoond)
signal-recovery-key-ask = Herstelsleutel van de Signal-reservekopie, 64 tekens (wordt niet getoond)
error-signal-form = Dit is geen wachtwoordzin van 30 cijfers en geen herstelsleutel van 64 tekens.
    .do = Laat de houder Signal openen: Instellingen → Back-ups. Neem over wat daar staat; spaties en regeleinden mogen erbij. Een code van 40 cijfers is het niet.
error-signal-passphrase-form = Dit is geen wachtwoordzin van Signal: die heeft 30 cijfers.
    .do = Laat de houder Signal openen: Instellingen → Back-ups, en neem de 30 cijfers over. Staan er 64 tekens, dan is het een herstelsleutel.
error-signal-passphrase-needed = De gevonden Signal-reservekopie is een bestand; daarvoor is de wachtwoordzin van 30 cijfers nodig.
    .do = Geef de wachtwoordzin met --secret signal-passphrase=@BESTAND, of begin opnieuw en typ haar.
error-signal-passphrase-wrong = De wachtwoordzin opent de reservekopie van Signal niet.
    .do = Controleer de 30 cijfers met de houder. Is de wachtwoordzin ooit vernieuwd, laat dan in Signal een nieuwe reservekopie maken en begin opnieuw.
error-signal-recovery-key-form = Dit is geen herstelsleutel van Signal: die heeft 64 letters en cijfers.
    .do = Laat de houder Signal openen: Instellingen → Back-ups, en neem de 64 tekens over zoals ze er staan. Staan er 30 cijfers, dan is het een wachtwoordzin.
error-signal-recovery-key-needed = De gevonden Signal-reservekopie is een map; daarvoor is de herstelsleutel van 64 tekens nodig.
    .do = Geef de herstelsleutel met --secret signal-recovery-key=@BESTAND, of begin opnieuw en typ hem.
error-signal-recovery-key-wrong = De herstelsleutel opent de reservekopie van Signal niet.
    .do = Controleer de 64 tekens met de houder. Is de sleutel ooit vernieuwd, laat dan in Signal een nieuwe reservekopie maken en begin opnieuw.
error-signal-from-server = Dit is een reservekopie van de servers van Signal; die gaat met geen sleutel van de houder open.
    .do = Laat de houder in Signal een reservekopie op het toestel maken (Instellingen → Back-ups) en begin opnieuw.

## Threema
threema-password-ask = Wachtwoord van de gegevensreservekopie van Threema (wordt niet getoond)
error-threema-password-needed = De gevonden reservekopie van Threema heeft een wachtwoord, en dat is niet gegeven.
    .do = Vraag de houder om het wachtwoord waarmee de gegevensreservekopie is gemaakt. Geef het met --secret threema-password=@BESTAND, of begin opnieuw en typ het.
error-threema-password-wrong = Het wachtwoord opent de reservekopie van Threema niet.
    .do = Controleer het wachtwoord met de houder; het is dat van deze gegevensreservekopie, niet dat van Threema Safe. Weet niemand het meer, laat dan in Threema een nieuwe gegevensreservekopie maken en begin opnieuw.
verdict-holder-timer-in-app = { $app }: de standaardtimer voor nieuwe gesprekken staat niet in de reservekopie. Houder: toon Instellingen → Privacy → Verlopende berichten.
verdict-timer-set-off = { $app }: de standaardtimer voor nieuwe gesprekken staat uit, volgens de instellingen van de app zelf.
verdict-timer-set-on = { $app }: de standaardtimer voor nieuwe gesprekken staat AAN, op { $duration }, volgens de instellingen van de app zelf.
verdict-timer-never-set = { $app }: de standaardtimer voor nieuwe gesprekken is nooit ingesteld, dus de standaard (uit) hoort te gelden. Houder: toon Instellingen → Privacy → Verlopende berichten.
verdict-trimmed = { $app }: elk gesprek wordt INGEKORT tot { $messages } berichten, volgens de instellingen van de app zelf.
verdict-keep-off = { $app }: berichten worden altijd bewaard, volgens de instellingen van de app zelf.
verdict-keep-never-set = { $app }: hoe lang berichten worden bewaard is nooit ingesteld, dus de standaard (altijd) hoort te gelden. Houder: toon Instellingen → Gegevens en opslag → Opslag beheren.
verdict-keep-holder = { $app }: deze reservekopie zegt niet hoe lang berichten worden bewaard. Houder: toon Instellingen → Gegevens en opslag → Opslag beheren.
verdict-trim-off = { $app }: gesprekken worden niet ingekort, volgens de instellingen van de app zelf.
verdict-trim-never-set = { $app }: inkorten van gesprekken is nooit ingesteld, dus de standaard (niet) hoort te gelden. Houder: toon Instellingen → Gegevens en opslag → Opslag beheren.
verdict-trim-holder = { $app }: deze reservekopie zegt niet of gesprekken worden ingekort. Houder: toon Instellingen → Gegevens en opslag → Opslag beheren.
help-phones-release = Haalt van een iPhone wat dit station erop liet staan (wachtwoord op de reservekopieën, vertrouwen) en vernietigt wat het van de telefoon bewaart.
help-arg-gone = De telefoon is er niet meer: alleen wat dit station ervan bewaart wordt vernietigd.
release-password-removed = Het wachtwoord dat dit station had ingesteld is van de reservekopieën gehaald en uit de kluis verwijderd.
release-no-password = Op de reservekopieën van deze iPhone staat geen wachtwoord.
release-holders-own = Op de reservekopieën staat een wachtwoord van de houder zelf; dat blijft staan.
release-forgotten = Van { $serial } wordt niets meer bewaard: wachtwoord, koppeling en reservekopie zijn vernietigd. Zegels blijven bestaan.
release-done = { $serial } is losgelaten: de telefoon vertrouwt dit station niet meer en er wordt niets meer van bewaard. Zegels blijven bestaan.
release-gone-means = Het wachtwoord van de reservekopieën wordt vernietigd. Staat het nog op de telefoon, dan kan niemand die reservekopieën meer openen.
release-gone-ask = Alles vernietigen wat dit station van { $serial } bewaart?
error-release-unknown = Van { $serial } bewaart dit station niets.
    .do = Kijk met `uitlezen phones --secret …` hoe de telefoon heet; een Android-telefoon hoeft niet te worden losgelaten.
error-release-not-agreed = Er is niets vernietigd.
    .do = Beantwoord de vraag met ja, of geef --yes.
backup-expired = Wat van de laatste reservekopie van { $serial } was bewaard is vernietigd: het is ouder dan dertien weken.

## Bestand van adb backup
adb-backup-ask = Wachtwoord van het bestand van adb backup; Enter als het er geen heeft (wordt niet getoond)
error-adb-backup-password-needed = Het bestand van adb backup is versleuteld; daarvoor is het wachtwoord nodig dat de houder op de telefoon typte toen het werd gemaakt.
    .do = Geef het met --secret adb-backup-password=@BESTAND, of begin opnieuw en typ het.
error-adb-backup-password-wrong = Het wachtwoord opent het bestand van adb backup niet.
    .do = Controleer het wachtwoord met de houder; hoofdletters en spaties tellen mee. Is het niet meer te achterhalen, sluit dan de telefoon aan en lees uit over de kabel, zonder --from.
error-adb-backup-damaged = Het bestand van adb backup is beschadigd, of het houdt te vroeg op.
    .do = Vraag het bestand opnieuw op en vergelijk de grootte. Blijft het, sluit dan de telefoon aan en lees uit over de kabel, zonder --from.
error-adb-backup-unknown = Het bestand van adb backup heeft een vorm die deze versie niet kent (bekend zijn versie 1 tot en met 5, onversleuteld of met AES-256).
    .do = Sluit de telefoon aan en lees uit over de kabel, zonder --from; of kijk of er een nieuwere versie van uitlezen is.
error-adb-backup-empty = In het bestand van adb backup staat geen enkele sms of mms: het is van een andere app, of deze telefoon geeft ze niet op die manier.
    .do = Sluit de telefoon aan en lees uit over de kabel, zonder --from.
error-no-adb-backup = Er zijn geen sms en mms gevonden; met --from is daarvoor een bestand van adb backup nodig.
    .do = Sluit de telefoon aan en lees uit over de kabel, zonder --from; of geef met --from een bestand dat `adb backup com.android.providers.telephony` schreef.
