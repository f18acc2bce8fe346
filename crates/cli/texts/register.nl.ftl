# Register en toegang, Nederlands.
# De aanwezigheid van de houder wordt vastgelegd; zij is geen grondslag. Schrijf daar niets anders over.

## Hulp
help-register = Het register: sleutelfunctionarissen, telefoons, contacten, scheidingsbesluiten, en de grondslag. Elke wijziging houdt wie, wanneer, waarom en de oude waarde.
help-register-init = Richt het register in, met vragen of met een bestand.
help-register-show = Toont wat er staat; zonder soort: de organisatie en aantallen.
help-register-set = Voegt toe of wijzigt. SOORT is organisation, official, phone, account, contact, group of decision.
help-register-end = Laat iets niet langer gelden. Het blijft in de geschiedenis.
help-register-separate = Legt een scheidingsbesluit vast: wat een heel gesprek is, van dag tot dag. De reden is --why.
help-register-import = Leest een tabel in: alles of niets, met elke foute regel erbij.
help-register-export = Schrijft het register naar een bestand (TOML: alles; CSV: één soort).
help-register-history = Toont elke wijziging, met de oude waarde, en of de geschiedenis ongeschonden is.
help-register-dpia = Maakt het feitenblad voor de DPIA uit wat nu is ingesteld.
help-arg-by = Wie de wijziging maakt.
help-arg-why = Waarom.
help-arg-with = Een bestand (TOML) in plaats van vragen.
help-arg-kind = Soort: organisation, official, phone, account, contact, group of decision.
help-arg-id = Kenmerk: van een telefoon het serienummer, van een besluit het nummer.
help-arg-fields = Velden, bijvoorbeeld name="A. Jansen"; zonder waarde: het veld vervalt.
help-arg-table = De tabel (.toml of .csv).
help-arg-of = De soort van een CSV-bestand, als de naam van het bestand dat niet zegt.
help-arg-preview = Zegt wat er zou veranderen en schrijft niets.
help-arg-contact = Kenmerk van het contact.
help-arg-group = Kenmerk van de groep.
help-arg-class = zakelijk, prive, partijpolitiek, gemengd of onbekend.
help-arg-phone = Serienummer van de ene telefoon waarover het gaat; anders elke.
help-arg-first-day = Eerste dag, bijvoorbeeld 2026-11-28; anders vanaf het begin.
help-arg-last-day = Laatste dag, zelf erbij; anders zonder einde.
help-arg-decider = Wie besliste.
help-arg-second = Wie meebesliste; nodig bij prive en partijpolitiek.
help-arg-decided-on = Dag van het besluit; anders vandaag.
help-arg-purpose = Doel van deze keer: periodiek, crisis, incidenteel, einde-ambtstermijn of woo; anders dat van het plan.
help-arg-reason = Waarom een telefoon wordt gelezen die niet in het register staat.
help-arg-approved-by = Wie dat goedkeurde.
help-arg-hotspot = De gebeurtenis van een crisis.
help-arg-holder-present = Of de houder erbij is: yes of no.

## Soorten
register-kind-organisation = organisatie
register-kind-official = functionaris
register-kind-phone = telefoon
register-kind-account = account
register-kind-contact = contact
register-kind-group = groep
register-kind-decision = besluit
register-kinds-organisation = Organisatie
register-kinds-official = Functionarissen
register-kinds-phone = Telefoons
register-kinds-account = Accounts
register-kinds-contact = Contacten
register-kinds-group = Groepen
register-kinds-decision = Scheidingsbesluiten

## Wijzigen
register-preview = Voorproef: er wordt niets geschreven.
register-added = { $kind }: { $count } erbij
register-changed = { $kind }: { $count } gewijzigd
register-ended = { $kind }: { $count } geldt niet langer
register-unchanged = Ongewijzigd: { $count }
register-clock-back = Let op: de klok van dit station staat vóór de vorige wijziging ({ $moment }). De wijziging is vastgelegd met die aantekening. Zet de klok goed.
register-state = Stand van het register: wijziging { $change }, waarde { $digest }
register-exported = { $count } regels geschreven naar { $file }. Het bestand bevat namen: bewaar het als het register zelf.
register-has-ended = (geldt niet langer)
register-nothing = (niets)
register-change = Wijziging { $number }, { $date }, { $who }: { $why } { $back }
register-clock-was-back = (de klok stond vóór de vorige wijziging)
register-change-entries = { $head } [{ $count }]
register-history-holds = De geschiedenis is zoals zij geschreven werd.
register-history-broken = De geschiedenis is niet zoals zij geschreven werd. Bewaar het bestand en laat de CISO ernaar kijken.
register-line = regel { $line }
register-more-faults = … en nog { $count }

## Wat er mis is met een veld
register-fault-empty = ontbreekt
register-fault-too-long = is te lang
register-fault-control = bevat een regeleinde of ander stuurteken
register-fault-spaces = begint of eindigt met spaties
register-fault-bar = bevat een |; dat teken scheidt de delen van een lijst
register-fault-id = mag alleen letters, cijfers, punt, streepje, dubbele punt en _ bevatten
register-fault-no-plus = is een nummer zonder + en landcode; schrijf +31612345678
register-fault-spreadsheet = is door een rekenblad afgerond; maak de kolom tekst en vul het nummer opnieuw in
register-fault-not-a-number = is geen nummer; schrijf +31612345678
register-fault-identifier = is geen nummer en geen kenmerk van een app
register-fault-number-of-group = is een nummer; een groep heeft een kenmerk van de app (…@g.us)
register-fault-backwards = ligt vóór de eerste dag
register-fault-weeks = is een aantal weken van 1 tot 520
register-fault-retention = bij V hoort een bewaartermijn
register-fault-selection-list = bij V horen selectielijst en categorie
register-fault-councillor = is van een raadslid; raadsleden en fracties vallen erbuiten. Zit iemand niet meer in de raad, sluit dan eerst die periode af
register-fault-one-subject = een besluit gaat over één contact of één groep
register-fault-second-person = bij deze klasse beslist een tweede persoon mee
register-fault-same-person = moet iemand anders zijn dan wie besliste
register-fault-twice = staat er twee keer
register-fault-unknown = { $kind } { $id } staat niet in het register
register-fault-taken = is al van { $kind } { $id }
register-fault-in-use = wordt nog genoemd door { $kind } { $id }; wijzig die eerst
register-fault-absent = staat niet in het register of geldt niet meer
register-fault-not-a-date = is geen datum; schrijf 2026-11-28
register-fault-not-a-whole-number = is geen heel getal
register-fault-not-one-of = moet een van deze zijn: { $list }
register-fault-unknown-field = veld { $name } bestaat niet
register-fault-form = heeft een verkeerde vorm ({ $why })

## Toegang
gate-no-end = zonder einde
gate-stop-contact = de BVA of CISO
gate-no-register = Er is nog geen register.
    .do = Maak het: uitlezen register init. Zonder register draait alleen de demonstratie.
gate-no-organisation = De organisatie is nog niet ingericht.
    .do = uitlezen register init
gate-no-doel = Het doel van het uitlezen ontbreekt.
    .do = uitlezen register set organisation organisatie doel="…"
gate-no-grondslag = De grondslag ontbreekt.
    .do = uitlezen register set organisation organisatie grondslag="…"
gate-no-dpia = Het kenmerk van de DPIA ontbreekt.
    .do = uitlezen register set organisation organisatie dpia="…"
gate-no-fg-advice = De datum van het advies van de FG ontbreekt.
    .do = uitlezen register set organisation organisatie fg_advice=2026-11-28
gate-fg-advice-to-come = Het advies van de FG is gedateerd na vandaag ({ $date }).
    .do = Wacht op het advies of verbeter de datum.
gate-not-registered = Deze telefoon staat niet in het register.
    .do = Registreer hem (uitlezen register set phone …), of lees hem bij uitzondering: --purpose incidenteel of crisis, met --reason en --approved-by.
gate-no-term = De ambtstermijn van de houder ({ $from } tot en met { $to }) omvat vandaag niet.
    .do = Leg een nieuwe termijn vast, of lees bij uitzondering: --purpose incidenteel of crisis, met --reason en --approved-by.
gate-not-for-purpose = Buiten het register om wordt alleen gelezen met doel incidenteel of crisis.
    .do = Geef --purpose incidenteel of --purpose crisis.
gate-no-reason = De reden ontbreekt.
    .do = Geef --reason.
gate-no-approval = Wie dit goedkeurde ontbreekt.
    .do = Geef --approved-by.
gate-no-hotspot = Bij een crisis hoort de gebeurtenis.
    .do = Geef --hotspot met de naam van de gebeurtenis.
gate-councillor = Dit is de telefoon van een raadslid. Raadsleden en fracties vallen erbuiten; hun telefoons worden niet uitgelezen.
    .do = Geef de telefoon terug. Klopt het niet, verbeter dan het contact in het register.
gate-clock-behind = De klok van dit station staat vóór de laatste wijziging van het register ({ $moment }); of een termijn vandaag loopt is niet te zeggen.
    .do = Zet de klok goed.
gate-other-person = Het plan noemt { $plan }, het register { $register }.
    .do = Verbeter het plan of het register.
gate-other-function = Het plan noemt de functie { $plan }, het register { $register }.
    .do = Verbeter het plan of het register.
gate-other-number = Het plan noemt nummer { $plan }, het register { $register }.
    .do = Verbeter het plan of het register.
gate-number-of-other = Het nummer in het plan is van telefoon { $serial }.
    .do = Verbeter het plan of het register.
gate-other-platform = Het plan en het register noemen een ander soort telefoon.
    .do = Verbeter het plan of het register.
gate-other-code = Het plan noemt organisatie { $plan }, het register { $register }.
    .do = Verbeter het plan of het register.
guided-holder = Is de houder van de telefoon erbij?

## Fouten
error-gate = Er wordt niets gelezen:
    { $list }
    .do = Los elk punt hierboven op en begin opnieuw.
error-gate-state-secret = Hier is staatsgeheime informatie aan de orde. Dit programma verwerkt die niet.
    .do = Stop. Doe verder niets met de telefoon en met wat eerder is uitgelezen; houd zegels dicht; meld het bij { $contact }.
error-plan-sources = Het plan vraagt de ruwe databases (keep_sources), terwijl van deze telefoon gesprekken buiten blijven. In de ruwe databases staan die wel.
    .do = Zet keep_sources uit, of geef in [apps] het kenmerk van het besluit: sources_decision = "…".
error-register-absent = Er is nog geen register.
    .do = Maak het: uitlezen register init.
error-register-newer = Het register is van een nieuwere versie ({ $version }). Er is niets aan veranderd.
    .do = Werk uitlezen bij op dit station.
error-register-key = Het register hoort bij een andere kluis.
    .do = Zet het register en de kluis van hetzelfde station bij elkaar. Er is niets aan veranderd.
error-register-damaged = Het register is beschadigd ({ $why }).
    .do = Zet de laatste reservekopie terug en meld dit; gooi het beschadigde bestand niet weg.
error-register-large = Het register of de wijziging is groter dan deze versie aankan.
    .do = Deel de tabel op.
error-register-refused = { $count } fout(en); er is niets gewijzigd:
    { $list }
    .do = Verbeter deze en probeer het opnieuw.
error-register-field = `{ $text }` is geen VELD=WAARDE.
    .do = Schrijf bijvoorbeeld name="A. Jansen".
error-register-kind = Wat voor soort tabel { $file } is, is niet te zeggen.
    .do = Geef --of, bijvoorbeeld --of contacts.
error-register-ending = { $file } is geen .toml en geen .csv.
    .do = Bewaar de tabel als .csv (UTF-8) of .toml.
error-register-file = { $file } is niet te gebruiken: { $why }
    .do = Kijk of het pad klopt; bij exporteren mag het bestand nog niet bestaan.
error-register-answers = Er is geen toetsenbord om vragen te stellen.
    .do = Geef --with BESTAND.toml, met --by en --why.
error-table-utf16 = { $file } is UTF-16.
    .do = Bewaar de tabel opnieuw als "CSV UTF-8 (door lijstscheidingsteken gescheiden)".
error-table-not-utf8 = { $file }, regel { $line }: geen UTF-8.
    .do = Bewaar de tabel opnieuw als "CSV UTF-8 (door lijstscheidingsteken gescheiden)".
error-table-large = { $file } is te groot.
    .do = Deel de tabel op.
error-table-no-header = { $file } heeft geen regel met kolomnamen.
    .do = Zet de kolomnamen op de eerste regel; uitlezen register export laat zien welke.
error-table-column = { $file }: kolom `{ $name }` bestaat niet in deze tabel.
    .do = Verbeter de kolomnaam; uitlezen register export laat zien welke er zijn.
error-table-column-twice = { $file }: kolom `{ $name }` staat er twee keer.
    .do = Haal er een weg.
error-table-column-missing = { $file }: kolom `{ $name }` ontbreekt.
    .do = Voeg de kolom toe.
error-table-open-quote = { $file }, regel { $line }: een aanhalingsteken wordt niet gesloten.
    .do = Sluit het, of bewaar de tabel opnieuw uit het rekenblad.
error-table-stray-quote = { $file }, regel { $line }: een aanhalingsteken staat midden in een cel.
    .do = Zet de hele cel tussen aanhalingstekens en verdubbel het teken, of bewaar de tabel opnieuw uit het rekenblad.
error-table-cells = { $file }, regel { $line }: { $found } cellen, er zijn { $expected } kolommen.
    .do = Kijk naar het scheidingsteken en naar lege cellen aan het eind.
error-table-toml = { $file }, regel { $line }: { $what }
    .do = Verbeter die regel.
error-table-format = { $file } is van vorm { $format }; deze versie leest vorm 1.
    .do = Zet bovenaan format = 1, of werk uitlezen bij.

## Diagnose
doctor-register = Register
doctor-register-no = nog niet gemaakt: uitlezen register init. Tot dan draait alleen de demonstratie.
doctor-register-unseen = aanwezig; met --secret vault=… wordt ook nagegaan of de grondslag compleet is.
doctor-register-ok = de grondslag is compleet; geregistreerde telefoons: { $phones }
doctor-register-secret = De rubricering is staatsgeheim: dit station leest niets.

## Vragen bij het inrichten
ask-welcome = Het register zegt wie wordt uitgelezen, op welke grondslag, en wat buiten blijft. Er wordt niets geschreven voor de laatste vraag is beantwoord. Enter slaat over wat leeg mag blijven.
ask-by = Wie bent u (naam of functie)?
ask-why = eerste inrichting
ask-again = Daarom nog eens:
ask-official = Een sleutelfunctionaris toevoegen?
ask-phone = Een telefoon van deze functionaris toevoegen?
ask-write = { $count } regels in het register schrijven?
ask-organisation-name = Naam van de organisatie:
ask-organisation-code = Code van de organisatie, bijvoorbeeld gm0000:
ask-organisation-doel = Doel van het uitlezen:
ask-organisation-grondslag = Wettelijke grondslag:
ask-organisation-dpia = Kenmerk van de DPIA:
ask-organisation-fg-advice = Datum van het advies van de FG, bijvoorbeeld 2026-11-28:
ask-organisation-policy = Wat gebeurt er met gesprekken waarover niets is besloten? tenzij-uitgesloten: ze worden gelezen. alleen-zakelijk: ze blijven buiten.
ask-organisation-stop-contact = Wie te bellen bij een staatsgeheim (BVA of CISO):
ask-official-name = Naam van de functionaris:
ask-official-function = Functie:
ask-official-from = Eerste dag van de ambtstermijn, bijvoorbeeld 2026-11-28:
ask-official-to = Laatste dag (leeg: nog niet bekend):
ask-official-set-by = Wie heeft de functionaris aangewezen, bijvoorbeeld het directieteam:
ask-official-decision = Kenmerk van dat besluit:
ask-official-decided = Dag van dat besluit:
ask-official-appraisal = Waardering. B: blijvend te bewaren. V: te vernietigen na een termijn. N: nader te bepalen.
ask-official-retention = Bewaartermijn:
ask-official-selection-list = Selectielijst (mag leeg bij B en N):
ask-official-category-code = Code van de categorie:
ask-official-category-title = Naam van de categorie:
ask-official-hotspots = Hotspots, gescheiden door | (mag leeg):
ask-phone-serial = Serienummer, zoals `uitlezen phones` het toont:
ask-phone-number = Zakelijk nummer, bijvoorbeeld +31612345678 (mag leeg):
ask-phone-platform = Soort telefoon:
ask-phone-mdm = Hoe de telefoon wordt beheerd (MDM, mag leeg):

## Feitenblad voor de DPIA
dpia-title = Feitenblad voor de gegevensbeschermingseffectbeoordeling: uitlezen van zakelijke telefoons
dpia-missing = **ontbreekt**
dpia-made = Gemaakt op { $date } uit de instellingen van dit station (register: wijziging { $change }, waarde { $digest }; uitlezen { $version })
dpia-basis = Doel en grondslag
dpia-basis-controller = Verwerkingsverantwoordelijke: { $value }
dpia-basis-doel = Doel: { $value }
dpia-basis-grondslag = Grondslag: { $value }
dpia-basis-dpia = Kenmerk van de DPIA: { $value }
dpia-basis-fg = Advies van de functionaris gegevensbescherming: { $value }
dpia-basis-stop = Bij een staatsgeheim: stoppen en melden bij { $value }
dpia-basis-purposes = Elke keer wordt één doel uit een gesloten lijst vastgelegd: periodiek, crisis, incidenteel, einde ambtstermijn, Woo. Andere doelen zijn er niet; er zijn geen scores per persoon.
dpia-collected = Wat wordt verzameld
dpia-collected-conversations = Hele gesprekken uit berichtenapps op zakelijke telefoons van aangewezen sleutelfunctionarissen: berichten, deelnemers, tijden, reacties en de omgeving daarvan.
dpia-collected-no-plan = Welke onderdelen staat in het plan van elke telefoon; geef --plan om ze hier te zien.
dpia-scope = { $what }: { $yes }
dpia-scope-whatsapp = WhatsApp
dpia-scope-whatsapp-business = WhatsApp Business
dpia-scope-imessage = iMessage, sms en RCS
dpia-scope-signal = Signal, uit de reservekopie van de houder
dpia-scope-sms = Sms en mms (Android)
dpia-scope-threema = Threema
dpia-scope-threema-work = Threema Work
dpia-scope-threema-onprem = Threema OnPrem
dpia-scope-media = Bijlagen van gesprekken
dpia-scope-participant-names = Namen van deelnemers uit het adresboek
dpia-scope-call-log = Belgeschiedenis
dpia-scope-status-updates = Statusberichten
dpia-scope-channels = Kanalen
dpia-scope-drafts = Concepten
dpia-scope-profile-photos = Profielfoto's
dpia-scope-address-book = Het hele adresboek
dpia-scope-sources = De ruwe databases (rol bronnen)
dpia-excluded = Wat buiten blijft
dpia-policy-tenzij-uitgesloten = Beleid tenzij-uitgesloten: alles wordt gelezen, behalve gesprekken waarvan vooraf is besloten dat zij privé of partijpolitiek zijn.
dpia-policy-alleen-zakelijk = Beleid alleen-zakelijk: alleen gesprekken waarvan vooraf is besloten dat zij zakelijk of gemengd zijn. Van onbesliste gesprekken alleen titel en deelnemers, in rol scheiding.
dpia-decisions = Scheidingsbesluiten { $class }: { $count }
dpia-decisions-none = Er zijn geen scheidingsbesluiten.
dpia-councillors = Raadsleden en fracties vallen erbuiten; geregistreerde raadsleden: { $count }
dpia-excluded-whole = Besloten wordt over hele gesprekken, met dag, reden en (bij uitsluiting) een tweede persoon; nooit over losse berichten. Wat buiten blijft wordt geteld en niet gekopieerd.
dpia-retained = Hoe lang het wordt bewaard
dpia-appraisal-b = blijvend te bewaren (B)
dpia-appraisal-v = te vernietigen (V)
dpia-appraisal-n = nader te bepalen (N)
dpia-retained-line = Functionarissen { $appraisal }: { $count }; { $ground }
dpia-retained-weeks = Ten minste elke { $weeks } weken een volledige uitlezing; daartussen alleen wat nieuw is.
dpia-retained-sealed = Een zegel is een verzegeling en nog geen beheer: bewaartermijnen gelden vanaf het onder beheer brengen. Dit programma vernietigt geen zegel.
dpia-opened = Wie het kan openen
dpia-opened-no-plan = De ontvangers per rol staan in het plan van elke telefoon; geef --plan om ze hier te zien.
dpia-opened-each = Rol { $role }: { $count } ontvanger(s) en { $recovery } voor herstel, ieder alleen
dpia-opened-two = Rol { $role }: alleen twee personen samen ({ $a } sleutels voor de ene helft, { $b } voor de andere)
dpia-opened-station = Het station dat uitleest en wie het bedient kunnen een gesloten zegel niet openen; op het scherm staan aantallen, geen inhoud.
dpia-where = Waar het staat en hoe het is beveiligd
dpia-where-state = Register, kluis en logboek: { $dir }
dpia-where-seals = Zegels van een begeleide uitlezing: { $dir }
dpia-where-partial = Een afgebroken uitlezing blijft ten hoogste zeven dagen versleuteld staan en wordt dan vernietigd; hoeveel er is vernietigd staat in het logboek.
dpia-where-encrypted = Alles is versleuteld van de eerste byte af (AES-256-GCM); zegels zijn ondertekend. Sleutels van rollen heeft het station niet.
dpia-where-offline = Het programma maakt geen verbinding met internet of een cloud.
dpia-blind = Wat een uitlezing niet kan bevatten
dpia-rights = Rechten van betrokkenen (AVG)
dpia-rights-access = Inzage, rectificatie en beperking: bij de verwerkingsverantwoordelijke; een gesprek wordt gevonden na het openen door een bevoegde rol.
dpia-rights-erasure = Wissing geldt niet waar bewaren een wettelijke taak is of archivering in het algemeen belang (artikel 17 lid 3 onder b en d).
dpia-rights-notice = Gesprekspartners worden geïnformeerd dat zakelijke berichten worden bewaard en opgevraagd kunnen worden (artikelen 13 en 14).
dpia-rights-holder = De houder ontgrendelt zelf, mag meekijken en krijgt een ontvangstbewijs. Of de houder erbij was wordt vastgelegd; dat is geen grondslag.
dpia-rights-council = Voor ambtenaren kan de ondernemingsraad een rol hebben bij een systeem dat personeel volgt; ga dat na.
dpia-never = Wat dit programma nooit doet
dpia-never-bypass = Een vergrendeling omzeilen of een telefoon ontsluiten buiten de houder om.
dpia-never-delete = Iets op de telefoon wissen of wijzigen.
dpia-never-pick = Losse berichten laten uitkiezen.
dpia-never-read = Inhoud tonen tijdens het uitlezen.
dpia-never-purpose = Telefoons lezen voor een doel dat niet in de lijst staat.
dpia-never-secret = Staatsgeheimen verwerken.

register-party-without-end = LET OP: een partijpolitiek gesprek kan zakelijk worden; het standpunt dat een bewindspersoon uiteindelijk inneemt, is zakelijk. Leg vanaf die dag een nieuw besluit vast (register separate … --class zakelijk --first-day DAG).
