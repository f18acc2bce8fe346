//! `LEESMIJ.txt`: what this file is, how to check it and how to open it without our program, in Dutch and English.

use crate::header::{Header, Mark, Origin};
use std::fmt::Write;

const CHECK: &str = "\
    unzip ZEGEL.uitlezing -d x && cd x
    openssl cms -verify -cades -binary -inform DER -in META-INF/signature001.p7s \\
        -content META-INF/ASiCManifest001.xml -CAfile station.pem -out /dev/null
    openssl dgst -sha256 -binary deel/000001 | base64
";

const OPEN: &str = "\
    age -d -i IDENTITY sleutels/ROLE.1.age        ->  uitlezing/1 role-key <64 hex digits>
    HKDF-SHA256(role key, salt \"\", info \"uitlezing/1 role key commitment\", 32) = commitment in zegel.json
    HKDF-SHA256(role key, salt \"\", info \"uitlezing/1 index\", 32) = key of index/ROLE
    part: header = first 64 bytes; chunk = 2^header[9]; salt = header[16:48]
    okm = HKDF-SHA256(key, salt, info \"uitlezing/1 segment\", 39); AES-256-GCM key = okm[:32]
    chunk i: nonce = okm[32:] + u32 big endian i + (1 if last else 0); AAD = header; tag 16 bytes behind each chunk
    index/ROLE is JSON: items, their pieces, and the keys of the parts deel/NNNNNN
";

/// The text for a seal.
#[must_use]
pub fn text(header: &Header) -> String {
    let mut out = String::with_capacity(6 << 10);
    if header.origin == Origin::Demo {
        out.push_str("DEMO - geen echte uitlezing / not a real readout\n\n");
    }
    if header.mark == Some(Mark::NietGeregistreerd) {
        out.push_str("NIET GEREGISTREERD - de telefoon of de ambtstermijn stond niet in het register; de reden staat in rol verantwoording\n");
        out.push_str(
            "NOT REGISTERED - the phone or the term was not in the register; the reason stands in role verantwoording\n\n",
        );
    }
    let certificate = header.station;
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "VERZEGELDE UITLEZING ({run})
==================================================

Dit bestand is een verzegelde uitlezing van een zakelijke telefoon: versleuteld voor de organisatie, ondertekend door het
station dat heeft uitgelezen. Het is een ASiC-E-container (ETSI EN 319 162): een ZIP met een handtekening over een lijst
van SHA-256-waarden van alle onderdelen. De inhoud staat versleuteld in deel/ en index/. zegel.json is leesbaar.

CONTROLEREN (zonder sleutel)
{CHECK}
- De laatste regel moet voor elk onderdeel gelijk zijn aan DigestValue in META-INF/ASiCManifest001.xml, en er mag buiten
  mimetype en META-INF/ geen onderdeel zijn dat daar niet in staat.
- station.pem moet van elders komen (het register van de organisatie), nooit uit dit bestand. Een certificaat dat het
  station zelf heeft gemaakt wordt door niemand vanzelf vertrouwd. SHA-256 van het certificaat hoort te zijn:
  {certificate}
- Laat -binary niet weg en gebruik geen -noverify.
- Is het certificaat verlopen, dan weigert openssl. Geef dan met -attime <Unix-seconden> een tijd die u om een andere reden
  gelooft, bijvoorbeeld uit het logboek; de tijd in de handtekening zelf is alleen een bewering.

OPENEN (met een sleutel van een rol, zie zegel.json)
{OPEN}
FORMAT.md bij het programma beschrijft dit byte voor byte.

SEALED EXTRACTION
==================================================

This file is a sealed extraction of a business phone: encrypted to the organisation, signed by the station that read it
out. It is an ASiC-E container (ETSI EN 319 162): a ZIP with a signature over a list of SHA-256 values of all entries. The
content stands encrypted in deel/ and index/. zegel.json can be read.

CHECKING (needs no key): the commands stand above, at CONTROLEREN.
- For each entry the last line must equal its DigestValue in META-INF/ASiCManifest001.xml, and outside mimetype and
  META-INF/ there may be no entry that is not listed there.
- station.pem must come from elsewhere (the organisation's register), never out of this file. A certificate that the
  station made itself is trusted by nobody's default. SHA-256 of the certificate should be:
  {certificate}
- Do not leave out -binary, do not use -noverify.
- Once the certificate has expired, openssl refuses. Give with -attime <unix seconds> a time that you believe for another
  reason, the ledger for instance; the time in the signature is only a claim.

OPENING (with a key of a role, see zegel.json): the recipe stands above, at OPENEN.
FORMAT.md beside the program describes this byte for byte. A role with files ROLE.a.1.age and ROLE.b.1.age needs one of
each: XOR of the two halves is the role key.
",
        run = header.run,
    );
    out
}
