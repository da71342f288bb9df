//! What the register says besides what sluis acts on: the parts of a DPIA that are a matter of judgement.
//! Nothing here changes what is done with the data.

use std::collections::BTreeMap;

/// `[assessment]`, with what is below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assessment {
    /// A text for a part of the DPIA model, by [`Topic`].
    pub texts: BTreeMap<Topic, String>,
    /// Who has a part in it, by id.
    pub parties: BTreeMap<String, Party>,
    /// The risks to the people whom the data is about, by id.
    pub risks: BTreeMap<String, Risk>,
}

/// What a text of `[assessment]` is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// `proposal`: what is proposed, and why.
    Proposal,
    /// `interests`: who has an interest in it.
    Interests,
    /// `locations`: where the data is.
    Locations,
    /// `framework`: laws and policy besides the legal bases of the sources.
    Framework,
    /// `special_data`: why special categories may be processed (AVG 9).
    SpecialData,
    /// `purpose_limitation`: why this use is compatible with what the data was collected for.
    PurposeLimitation,
    /// `necessity`: whether it could be done with less.
    Necessity,
    /// `rights`: how people exercise their rights.
    Rights,
}

impl Topic {
    /// All of them, in the order of the DPIA model.
    pub const ALL: [Self; 8] = [
        Self::Proposal,
        Self::Interests,
        Self::Locations,
        Self::Framework,
        Self::SpecialData,
        Self::PurposeLimitation,
        Self::Necessity,
        Self::Rights,
    ];

    /// Its key in the register.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Proposal => "proposal",
            Self::Interests => "interests",
            Self::Locations => "locations",
            Self::Framework => "framework",
            Self::SpecialData => "special_data",
            Self::PurposeLimitation => "purpose_limitation",
            Self::Necessity => "necessity",
            Self::Rights => "rights",
        }
    }
}

/// Who has a part in the processing: `[assessment.party.ID]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The name.
    pub name: String,
    /// The part.
    pub role: PartyRole,
    /// What the party does, in Dutch.
    pub description: String,
    /// The partners of the contracts that it is.
    pub partners: Vec<String>,
}

/// The part that a party has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartyRole {
    /// `verwerkingsverantwoordelijke`
    Controller,
    /// `gezamenlijk-verantwoordelijke`
    JointController,
    /// `verwerker`
    Processor,
    /// `verstrekker`: gives the data.
    Supplier,
    /// `ontvanger`: gets the outcome.
    Recipient,
}

impl PartyRole {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Controller,
        Self::JointController,
        Self::Processor,
        Self::Supplier,
        Self::Recipient,
    ];

    /// The Dutch name that the register uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Controller => "verwerkingsverantwoordelijke",
            Self::JointController => "gezamenlijk-verantwoordelijke",
            Self::Processor => "verwerker",
            Self::Supplier => "verstrekker",
            Self::Recipient => "ontvanger",
        }
    }
}

/// A risk to the people whom the data is about: `[assessment.risk.ID]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// What can happen, and what of it, in Dutch.
    pub description: String,
    /// How likely it is without the measures.
    pub likelihood: Level,
    /// How bad it is for somebody.
    pub impact: Level,
    /// What is done about it, in Dutch; one at least.
    pub measures: Vec<String>,
    /// What is left of it, when somebody has judged that.
    pub remaining: Option<Level>,
}

/// How large something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `laag`
    Low,
    /// `gemiddeld`
    Middle,
    /// `hoog`
    High,
}

impl Level {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Low, Self::Middle, Self::High];

    /// The Dutch name that the register uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "laag",
            Self::Middle => "gemiddeld",
            Self::High => "hoog",
        }
    }
}
