//! A text of the product in its two languages.

use serde::{Deserialize, Serialize};

/// The languages that the product speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English
    #[default]
    En,
    /// German
    De,
}

/// One text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English
    pub en: String,
    /// German
    pub de: String,
}

impl Text {
    /// The text in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::De => &self.de,
        }
    }
}

/// Several texts in both languages, such as hints on evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// English
    pub en: Vec<String>,
    /// German
    pub de: Vec<String>,
}

impl Texts {
    /// The texts in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &[String] {
        match language {
            Language::En => &self.en,
            Language::De => &self.de,
        }
    }
}
