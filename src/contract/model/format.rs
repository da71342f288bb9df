//! Formats and their dialects: what `[format]` of a pipeline says.

/// The format of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text with a header.
    Csv(CsvDialect),
    /// An Excel workbook (XLSX).
    Xlsx(XlsxDialect),
    /// XML messages, alone or in a ZIP.
    Xml(XmlDialect),
    /// JSON: an array of records, or one record a line (NDJSON).
    Json(JsonDialect),
    /// Lines of fixed width with a header, records and a trailer (EI).
    Ei(EiDialect),
}

impl Format {
    /// The encoding of the text that its decoder hands to the lock.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        match self {
            Self::Csv(dialect) => dialect.encoding,
            Self::Ei(dialect) => dialect.encoding,
            Self::Xlsx(_) | Self::Xml(_) | Self::Json(_) => Encoding::Utf8,
        }
    }

    /// Longest accepted record in bytes.
    #[must_use]
    pub const fn max_row_bytes(&self) -> usize {
        match self {
            Self::Csv(dialect) => dialect.max_row_bytes,
            Self::Xlsx(dialect) => dialect.max_row_bytes,
            Self::Xml(dialect) => dialect.max_row_bytes,
            Self::Json(dialect) => dialect.max_row_bytes,
            Self::Ei(dialect) => dialect.max_row_bytes,
        }
    }
}

/// A workbook: which sheets, where the header stands, which rows are no records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XlsxDialect {
    /// Sheets that are read, by name; empty: all but those of `skip_sheets`.
    pub sheets: Vec<String>,
    /// Sheets that are known and hold no records. A sheet in neither list refuses the delivery.
    pub skip_sheets: Vec<String>,
    /// The row of the header, counted from 1 as Excel does.
    pub header_row: u32,
    /// Rows of the header; two when merged cells stand above the names.
    pub header_rows: u32,
    /// A row whose first cell with text begins with one of these is a total and no record.
    pub totals: Vec<String>,
    /// Longest accepted row in bytes.
    pub max_row_bytes: usize,
    /// What the workbook may unpack to, in bytes.
    pub max_unpacked_bytes: u64,
}

/// XML messages. Elements are known by their local names, whatever prefix they carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlDialect {
    /// Namespaces that the root element may have. `*` within one stands for any text without `/`.
    pub namespaces: Vec<String>,
    /// Path below the root of the element that is held in memory as a whole: one person.
    pub record: Vec<String>,
    /// Paths below a record of the elements that each make a row; empty: the record is the row.
    pub rows: Vec<String>,
    /// Whether the delivery is a ZIP of messages.
    pub zipped: bool,
    /// Deepest accepted nesting.
    pub max_depth: usize,
    /// Longest accepted record in bytes, as XML.
    pub max_row_bytes: usize,
    /// What the ZIP may unpack to, in bytes.
    pub max_unpacked_bytes: u64,
    /// Messages in a ZIP at most.
    pub max_files: usize,
}

/// JSON records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonDialect {
    /// One record a line (NDJSON) instead of an array.
    pub lines: bool,
    /// Path of the array within a record of which each element makes a row; `None`: the record does.
    pub rows: Option<String>,
    /// Longest accepted record in bytes.
    pub max_row_bytes: usize,
}

/// Lines of fixed width. Every record begins with its two-digit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EiDialect {
    /// How bytes become characters.
    pub encoding: Encoding,
    /// Bytes in a line, without its end.
    pub line_bytes: usize,
    /// The code of the header record.
    pub header: String,
    /// The code of the record of a person: its fields hold for the rows after it.
    pub person: String,
    /// The codes of the records that each make a row.
    pub rows: Vec<String>,
    /// The code of the trailer.
    pub trailer: String,
    /// Where fields stand.
    pub fields: Vec<EiField>,
    /// What the trailer counts.
    pub counts: Vec<EiCount>,
    /// Longest accepted group of lines of one person, in bytes.
    pub max_row_bytes: usize,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EiField {
    /// The code of the record.
    pub record: String,
    /// The header of the column that it fills.
    pub header: String,
    /// Its first byte in the line, counted from 1.
    pub from: usize,
    /// Its length in bytes.
    pub length: usize,
}

/// A count in the trailer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EiCount {
    /// The code of the records that it counts; empty: all records, header and trailer included.
    pub record: String,
    /// Its first byte in the line, counted from 1.
    pub from: usize,
    /// Its length in bytes.
    pub length: usize,
}

/// A CSV dialect. Line ends may be LF or CRLF; quotes are doubled inside quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvDialect {
    /// How bytes become characters.
    pub encoding: Encoding,
    /// Field separator (ASCII).
    pub delimiter: u8,
    /// Longest accepted record in bytes; a longer one (an unclosed quote, mostly) refuses the
    /// delivery.
    pub max_row_bytes: usize,
}

/// Character encodings that partners use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252.
    Windows1252,
}
