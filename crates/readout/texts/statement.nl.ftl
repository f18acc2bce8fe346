# De volledigheidsverklaring en het ontvangstbewijs, Nederlands.
# Zeg verzegeld, nooit gearchiveerd of forensisch; nooit dat alles binnen is.

statement-title = Volledigheidsverklaring
statement-of = Uitlezing { $run }
statement-sealed = Verzegeld, niet openbaar, niet ingezien: niemand las mee. Deze verklaring noemt geen gesprekspartners; gesprekken hebben een nummer.
statement-outside = Deze bladzijde ligt ook in het zegel, onder rol verantwoording, zonder het controlegetal van het zegel zelf.
mark-demo = DEMO: dit is geen echte uitlezing.
mark-lab = LAB: dit komt uit een proefopstelling.
mark-unregistered = De telefoon staat niet in het register. Reden: { $reason } Akkoord van: { $who }.

## Wie, welke telefoon, wanneer
section-who = Wie, welke telefoon, wanneer
who-person = Van
who-organisation = Organisatie
who-operator = Uitgelezen door
who-purpose = Aanleiding
purpose-periodiek = periodiek
purpose-crisis = crisis
purpose-incidenteel = incidenteel
purpose-einde-ambtstermijn = einde ambtstermijn
purpose-woo = verzoek op grond van de Woo
who-holder = Houder aanwezig
holder-present = ja
holder-absent = nee
holder-not-recorded = niet vastgelegd
who-phone = Telefoon
who-serial = Serienummer
who-android = Android
who-ios = iOS
android-patched = { $android }, beveiligingsstand { $patch }
who-route = Weg
route-usb = USB
route-adb-server = USB, door een adb-server heen
route-tcp = netwerkadres (virtuele telefoon)
route-files = map of zip met bestanden, niet de telefoon zelf
who-clock = Klok van de telefoon
clock-ahead = { $seconds } seconden voor op die van het station (± { $unsure } ms)
clock-behind = { $seconds } seconden achter op die van het station (± { $unsure } ms)
clock-equal = gelijk aan die van het station, binnen een seconde (± { $unsure } ms)
who-profiles = Andere profielen
profiles-none = geen
profiles-some = { $count }, niet gelezen
who-started = Begonnen
who-resumed = Onderbroken en hervat op
who-acquired = Telefoon mocht eruit
who-made = Verklaring gemaakt
said-refused = de telefoon zei het niet
said-unreadable = niet te begrijpen
said-not-asked = langs deze weg niet te vragen
not-known = niet bekend
none = geen

## Gevraagd en gekregen
section-got = Gevraagd en gekregen
got-caption = Per gevraagde app
got-app = App
got-answer = Antwoord
got-conversations = Gesprekken
got-messages = Berichten
got-attachments = Bijlagen
got-attachments-of = { $here } van { $wanted }
answer-read = gelezen
answer-empty = gelezen, geen enkel bericht
answer-not-installed = niet geïnstalleerd
answer-no-data = geïnstalleerd, geen reservekopie
answer-refused = geweigerd
answer-not-read = niet gelezen: { $why }
answer-not-known = niets gevonden; of de app er is, is niet te zeggen
scope-asked = Ook gevraagd: { $what }.
scope-not-asked = Niet gevraagd: { $what }.
scope-media = bijlagen
scope-participant-names = namen van deelnemers uit het adresboek
scope-call-log = oproepenlijst
scope-status-updates = statusupdates
scope-channels = kanalen
scope-drafts = concepten
scope-profile-photos = profielfoto's
scope-address-book = het hele adresboek
scope-sources = de ruwe databases
section-negative = Negatief bericht
negative-empty = { $app }: de gegevens zijn gelezen en bevatten geen enkel bericht.
negative-not-installed = { $app }: staat volgens de telefoon niet op de telefoon (hoofdgebruiker), en er is niets van gevonden.
negative-no-data = { $app }: staat op de telefoon, maar er is geen reservekopie of database van die deze weg bereikt. Dat zegt niet dat er geen berichten zijn.
negative-refused = { $app }: de telefoon weigerde. Dat zegt niets over wat er is.
negative-not-read = { $app }: er is iets gevonden dat niet kon worden gelezen ({ $why }). Dat zegt niets over de berichten erin.
negative-not-known = { $app }: er is niets gevonden. Of de app op de telefoon staat, kon langs deze weg niet worden gevraagd.

## Per app
app-version = Versie op de telefoon
app-backup = Gelezen
backup-line = { $kind ->
        [provider-answers] antwoorden van de telefoon zelf
        [iphone-backup] reservekopie van de iPhone
        [signal-file] reservekopie (bestand)
        [signal-folder] reservekopie (map)
        [adb-backup] bestand van adb backup
        [adb-backup-encrypted] versleuteld bestand van adb backup
        [threema-backup] gegevensreservekopie (zip)
       *[other] { $kind }
    }, { $bytes } bytes{ $version ->
        [none] {""}
       *[other] , gemaakt door versie { $version }
    }
app-backup-digest = SHA-256 daarvan
app-backup-made = Gemaakt (klok van de telefoon)
app-backup-age = Leeftijd bij het begin
app-newest = Nieuwste bericht
app-oldest = Oudste bericht
app-last-use = In gebruik op de telefoon
last-use-line = minstens tot { $time } (nieuwste bestand van de app){ $after ->
        [0] {""}
        [one] . LET OP: 1 bestand is van na het nieuwste bericht; wat daarna geschreven is, zit niet in deze uitlezing
       *[other] . LET OP: { $after } bestanden zijn van na het nieuwste bericht; wat daarna geschreven is, zit niet in deze uitlezing
    }
last-use-not-known = niet bekend; vergelijk het nieuwste bericht met de reservekopie
app-increments = Aanvullingen (incrementele back-ups)
app-rcs = RCS volledig
rcs-unknown = onbekend: de telefoon zegt niet welke RCS-berichten de berichtenapp voor zich houdt; vergelijk één gesprek met het scherm
rcs-no = nee: niet alles waarin RCS kan staan, is tot het eind gelezen
increments-line = { $found } gevonden, { $read } gelezen, { $new } nieuwe berichten
app-parts = Niet geïnterpreteerde delen daarvan
app-logs = Schrijflogboek van de database (WAL)
logs-line = { $found } gevonden, { $read } meegelezen
app-names = Namen uit de app
names-read = gelezen
names-not-read = niet gelezen
app-attachments = Bijlagen
attachments-line = { $wanted } genoemd: { $present } gehaald, { $held } in een eerder zegel, { $differs } anders dan de app noteerde, { $missing } niet op de telefoon, { $refused } geweigerd, { $broken } niet gelezen
attachments-not-asked = { $wanted } genoemd, niet gevraagd
app-never-there = Nooit op de telefoon geweest
app-confirmed = Controlegetal door de telefoon bevestigd
app-view-once = Eenmalige weergave
view-once-line = { $count } (inhoud is er nooit)
app-recently-deleted = In "Recent verwijderd": geteld, niet gelezen
app-revoked = Voor iedereen verwijderd
app-edited = Bewerkt
app-unknown-kinds = Onbekende soort (ruw bewaard)
app-undecoded = Door de app zelf niet te lezen
app-tables = Niet geïnterpreteerde tabellen
table-line = { $table }: { $rows }
app-undated = Zonder bruikbare tijd
months-caption = Berichten per maand (Nederlandse tijd)
months-year = Jaar
months-names = jan feb mrt apr mei jun jul aug sep okt nov dec
months-sum = samen

## Niet gekregen
section-gaps = Geweigerd, afwezig, niet geïnterpreteerd
gaps-none = Er zijn geen gaten tussen wat gevraagd is en wat gekregen is.
gaps-caption = Wat gevraagd is en er niet (helemaal) is
gaps-what = Wat
gaps-why = Waarom
gaps-count = Aantal
gaps-detail = Bijzonderheid
section-findings = Bevindingen en wat te doen
findings-none = Geen bevindingen.

## Automatisch verwijderen
section-timers = Automatisch verwijderen
timers-line = { $app }: uit in { $off }, AAN in { $on }, geen uitspraak mogelijk in { $none } gesprekken. Eerder aan geweest, nu uit: { $before }.
timers-by-contact = { $app }: van wat uit staat rust { $count } alleen op de notitie bij het contact (een zwakker bewijs).
timer-on-line = Gesprek { $number }: AAN, na { $duration }{ $since ->
        [none] {""}
       *[other] , sinds { $since }
    }
timer-on-more = … en nog { $count } gesprekken; ze staan in het verslag.
keeping-must-show = { $app }: hoe lang berichten worden bewaard: niet getoond.
audio-must-show = { $app }: of spraakberichten na twee minuten verdwijnen: niet getoond.
codes-must-show = { $app }: of eenmalige codes vanzelf worden gewist: niet getoond.
bin-must-show = { $app }: wat er in de prullenbak van de berichtenapp ligt: niet getoond.
administrator-must-show = { $app }: of de beheerder berichten na een tijd laat wissen: niet getoond.
default-must-show = { $app }: standaardtimer voor nieuwe gesprekken: niet getoond.
default-shown-off = { $app }: standaardtimer voor nieuwe gesprekken: UIT, zo toonde de houder aan { $by }.
default-shown-on = { $app }: standaardtimer voor nieuwe gesprekken: AAN, zo toonde de houder aan { $by }.
default-indirect = { $app }: standaardtimer voor nieuwe gesprekken: een aanvulling noemt { $duration }; de houder heeft het scherm niet getoond.
default-set-off = { $app }: berichten bewaren: altijd, volgens de instellingen van de app zelf.
default-set-on = { $app }: de app wist berichten na { $duration }, volgens haar eigen instellingen.
default-never-set = { $app }: berichten bewaren: nooit ingesteld, dus de standaard (altijd) hoort te gelden; de houder heeft het scherm niet getoond.
default-administered-off = { $app }: berichten bewaren: altijd, want de beheerder legt dat op; zo staat het in het plan, niet op de telefoon.
default-administered-on = { $app }: de app wist berichten na { $duration }, want de beheerder legt dat op; zo staat het in het plan.
default-indirect-off = { $app }: standaardtimer voor nieuwe gesprekken: een aanvulling noemt uit; de houder heeft het scherm niet getoond.

## Andere apps
section-others = Andere chatapps op deze telefoon
others-none = Geen van de { $count } chatapps waarnaar is gezocht, staat op de telefoon, buiten wat gevraagd is.
others-not-known = Welke andere chatapps op de telefoon staan, is niet bekend ({ $why }).
others-caption = Geïnstalleerd en niet uitgelezen (lijst van { $date })
others-version = Versie
others-reach = Veilig te stellen
others-note = Toelichting
reach-readable = uitleesbaar, niet gevraagd
reach-from-holder = uitleesbaar met wat alleen de houder kan geven, niet gevraagd
reach-via-export = via export
reach-administered = wordt elders beheerd
reach-none = niet veilig te stellen
others-in-profile = { $app } (profiel { $profile })
others-closed-profile = Profiel { $profile } van de telefoon zegt niet welke apps erin staan: wat daar is, is niet bekend en niet uitgelezen.

## Eerdere zegels
section-earlier = Waarop deze uitlezing steunt
earlier-none = Alles wat gehaald is, ligt in dit zegel.
earlier-caption = Bijlagen die in een eerder, gecontroleerd zegel van deze telefoon liggen
earlier-seal = Zegel
earlier-digest = Controlegetal
earlier-verified = Gecontroleerd
earlier-unusable = Onbruikbaar gebleken: { $file } ({ $why }).
previous-phone = Vorig zegel van deze telefoon
previous-station = Vorig zegel van dit station

## Blinde vlekken
section-blind = Wat langs deze weg nooit te vinden is
blind-intro = Stand van de tabel: { $date }. Elke regel is voor het laatst nagekeken op de genoemde datum.
blind-caption = Bekende blinde vlekken
blind-what = Kan er niet zijn
blind-checked = Nagekeken
blind-source = Bron

## Grondslag
section-basis = Op welke grond
basis-none = Geen registergegevens: { $how }.
how-register = geregistreerde telefoon
how-unregistered = niet-geregistreerde telefoon
how-demo = demonstratie
how-settings = instellingencontrole
basis-how = Toegelaten als
basis-doel = Doel
basis-grondslag = Grondslag
basis-dpia = DPIA
basis-fg = Advies FG van
basis-term = Ambtstermijn
term-line = { $from } tot en met { $to }
term-open = vanaf { $from }
basis-register = Stand van het register
register-line = wijziging { $change }, { $digest }
basis-policy = Scheiding
policy-tenzij-uitgesloten = alles, tenzij vooraf uitgesloten
policy-alleen-zakelijk = alleen wat vooraf als zakelijk is aangemerkt

## Controleren
section-check = Controleren
check-versions = Versies
versions-line = { $tool }; lezers van dezelfde versie
check-confined = Afscherming van de leesprocessen
confined-fully = volledig
confined-partly = gedeeltelijk (oudere kernel)
confined-not-by-kernel = alleen geheugengrenzen (kernel zonder Landlock)
check-seal = Zegel
check-digest = Controlegetal van het zegel
check-size = Grootte
check-how = Een onafhankelijke functionaris controleert het zegel zonder sleutel, met het certificaat van het station (station.pem) dat langs een andere weg is verkregen:
check-compare = De eerste opdracht toont met --json ook het controlegetal (digest); dat moet gelijk zijn aan het controlegetal hierboven. Zonder dit programma:
check-compare-outside = De laatste opdracht toont hetzelfde controlegetal: SHA-256 van de ondertekende lijst.
check-inside = Het controlegetal van het zegel zelf kan niet in het zegel staan. Het staat op de bladzijde naast het zegel, op het ontvangstbewijs en in het logboek van het station.

## Ontvangstbewijs
receipt-title = Ontvangstbewijs
receipt-intro = { $organisation } heeft op { $date } deze telefoon uitgelezen. Uitlezen wijzigt of wist niets in de apps.
receipt-times = Aan het station
receipt-times-line = van { $from } tot { $to }
receipt-not-read = Niemand heeft berichten gelezen: op het scherm stonden alleen aantallen. Het resultaat is verzegeld, niet openbaar, niet ingezien. Dit station kan het zegel zelf niet openen.
receipt-counts = { $app }: { $conversations } gesprekken, { $messages } berichten, { $attachments } bijlagen; nieuwste bericht { $newest }
section-receipt-got = Wat is veiliggesteld
section-receipt-do = Wat u nu kunt doen
receipt-nothing-to-do = Er is niets te doen.
receipt-timers-on = { $app }: automatisch verwijderen staat AAN in gesprek { $numbers }. Welk gesprek dat is, kan de operator u alleen op het scherm tonen (uitlezen settings --to-holder).
receipt-timers-on-more = { $numbers } en nog { $count }
receipt-show-default = { $app }: toon de standaardtimer: Instellingen → Privacy → Standaardtimer voor berichten. Zet hem uit.
receipt-show-sms = { $app }: toon in de berichtenapp of oude berichten en eenmalige codes worden gewist, en de prullenbak.
receipt-more = … en nog { $count } bevindingen; ze staan in de volledigheidsverklaring.
section-receipt-seal = Zegel
receipt-keep = Bewaar dit blad. Met het controlegetal is later vast te stellen dat het zegel hetzelfde is.
sign-holder = Houder: gezien, telefoon terugontvangen
sign-operator = Operator
sign-date = Datum

## Scheiding
section-separation = Vooraf besloten scheiding
separation-none = Er is niets buiten de uitlezing gehouden.
separation-caption = Buiten de uitlezing gehouden (alleen aantallen)
separation-what = Op grond van
separation-rule = besluit { $rule } ({ $class })
separation-undecided = nog niet besloten; wacht in rol scheiding
separation-councillors = alleen raadsleden onder elkaar
separation-repeats = { $count } citaten, doorgestuurde berichten, bijlagen of namen herhaalden iets daarvan en zijn daar leeg gelaten.
separation-note = Wie besliste, wanneer en waarom staat onder het nummer van het besluit in het register.
class-zakelijk = zakelijk
class-prive = privé
class-partijpolitiek = partijpolitiek
class-gemengd = gemengd
class-onbekend = onbekend
who-managed = Beheer van de iPhone
managed-yes = er is beheer (profielen: { $profiles }); daarmee kan een app buiten de reservekopie worden gehouden zonder dat dat te zien is
managed-no = geen (profielen: { $profiles })
who-backed-up = Reservekopie van de iPhone
backed-up = { $kept } bestanden bewaard en { $passed } andere ongelezen voorbijgegaan

## Signal
app-others = Andere reservekopieën
others-line = { $backups } oudere of van de andere soort, niet gelezen{ $unfinished ->
        [0] {""}
       *[other] ; { $unfinished } onvoltooid
    }{ $exports ->
        [0] {""}
       *[other] ; { $exports } leesbare exports, niet gelezen: daarin ontbreekt elk bericht met een timer
    }
timer-set-off = { $app }: standaardtimer voor nieuwe gesprekken: UIT, volgens de instellingen van de app zelf.
timer-set-on = { $app }: standaardtimer voor nieuwe gesprekken: AAN, { $duration }, volgens de instellingen van de app zelf.
timer-never-set = { $app }: standaardtimer voor nieuwe gesprekken: nooit ingesteld, dus de standaard (uit) hoort te gelden; de houder toonde het scherm niet.
keep-set-off = { $app }: berichten bewaren: altijd, volgens de instellingen van de app zelf.
keep-never-set = { $app }: berichten bewaren: nooit ingesteld, dus de standaard (altijd) hoort te gelden; de houder toonde het scherm niet.
keep-must-show = { $app }: hoe lang berichten worden bewaard: staat niet in deze reservekopie en is niet getoond.
trim-set-off = { $app }: gesprekken inkorten: uit, volgens de instellingen van de app zelf.
trim-set-on = { $app }: elk gesprek wordt INGEKORT tot { $messages } berichten, volgens de instellingen van de app zelf.
trim-never-set = { $app }: gesprekken inkorten: nooit ingesteld, dus de standaard (uit) hoort te gelden; de houder toonde het scherm niet.
trim-must-show = { $app }: of gesprekken worden ingekort: staat niet in deze reservekopie en is niet getoond.
receipt-show-signal = { $app }: toon Instellingen → Privacy → Verlopende berichten, en Instellingen → Gegevens en opslag → Opslag beheren.

## Threema
receipt-show-threema = { $app }: toon in de instellingen van de app hoe lang berichten bewaard blijven.
