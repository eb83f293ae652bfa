//! What the file says about itself: information dictionary, XMP, and the space of its colours.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use time::{OffsetDateTime, UtcOffset};

use super::{dict, name, text, wrong};
use crate::content::Content;
use crate::error::ReportError;
use crate::strings::Words;

/// The program, as it names itself in the file.
const PRODUCER: &str = concat!("Plimsoll ", env!("CARGO_PKG_VERSION"));
const SRGB: &str = "sRGB IEC61966-2.1";
/// Where the head of a colour profile has its date: year, month, day, hour, minute, second, two bytes each.
const PROFILE_DATE: std::ops::Range<usize> = 24..36;

/// The information dictionary; it must say the same as the XMP packet.
pub fn info(content: &Content, words: Words) -> Dictionary {
    let date = text(&pdf_date(content.made_at));
    dict([
        ("Title", text(&title(content, words))),
        ("Author", text(&author(content))),
        ("Creator", text(PRODUCER)),
        ("Producer", text(PRODUCER)),
        ("CreationDate", date.clone()),
        ("ModDate", date),
    ])
}

/// Adds the XMP packet.
pub fn add_xmp(document: &mut Document, content: &Content, words: Words) -> ObjectId {
    let at = content.made_at.to_offset(UtcOffset::UTC);
    let date = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    let (title, author) = (escaped(&title(content, words)), escaped(&author(content)));
    let language = words.tag();
    let packet = format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
   <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
   <xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>
   <xmp:CreateDate>{date}</xmp:CreateDate>
   <xmp:ModifyDate>{date}</xmp:ModifyDate>
   <pdf:Producer>{PRODUCER}</pdf:Producer>
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#,
        bom = '\u{feff}'
    );
    let head = dict([("Type", name("Metadata")), ("Subtype", name("XML"))]);
    // Readers that know nothing of PDF find it only if it is not compressed.
    document.add_object(Stream::new(head, packet.into_bytes()).with_compression(false))
}

/// Adds the space that the colours are meant in.
pub fn add_output_intent(document: &mut Document) -> Result<ObjectId, ReportError> {
    let mut profile = moxcms::ColorProfile::new_srgb()
        .encode()
        .map_err(|error| wrong(format!("the colour profile could not be made: {error}")))?;
    // The profile names the time at which it was made; the same content must give the same bytes.
    if let Some(made) = profile.get_mut(PROFILE_DATE) {
        made.copy_from_slice(&[0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    let profile = document.add_object(Stream::new(dict([("N", Object::Integer(3))]), profile));
    Ok(document.add_object(dict([
        ("Type", name("OutputIntent")),
        ("S", name("GTS_PDFA1")),
        ("OutputConditionIdentifier", text(SRGB)),
        ("Info", text(SRGB)),
        ("DestOutputProfile", Object::Reference(profile)),
    ])))
}

/// A point in time as PDF writes it.
pub fn pdf_date(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!(
        "D:{:04}{:02}{:02}{:02}{:02}{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

fn title(content: &Content, words: Words) -> String {
    one_line(&format!("{} – {} {}", content.title, words.report_number(), content.number))
}

fn author(content: &Content) -> String {
    one_line(&match &content.auditor.organization {
        Some(firm) => format!("{}, {firm}", content.auditor.name),
        None => content.auditor.name.clone(),
    })
}

/// Without line feeds and without characters that XML does not allow.
fn one_line(text: &str) -> String {
    let legal = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c };
    text.chars().map(legal).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
