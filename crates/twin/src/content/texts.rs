//! What the people of a Dutch municipality that does not exist write to each other.
//!
//! A conversation stays on a topic for a while: sentences of one topic, with places, sums, days and files filled in.
//! The eight little scenes at the end are of the kinds that the guidance shows as right and wrong use of chat apps
//! (`reference/governance.md` R43: four harmless, four that belong in the records), in our own words.

use super::dice::Dice;

/// The sentences of one subject.
pub(super) type Topic = &'static [&'static str];

#[rustfmt::skip]
pub(super) const TOPICS: [Topic; 11] = [
    // begroting
    &[
        "De begroting voor {dossier} sluit nog niet, we zitten {bedrag} boven het kader",
        "Kun jij voor {dag} naar de cijfers van {dossier} kijken?",
        "Financiën heeft de tabel van {dossier} aangepast, zie pagina {n}",
        "Ik wil dit niet zonder {orgaan} besluiten",
        "Dekking uit de reserve {dossier}: {bedrag}. Akkoord?",
        "Dat bedrag klopt niet, het was {bedrag} in de kadernota",
        "Prima, dan nemen we het mee in de tweede rapportage",
        "{naam} vraagt of {bedrag} structureel of incidenteel is",
        "Structureel. Staat zo ook in het voorstel voor {orgaan}",
        "Ik zet het op de agenda voor {dag} {tijd}",
    ],
    // raadsvergadering
    &[
        "Raadsvergadering begint {dag} om {tijd}, spreektijd is {n} minuten per fractie",
        "Er komt een motie over {dossier}. Wie schrijft het preadvies?",
        "Motie is ingediend, oordeel: ontraden",
        "Het amendement op {dossier} haalt het met {n} stemmen",
        "Griffier vraagt de schriftelijke vragen over {dossier} voor {dag} te beantwoorden",
        "Vragen zijn beantwoord, staan in het systeem",
        "Beantwoording kan zo naar {orgaan}",
        "Schorsing van {n} minuten, ik bel je zo",
        "Hoe lag het in de fractie?",
        "Verdeeld. {naam} wil eerst cijfers over {plek}",
    ],
    // wethouder
    &[
        "Wethouder heeft {dag} om {tijd} een kwartier voor {dossier}",
        "Notitie over {dossier} ligt in de tas",
        "Portefeuillehouder wil de brief aan {orgaan} zelf zien",
        "Brief is getekend en verstuurd",
        "Staf verschuift naar {dag} {tijd}",
        "Graag een spreeklijn voor {dossier}, maximaal één pagina",
        "Spreeklijn volgt voor {tijd}",
        "Kan {naam} aanschuiven bij het bestuurlijk overleg?",
        "Ja, en neem de kaart van {plek} mee",
    ],
    // crisis
    &[
        "Waterstand bij {plek} is {n} cm boven het peil en stijgt",
        "Veiligheidsregio schaalt op, eerste overleg {tijd}",
        "Persbericht gaat pas uit na akkoord van de burgemeester",
        "Opvang in {plek} is open, er zijn {n} bewoners",
        "Brandweer is ter plaatse, geen slachtoffers",
        "Stroom is terug in {plek}",
        "Graag om het uur een situatiebeeld",
        "Volgende overleg {tijd}, inbellen mag",
        "We schalen af. Dank allemaal",
        "Evaluatie plannen we voor {dag}",
    ],
    // lunch
    &[
        "Lunch {dag} om {tijd} in de kantine?",
        "Kan, ik neem soep mee",
        "Wie heeft er taart besteld?",
        "De koffieautomaat op de tweede is weer stuk",
        "Broodjes staan bij de balie",
        "Lekker, tot zo",
        "Ik ben {n} minuten later",
        "👍",
        "😂😂",
    ],
    // agenda
    &[
        "Afspraak met {naam} verzet naar {dag} {tijd}",
        "Past {dag} {tijd} ook?",
        "Dan zit ik bij {orgaan}. {dag} kan wel",
        "De zaal bij {plek} is geboekt",
        "Wie zijn er bij het overleg over {dossier}?",
        "{naam}, jij en ik, en iemand van juridische zaken",
        "Uitnodiging is verstuurd",
        "Stukken komen {dag}",
        "Ik sta in de file, begin maar vast",
    ],
    // omgevingsplan
    &[
        "Zienswijzen op {dossier}: {n} binnen, waarvan de helft over verkeer",
        "De provincie heeft een vraag over {plek}",
        "Vergunning voor {plek} ligt ter inzage tot {dag}",
        "Omwonenden willen een avond in {plek}",
        "De ontwikkelaar vraagt uitstel",
        "Stikstofberekening is rond, ruimte blijft krap",
        "Welstand adviseert negatief over {plek}",
        "Laten we eerst het gesprek met {naam} afwachten",
        "Wordt het een wijziging van het plan of een losse vergunning?",
    ],
    // jeugdzorg
    &[
        "Wachttijd bij de aanbieder is nu {n} weken",
        "Inkoop {dossier} start {dag}",
        "Tarief gaat {n} euro omhoog per uur",
        "De regio wil een gezamenlijk standpunt voor {dag}",
        "Cliëntenraad is akkoord met kanttekeningen",
        "Kanttekeningen graag op papier",
        "Aantal aanvragen stijgt in {plek}",
        "Ik vraag het na bij {orgaan}",
    ],
    // pers
    &[
        "Journalist belt over {dossier}. Wie neemt hem?",
        "Woordvoering doet het, niet zelf reageren",
        "Reactie: we herkennen ons niet in het beeld, cijfers volgen {dag}",
        "Stuk staat online",
        "Het valt mee, kop is scherper dan de tekst",
        "Interview {dag} {tijd} in {plek}",
        "Feitencheck graag voor {tijd}",
        "Woo-verzoek over {dossier} is binnen, graag niets opruimen",
    ],
    // verkeer
    &[
        "De brug bij {plek} is dicht tot {dag}",
        "Omleiding via {plek}, bus rijdt om",
        "Buurt klaagt over {n} plekken minder",
        "Proef met 30 km loopt tot {dag}",
        "Tellingen: {n} fietsers per uur",
        "Aannemer begint {dag} {tijd}",
        "Subsidie van {bedrag} is toegezegd",
        "Strooien vannacht? Het gaat vriezen",
    ],
    // wijkbezoek
    &[
        "Wijkbezoek {plek} {dag} {tijd}, verzamelen bij de bibliotheek",
        "Bewoners vragen om verlichting bij {plek}",
        "Foto's van de rondgang volgen",
        "Mooie middag, goede gesprekken",
        "{naam} maakt het verslag",
        "Toegezegd: antwoord binnen {n} weken",
        "Speeltuin {plek} is afgekeurd, hek staat eromheen",
        "Het regent, toch doen?",
    ],
];

const DOSSIERS: [&str; 16] = [
    "de Havenkwartieren",
    "het zwembad",
    "de jeugdhulp",
    "de stationszone",
    "het afvalbeleid",
    "de Kanaalweg",
    "de sporthal Noord",
    "de energievisie",
    "het cultuurhuis",
    "de parkeernota",
    "de opvanglocatie",
    "het bomenplan",
    "de bibliotheek",
    "de ringweg",
    "het bedrijvenpark",
    "de wijk Oosterdreef",
];
const PLACES: [&str; 14] = [
    "Vlietmonde",
    "Oosterdreef",
    "de Haven",
    "het Raadhuisplein",
    "de Kanaalbrug",
    "Westerhage",
    "de Molenkade",
    "het Stationsplein",
    "Nieuwpolder",
    "de Sluis",
    "de Marktzaal",
    "Zuiderhof",
    "de Lindelaan",
    "het Veerhuis",
];
const BODIES: [&str; 9] = [
    "het college",
    "de raad",
    "de commissie Ruimte",
    "de commissie Samenleving",
    "de provincie",
    "het waterschap",
    "de veiligheidsregio",
    "de griffie",
    "de ondernemingsraad",
];
const DAYS: [&str; 9] =
    ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "morgen", "volgende week", "vanmiddag", "na het reces"];
const NAMES: [&str; 10] = ["Femke", "Joris", "Aylin", "Ruben", "Noor", "Willem", "Samira", "Teun", "Marit", "Bas"];
const ENDINGS: [&str; 12] = ["", "", "", "", "", "", ".", "!", " 👍", ". Dank!", ". Groet", ". Laat maar weten."];

/// The next sentence of the topic. `line` remembers how far the conversation is; now and then it jumps.
pub(super) fn sentence(topic: Topic, line: &mut usize, dice: &mut Dice) -> String {
    let mut out = String::with_capacity(96);
    // One in eight is a longer message of several sentences.
    let sentences = if dice.per_mille(125) { dice.between(2, 6) } else { 1 };
    for i in 0..sentences {
        *line = if dice.per_mille(250) { dice.index(topic.len()) } else { (*line + 1) % topic.len() };
        if i > 0 {
            let closed = out.ends_with(['?', '!', '👍', '😂']);
            out.push_str(if closed { "" } else { "." });
            out.push(if dice.per_mille(300) { '\n' } else { ' ' });
        }
        fill(topic[*line], dice, &mut out);
    }
    if out.ends_with(char::is_alphanumeric) {
        out.push_str(dice.pick(&ENDINGS));
    }
    out
}

fn fill(line: &str, dice: &mut Dice, out: &mut String) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (slot, after) = after.split_once('}').unwrap_or((after, ""));
        match slot {
            "dossier" => out.push_str(dice.pick(&DOSSIERS)),
            "plek" => out.push_str(dice.pick(&PLACES)),
            "orgaan" => out.push_str(dice.pick(&BODIES)),
            "dag" => out.push_str(dice.pick(&DAYS)),
            "naam" => out.push_str(dice.pick(&NAMES)),
            "bedrag" => out.push_str(&format!("€ {}.{:03}", dice.between(1, 940), dice.between(0, 19) * 50)),
            "tijd" => out.push_str(&format!("{}.{:02} uur", dice.between(8, 20), dice.between(0, 3) * 15)),
            _ => out.push_str(&dice.between(2, 48).to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
}

pub(super) fn place(dice: &mut Dice) -> &'static str {
    dice.pick(&PLACES)
}

pub(super) fn dossier(dice: &mut Dice) -> &'static str {
    dice.pick(&DOSSIERS)
}

/// Subjects of groups, in order; more groups get a number behind one of these.
pub(super) const GROUPS: [&str; 14] = [
    "College B&W",
    "Begroting 2027",
    "Crisisteam hoogwater",
    "Bestuurssecretariaat",
    "Fractievoorzitters",
    "Stationszone stuurgroep",
    "MT Ruimte",
    "Woordvoering",
    "Regio-overleg jeugd",
    "Borrel vrijdag 🍻",
    "Verkiezingen 2026",
    "Wijkteam Oosterdreef",
    "Kerngroep Omgevingsplan",
    "Buren Molenkade",
];

/// Who says a line of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    Holder,
    Other,
}

use Speaker::{Holder as H, Other as O};

/// Eight scenes: the first four are harmless, the last four are matters for the records.
#[rustfmt::skip]
pub(super) const SCENES: [&[(Speaker, &str)]; 8] = [
    &[(H, "Zullen we zo even lunchen?"), (O, "Ja, over tien minuten beneden"), (H, "Top")],
    &[(O, "Fijn weekend alvast!"), (H, "Jij ook, geniet van de zon"), (O, "Gaan we doen 😎")],
    &[(O, "Wie zijn er straks bij de afspraak?"), (H, "Femke, Joris en iemand van de provincie"), (O, "Dank, tot zo")],
    &[(H, "Heb je het memo al gemaild?"), (O, "Staat sinds vanochtend in je postvak"), (H, "Gevonden, ik lees het vanavond")],
    &[(O, "Kan Peter naar schaal 12? Hij heeft er recht op na zijn beoordeling"), (H, "Doe maar, per januari. Regel jij het met personeelszaken?"), (O, "Komt goed")],
    &[(H, "Hoe is het met Anne?"), (O, "Burn-out, de bedrijfsarts denkt aan een half jaar"), (H, "Vervelend. We zoeken vervanging, hou het klein")],
    &[(O, "De eigenaar van het pand ruimt nog steeds niet op"), (H, "Leg de dwangsom maar op, € 5.000 per week"), (O, "Gaat vandaag de deur uit")],
    &[(O, "Ik heb voor zes uur een besluit nodig over de opvang"), (H, "College is akkoord, rondje per telefoon gedaan"), (O, "Dan teken ik het contract")],
];
